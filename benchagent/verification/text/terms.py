"""What words of a report name: metrics, statistics, kinds of file.

The words are the field's own, taken from the labels of `quantities.metrics` and the ways people
write them; nothing here is a name or a number of some corpus.
"""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from typing import Final, NamedTuple

from benchagent.quantities.metrics import METRICS, name_percentile
from benchagent.verification.kept import remember
from benchagent.verification.text.letters import in_lower_case, words_in

_RATE: Final = ("decode_rate", "throughput", "prefill_rate", "word_rate", "request_rate")

# A phrase and the metrics that it may mean, the most telling phrase first.
_PHRASES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"time[- ]to[- ]first[- ]token|\bttfts?\b|first[- ]token (?:latency|time|delay)|(?:(?:to|for|until) the )?\bfirst[- ]tokens?\b(?: (?:came|arriv|appear|after|took|within))?", ("ttft",)),
    (r"time per output token|\btpot\b|time per token|per (?:output|generated) token|token[- ]time", ("tpot",)),
    (r"inter[- ]token latency|\bitl\b", ("itl",)),
    # llama-bench: 512 tokens of a prompt processed, 128 generated
    (r"\bpp[- ]?\d+\b", ("prefill_rate",)),
    (r"\btg[- ]?\d+\b", ("decode_rate",)),
    ((r"prompt (?:tokens?|eval(?:uation)?|processing)?\s*(?:rate|speed|throughput)|prefill (?:rate|speed|throughput)"
     r"|(?:prompt(?: (?:processing|eval(?:uation)?))?|prefill|pp)[- _](?:tok(?:en)?s?[- ]?(?:/|per)[- ]?s\w*|t/s|tps\b)"),
     ("prefill_rate",)),
    (r"prompt[- _]?eval(?:uation)?[- _](?:time|duration|latency)|prompt_eval|prefill (?:time|latency|duration)",
     ("prompt_eval_time",)),
    # a phase by its name alone: how long it took or how fast it was
    (r"\bprefill(?:s|ed|ing)?\b|prompt processing|prompt eval(?:uation)?\b", ("prompt_eval_time", "prefill_rate")),
    (r"(?:model )?load(?:ing)?[- _](?:times?|durations?|latency)|\bload_s\b|cold[- ]load|\bloading\b|\bload(?=\s*\((?:m?s|sec\w*)\))|\bloads?(?=\s+(?:\S+\s+){0,2}(?:fast|slow|quick))|(?<=to )load\b", ("load_time",)),
    (r"compil(?:e|ation|ing)[- _](?:times?|durations?|costs?|steps?|phases?)|time to compile|\bcompil(?:es?|ed)\b(?=[^.;,]{2,40}\bin\s+\W{0,3}\d)|\bcompil(?:ing|ation)\b(?=[^.;,]{2,60}\b(?:took|takes?|need(?:s|ed)?)\b)", ("compile_time",)),
    (r"eval(?:uation)?[- _](?:time|duration)s?|generation[- ]times?", ("eval_time", "latency")),
    (r"total[- _](?:times?|durations?)|end[- ]to[- ]end (?:time|latency)", ("total_time", "latency", "duration")),
    ((r"throughputs?|tok(?:en)?s?[- _]?(?:processed|generated)?\s*(?:/|per)[- ]?(?:s\b|sec\b|second)|\btok/s|\btps\b"
     r"|token[- ]rates?|decode[- ](?:rate|speed)s?|\bdecod(?:es|ed|ing)\b(?: (?:rate|speed)s?)?|\bgen(?:eration)? (?:rate|speed)s?|inference speeds?"
     r"|tokens[_ ]s\b"), ("decode_rate", "throughput")),
    (r"request rates?|req(?:uest)?s?[- ]?(?:/|per)[- ]?s(?:ec(?:ond)?)?\b", ("request_rate",)),
    (r"word rates?|words per second", ("word_rate",)),
    ((r"latenc(?:y|ies)|response times?|execution times?|run[- ]?times?|inference times?|mean times?(?! to\b| per\b)"
     r"|processing times?|step times?|kernel times?"), ("latency", "total_time", "duration")),
    (r"prompt[- _]tokens?|input tokens?", ("prompt_tokens",)),
    (r"(?:output|generated|completion) tokens?(?!\s*(?:/|per\b))|tokens? generated|eval[- _]counts?",
     ("output_tokens", "total_tokens")),
    (r"total tokens?", ("total_tokens", "output_tokens")),
    (r"token counts?|\btokens\b", ("output_tokens", "total_tokens", "prompt_tokens")),
    (r"response (?:length|char(?:acter)?s?|size)", ("response_chars", "response_words")),
    (r"gpu utili[sz]ation|gpu usage|gpu load|gpu util\b|gpu(?=\s+\d[\d.]*\s?%)|(?<=% )utili[sz](?:ed|ation)\b", ("gpu_utilization",)),
    (r"cpu utili[sz]ation|cpu usage|cpu load|cpu util\b|cpu(?=\s+\d[\d.]*\s?%)", ("cpu_utilization",)),
    (r"resource utili[sz]ation|resource usage|system utili[sz]ation",
     ("cpu_utilization", "gpu_utilization", "memory", "vram")),
    (r"gpu memory|vram", ("vram",)),
    (r"memory[- ](?:usage|use|footprint|utili[sz]ation|consumption)|memory|\bresident\b|\brss\b|(?<=the )ram\b|(?<=more )ram\b|(?<=less )ram\b|(?<=most )ram\b|(?<=least )ram\b", ("memory", "vram", "memory_utilization")),
    (r"model sizes?|size of the model|(?:storage|disk) (?:requirements?|footprint|space)|weights? on disk|parameter file size", ("model_size",)),
    (r"accurac(?:y|ies)", ("accuracy",)),
    (r"perplexit(?:y|ies)", ("perplexity",)),
    (r"\bloss(?:es)?\b", ("loss",)),
    (r"success rates?", ("success_rate",)),
    (r"speed[- ]?ups?", ("speedup",)),
    (r"power (?:draw|consumption|usage)|\bpower\b(?= (?:was|is|of))|\bdr(?:aws?|ew|awing)\b(?=[^;,]{0,30}\d\s?w(?:atts?)?\b)", ("power",)),
    (r"(?:gpu|cpu|device|core|chip) temperatures?|\btemperatures?\b(?=[^.;,\d]{0,12}\d[\d.,]*\s?°)", ("temperature_c",)),
    (r"clock (?:rate|speed|frequency)", ("clock_rate",)),
    (r"\bdurations?\b|elapsed(?: time)?|wall[- ]?(?:clock )?time", ("duration", "total_time", "latency")),
)  # fmt: skip
# Whatever a word that is no column of some data may mean.
SHARED_METRICS: Final = frozenset(METRICS).union(*(metrics for _, metrics in _PHRASES))
_METRIC: Final = re.compile(
    r"\b(?=[a-z])(?:"
    + "|".join(f"(?P<m{at}>{phrase})" for at, (phrase, _) in enumerate(_PHRASES))
    + ")"
)
# Most sentences of a report name no metric, and this tells it cheaply.
_TRIGGER: Final = re.compile(
    r"tim|tok|req|pu\s|pp[- ]?\d|tg[- ]?\d|per sec|decod|tps|lat|rate|speed|throu|load|eval|prefill|compil|dura|size|accur|perpl|loss|util|"
    r"usage|memor|resident|rss|ram|power|draw|drew|clock|temp|ttft|tpot|itl|response|weight|storage|disk|elapsed|footprint"
)

_STATISTICS: Final[tuple[tuple[str, str], ...]] = (
    ("stddev", r"standard deviations?|std\.?(?: ?dev\.?)?\b|stdev|\bsd\b|σ"),
    ("stderr", r"standard errors?|stderr"),
    ("range", r"\branges?\b|rang(?:es|ed|ing)\b|\bspreads\b|spann?(?:ed|ing|s)?\b"),
    ("spread", r"\bspread\b"),
    ("ci", r"confidence interval|95\s?% interval|\bci\b|\binterval\b"),
    ("percentile", r"\bp(?P<p1>\d{1,2}(?:\.\d+)?)\b|\b(?P<p2>\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)[- ](?:percentiles?|pctl?|%-?iles?)(?![a-z])"),
    ("median", r"\bmedians?\b|\bp50\b|50th[- ]percentile|\btypical(?:ly)?\b"),
    ("mean", r"\bmeans?\b|\baverag(?:e|es|ed|ing)\b|\bavg\b|\boverall\b|\barithmetic mean\b"),
    ("max", r"\bmax(?:imum|ima|s)?\b|\bat most\b|\bup to\b|\b(?:none|never|not) (?:above|over|more than)\b"),
    ("min", r"(?<![a-z]s/)\bmin(?:imum|ima|s(?= \d))?\b|\bat least\b|\bdown to\b|\b(?:none|never|not) (?:below|under|less than)\b"),
    ("top", r"\bbest\b|\bfastest\b|\bhighest\b|\bpeak(?:s|ed|ing)?\b|\btop\b|\blargest\b|\blongest\b|\bgreatest\b|\boutliers?\b|\bspikes?\b"),
    ("bottom", r"\bworst\b|\bslowest\b|\blowest\b|\bsmallest\b|\bshortest\b|\bleast\b"),
    ("total", r"\btotals?\b|\bsums?\b|\baltogether\b|\btogether\b(?! with\b)|\bcombined\b|\badd(?:s|ed|ing)? up to\b"),
)  # fmt: skip
_STATISTIC: Final = re.compile(
    r"(?<![a-z])(?=[a-z\dσ])(?:"
    + "|".join(f"(?P<{name}>{phrase})" for name, phrase in _STATISTICS)
    + ")"
)
# A word of each of these phrases.
_STATISTIC_WORDS: Final = frozenset(
    "standard std stddev stddevs stdev stdevs sd stderr stderrs range ranges ranged ranging rang "
    "spread spreads spreading span spans spanned spanning spaned spaning confidence interval "
    "intervals ci p st nd rd th median medians typical typically mean means average "
    "averages averaged averaging avg overall arithmetic max maximum maxima maxs most up none never not "
    "min minimum minima mins least down best fastest highest peak peaks peaked peaking top largest "
    "longest greatest outlier outliers spike spikes worst slowest lowest smallest shortest total "
    "totals sum sums altogether together combined add adds added adding".split()
)
# A 95th percentile of three runs' means is none of calls.
_OF_OTHERS: Final = re.compile(r"\s+of\s+(?:(?:the|all|its|their)\s+)?(?P<whose>runs['’]\s+)?")
_WITHIN: Final = re.compile(r"mean|median|p\d{1,2}(?:\.\d+)?")
# `Total duration` and `Total (ms)` are about one call; `total` names the metric there.
_TOTAL_OF: Final = re.compile(
    r"total(?:[- _](?:tokens?|times?|durations?|latenc(?:y|ies))|\s*[(\[](?:m?s|sec(?:ond)?s?)[)\]])",
    re.IGNORECASE,
)

KIND: Final = re.compile(
    r"(?<![\w/.])\.?(?:(?P<json>jsonl?)|(?P<csv>csvs?)|(?P<md>markdown|md))(?![\w/]|\.\w)"
)
_KIND_WORD: Final = re.compile(r"csv|json|md|markdown")
NAMES_OF_KINDS: Final = {"json": "JSON", "csv": "CSV", "md": "Markdown", "other": "other"}


class Word(NamedTuple):
    """A phrase found in a text, and what it means."""

    start: int
    end: int
    meaning: str | tuple[str, ...]


@remember(4096)
def find_metrics(text: str) -> tuple[Word, ...]:
    """The metrics that a text names, in order."""
    lower = in_lower_case(text)
    if not _TRIGGER.search(lower):
        return ()
    found: list[Word] = []
    for match in _METRIC.finditer(lower):
        at = int((match.lastgroup or "m0")[1:])
        found.append(Word(match.start(), match.end(), _PHRASES[at][1]))
    return tuple(found)


@remember(4096)
def find_statistics(text: str) -> tuple[Word, ...]:
    """The statistics that a text names (`p95`, `mean`, `max`), in order."""
    lower = in_lower_case(text)
    if words_in(text).isdisjoint(_STATISTIC_WORDS) and "\u03c3" not in lower:
        return ()
    found: list[Word] = []
    for match in _STATISTIC.finditer(lower):
        name = next(name for name, _ in _STATISTICS if match[name] is not None)
        if name == "percentile":
            name = name_percentile(float(match["p1"] or match["p2"]))
        if name == "total" and _TOTAL_OF.match(text, match.start()):
            continue
        word = Word(match.start(), match.end(), name)
        found[-1:] = _join_statistics(found[-1], word, lower) if found else [word]
    return tuple(found)


def _join_statistics(one: Word, other: Word, text: str) -> list[Word]:
    """`p95 of the means` as the one statistic that it is, else both words."""
    between = _OF_OTHERS.fullmatch(text, one.end, other.start)
    within = str(other.meaning)
    plural = text[other.start : other.end].endswith("s")
    if not between or not _WITHIN.fullmatch(within) or not (plural or between["whose"]):
        return [one, other]
    several = f"{within}s" if within in ("mean", "median") else within
    return [Word(one.start, other.end, f"{one.meaning}_of_{several}")]


def find_kinds(text: str) -> list[Word]:
    """The kinds of file that a text names, in order."""
    lower = in_lower_case(text)
    if not _KIND_WORD.search(lower):
        return []
    return [
        Word(match.start(), match.end(), match.lastgroup or "") for match in KIND.finditer(lower)
    ]
