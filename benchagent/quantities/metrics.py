"""What is measured, whatever a tool calls it.

A metric is known by its definition, not by its label: two tools' "TTFT" of which one counts the
queue are the same `metric` with two `definition`s, and are never averaged together. Every metric
has one canonical unit.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Direction = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is measured, whatever a tool calls it.

    Attributes:
        label: its name in prose, lower case.
        unit: canonical unit; `1` for a bare number that has none (a loss, a score).
        better: which direction a reader wants; `neither` where it depends.
        meaning: one sentence for the appendix of a report.
    """

    id: str
    label: str
    unit: str
    better: Direction
    meaning: str


def _metric(id: str, label: str, unit: str, better: Direction, meaning: str) -> Metric:
    return Metric(id=id, label=label, unit=unit, better=better, meaning=meaning)


METRICS: Final[dict[str, Metric]] = {
    metric.id: metric
    for metric in [
        _metric(
            "ttft", "time to first token", "ms", "lower", "from the request to the first token"
        ),
        _metric("tpot", "time per output token", "ms", "lower", "per generated token"),
        _metric("itl", "inter-token latency", "ms", "lower", "between two tokens of one answer"),
        _metric("decode_rate", "decode rate", "tok/s", "higher", "tokens generated per second"),
        _metric("prefill_rate", "prefill rate", "tok/s", "higher", "prompt tokens per second"),
        _metric("throughput", "throughput", "tok/s", "higher", "tokens per second of all requests"),
        _metric("request_rate", "request rate", "req/s", "higher", "requests completed per second"),
        _metric("requests_sent", "requests sent", "1", "neither", "to a server, answered or not"),
        _metric("requests_completed", "requests completed", "1", "neither", "with an answer"),
        _metric("load_time", "load time", "ms", "lower", "getting the model ready"),
        _metric("prompt_eval_time", "prompt evaluation time", "ms", "lower", "reading the prompt"),
        _metric("eval_time", "generation time", "ms", "neither", "generating the answer"),
        _metric("total_time", "total time", "ms", "lower", "the whole call, as the server says"),
        _metric("latency", "latency", "ms", "lower", "one execution, start to end"),
        _metric("compile_time", "compile time", "ms", "lower", "compiling before the first run"),
        _metric("duration", "duration", "ms", "neither", "how long the benchmark ran"),
        _metric("prompt_tokens", "prompt tokens", "tokens", "neither", "tokens of the prompt"),
        _metric("output_tokens", "output tokens", "tokens", "neither", "tokens generated"),
        _metric("total_tokens", "total tokens", "tokens", "neither", "prompt and answer"),
        _metric("response_chars", "response length", "chars", "neither", "characters of answer"),
        _metric("response_words", "response length", "words", "neither", "words of the answer"),
        _metric("word_rate", "word rate", "words/s", "higher", "words of answer per second"),
        _metric("efficiency", "efficiency", "ratio", "higher", "speed-up over the ideal one"),
        _metric("accuracy", "accuracy", "ratio", "higher", "share of correct answers"),
        _metric("score", "score", "1", "higher", "a grade on the scale of its task"),
        _metric("loss", "loss", "1", "lower", "the objective that training minimises"),
        _metric("perplexity", "perplexity", "1", "lower", "exp of the mean token loss"),
        _metric("success_rate", "success rate", "ratio", "higher", "share of runs that succeeded"),
        _metric("model_size", "model size", "bytes", "lower", "weights on disk"),
        _metric("memory", "memory", "bytes", "lower", "main memory in use"),
        _metric("vram", "GPU memory", "bytes", "lower", "GPU memory in use"),
        _metric("gpu_utilization", "GPU utilisation", "ratio", "neither", "share of time busy"),
        _metric("cpu_utilization", "CPU utilisation", "ratio", "neither", "share of time busy"),
        _metric("power", "power", "W", "lower", "electrical power drawn"),
        _metric("energy", "energy", "J", "lower", "electrical energy spent"),
        _metric("temperature_c", "temperature", "°C", "lower", "of the device"),
        _metric("clock_rate", "clock rate", "Hz", "neither", "of the device"),
        _metric("speedup", "speed-up", "ratio", "higher", "time of the baseline over the time"),
    ]
}

# What tuners measure beside speed. A report calls these by their names alone, as it does the data's
# own columns, so that no word of the language means one of them.
OTHER_METRICS: Final[dict[str, Metric]] = {
    metric.id: metric
    for metric in [
        _metric("wer", "word error rate", "ratio", "lower", "wrong words over all spoken"),
        _metric("cer", "character error rate", "ratio", "lower", "wrong characters over all"),
        _metric("f1", "F1", "ratio", "higher", "harmonic mean of precision and recall"),
        _metric("exact_match", "exact match", "ratio", "higher", "share of answers as expected"),
        _metric("recall", "recall", "ratio", "higher", "share of what was to be found"),
        _metric("mrr", "MRR", "ratio", "higher", "mean of 1 over the rank of the first right one"),
        _metric("bleu", "BLEU", "ratio", "higher", "n-grams shared with a reference"),
        _metric("chrf", "chrF", "ratio", "higher", "characters shared with a reference"),
        _metric("rouge_1", "ROUGE-1", "ratio", "higher", "words shared with a reference"),
        _metric("rouge_2", "ROUGE-2", "ratio", "higher", "word pairs shared with a reference"),
        _metric("rouge_l", "ROUGE-L", "ratio", "higher", "longest run of words shared"),
        # some divide the audio's length by the time, most the time by the length
        _metric("rtf", "real-time factor", "1", "neither", "time of processing beside the audio's"),
        _metric("rtfx", "inverse real-time factor", "1", "higher", "audio's length over the time"),
        _metric("images_per_s", "images per second", "images/s", "higher", "made or read"),
        _metric("docs_per_s", "documents per second", "docs/s", "higher", "embedded or ranked"),
        _metric("sentences_per_s", "sentences per second", "sentences/s", "higher", "processed"),
        _metric("samples_per_s", "samples per second", "samples/s", "higher", "processed"),
        _metric("queries_per_s", "queries per second", "queries/s", "higher", "answered"),
        _metric("frames_per_s", "frames per second", "frames/s", "higher", "processed"),
        _metric("steps_per_s", "steps per second", "steps/s", "higher", "of training or sampling"),
        _metric("iterations_per_s", "iterations per second", "it/s", "higher", "of its loop"),
        _metric("iteration_time", "time per iteration", "ms", "lower", "one turn of its loop"),
        _metric("step_time", "time per step", "ms", "lower", "of training or sampling"),
        _metric("image_time", "time per image", "ms", "lower", "making or reading one"),
        _metric("query_time", "time per query", "ms", "lower", "answering one"),
        _metric("energy_per_token", "energy per token", "J/token", "lower", "energy over tokens"),
        _metric("tokens_per_joule", "tokens per joule", "tok/J", "higher", "tokens over energy"),
        _metric("cost", "cost", "USD", "lower", "what was paid"),
        _metric("cost_per_mtok", "cost per million tokens", "USD/1M tokens", "lower", "as told"),
    ]
}

# Of the best so many results: `recall@5`. All are shares of which a reader wants much.
AT_RANKS: Final = {
    "ndcg": ("nDCG", "gain of the ranking over that of the best one"),
    "recall": ("recall", "share of what was to be found"),
    "precision": ("precision", "share of what was found that is right"),
    "hit_rate": ("hit rate", "share of queries with a right result"),
    "map": ("MAP", "mean of the average precision"),
    "mrr": ("MRR", "mean of 1 over the rank of the first right one"),
    "pass": ("pass", "share of tasks that one of so many answers solved"),
}

DEFINITIONS: Final[dict[str, str]] = {
    "ttft.load+prompt_eval": "load time plus prompt evaluation time, from the server",
    "ttft.load+prompt_eval+queue": "from the request to the first token, by the server's clocks",
    "ttft.prompt_eval": "prompt evaluation time alone, from the server",
    "ttft.client": "from sending the request to the first token, by the client's clock",
    "decode.eval_count/eval": "output tokens divided by generation time",
    "decode.(n-1)/eval": "output tokens but the first divided by generation time",
    "decode.n/time": "generated tokens divided by the time of the whole test",
    "decode.n/after_first": "all output tokens divided by the time after the first of them",
    "prefill.prompt/first_token": "prompt tokens over the time to the first token",
    "prefill.prompt/time": "prompt tokens divided by the time of the whole test",
    "prefill.prompt/first_response": "prompt tokens over the time to the first response, less the network's",
    "throughput.tokens/total": "output tokens divided by the time of the whole call",
    "throughput.words/total": "words of the answer divided by the time of the whole call",
    "perplexity.second_half": "of the tokens in the second half of each window of the text",
    "latency.client": "the whole call, by the client's clock",
    "latency.after_connecting": "the whole call but connecting, by the client's clock",
    "speedup.sequential/concurrent": "estimated time one after the other over time together",
    "tpot.including_first": "whole call divided by output tokens",
    "tpot.excluding_first": "time after the first token divided by the other output tokens",
    "tpot.last_token/n": "from the request to the last token, divided by output tokens",
    "tpot.first_to_last/n": "from the first token to the last, divided by all output tokens",
    "throughput.run": "tokens of all requests over the time of the benchmark",
    "throughput.first_to_last": "tokens but the first ones, from the first token of any answer to the last of all",
    "itl.all_gaps": "between two tokens, over all gaps of all answers",
    "tokens.client": "counted by the tokenizer of the client",
    "tpot.eval/eval_count": "generation time divided by output tokens, from the server",
}

_TIMES_OF_CALLS: Final = frozenset(
    ("ttft", "latency", "total_time", "load_time", "prompt_eval_time", "eval_time")
)
_OF_ONE: Final = frozenset(("value", "min", "max"))

_LABELS_OF_STATISTICS: Final[dict[str, str]] = {
    "value": "",
    "summary": "summarised",
    "mean": "mean",
    "median": "median",
    "stddev": "standard deviation",
    "stddev_population": "standard deviation (of all, not of a sample)",
    "stderr": "standard error",
    "min": "minimum",
    "max": "maximum",
    "ci_low": "lower end of the 95% interval",
    "ci_high": "upper end of the 95% interval",
}


def name_percentile(percent: float) -> str:
    """The statistic that so many percent of the values are below: `p99.9`; the 50th is `median`."""
    return "median" if percent == 50 else f"p{percent:g}"


def statistic_label(id: str) -> str:
    """How prose names what a source gives of a metric; empty for the value itself.

    A statistic of statistics says so: the 95th percentile of three means is none of calls.
    """
    over, between, within = id.partition("_of_")
    if between:
        return f"{statistic_label(over)} of the runs' {within}"
    weighted = id.removesuffix("_by_token")
    if weighted != id:
        return f"token-weighted {statistic_label(weighted)}"
    return _LABELS_OF_STATISTICS.get(id, id)


def is_of_calls(metric: str, statistic: str) -> bool:
    """Whether a number is a mean, a percentile or a spread of what several calls took.

    The gaps between the tokens of one call have a mean too, and so has its power.
    """
    return metric in _TIMES_OF_CALLS and statistic not in _OF_ONE


def all_metrics() -> list[Metric]:
    """The canonical metrics; of those that have a rank, each stands here at 5."""
    at_five = (_find_at_rank(f"{name}@5") for name in AT_RANKS)
    return [*METRICS.values(), *OTHER_METRICS.values(), *filter(None, at_five)]


def find_metric(id: str) -> Metric | None:
    """The canonical metric with this id; None for a `format:name` of one tool."""
    return METRICS.get(id) or OTHER_METRICS.get(id) or _find_at_rank(id)


@lru_cache(maxsize=256)
def _find_at_rank(id: str) -> Metric | None:
    name, _, rank = id.partition("@")
    if name not in AT_RANKS or not rank.isdecimal():
        return None
    label, meaning = AT_RANKS[name]
    return _metric(id, f"{label}@{rank}", "ratio", "higher", f"{meaning}, of {rank}")


def metric_label(id: str) -> str:
    """How prose names a metric: `decode rate`, or `cv percent` for `baseline-json:cv_percent`."""
    metric = find_metric(id)
    return metric.label if metric else id.rpartition(":")[2].replace("_", " ")
