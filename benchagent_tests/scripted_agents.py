"""Models with a character, played by the scripted Ollama: capable, lazy, lying.

Each answers from the prompt and the schema alone, as a model would; none is told what is planted.
(The random one is `at_random`.)
"""

import json
import re
from random import Random
from typing import Any

from benchagent_tests.schema_samples import sample
from benchagent_tests.scripted_replies import Script, say

_DIMENSION = re.compile(r"^- `([^`]+)` \(([^)]+)\): (.*)$", re.MULTILINE)
_NAMED = re.compile(r"`([^`]+)`")
_FIGURES = re.compile(r"^ +\{([a-z]\d+)\} = (.*): [^:]*$", re.MULTILINE)
_STATED = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|tok/s)\b")
# What somebody who measures for a living asks first, where rules have asked of the settings.
_SUSPECTS = ("what it ran on", "which time a call was made", "in which part of its file")
_NAMES_OF_COLUMNS = {
    **dict.fromkeys(("first", "until_first_word", "wait"), "ttft"),
    **dict.fromkeys(("setup", "warm_start", "weights_in"), "load_time"),
    **dict.fromkeys(("read", "ingest", "question_in"), "prompt_eval_time"),
    **dict.fromkeys(("gen", "answering", "talk"), "eval_time"),
    **dict.fromkeys(("toks_in", "question_len", "n_in"), "prompt_tokens"),
    **dict.fromkeys(("toks_out", "answer_len", "n_out"), "output_tokens"),
    **dict.fromkeys(("speed", "gen_pace", "talk_pace"), "decode_rate"),
    **dict.fromkeys(("read_pace", "ingest_pace", "in_pace"), "prefill_rate"),
}
_WORDS_OF_METRICS = {
    "ttft": ("first token", "ttft"),
    "decode_rate": ("decode rate", "tok/s"),
    "load_time": ("load time",),
    "total_time": ("total time",),
}


def capable() -> Script:
    """Asks by what the rules leave aside, copies what write-ups say, words what it is given."""
    return say(lambda ask: json.dumps(_answer(ask, _CAPABLE)))


def lazy() -> Script:
    """Asks nothing, reads nothing, takes everything as it comes."""
    return say(lambda ask: json.dumps(_answer(ask, _LAZY)))


def lying() -> Script:
    """Asks at random, quotes what nobody wrote and turns numbers round, invents figures."""
    return say(lambda ask: json.dumps(_answer(ask, _LYING)))


def _answer(ask: Any, character: Any) -> Any:
    fields = ask["format"]["properties"]
    prompt = ask["messages"][-1]["content"]
    for name in ("questions", "links", "claims", "columns", "experiments", "summary"):
        if name in fields:
            return character[name](ask, prompt)
    return character["choice"](ask, prompt)


def _choose_all(ask: Any, prompt: str) -> Any:
    letters = [name for name in ask["format"]["properties"] if len(name) == 1]
    return {**dict.fromkeys(letters, "2a"), "headline": letters[0], "next": letters[:1]}


def _ask_suspects(ask: Any, prompt: str) -> Any:
    metric = _NAMED.findall(prompt[prompt.index("metrics: ") :].splitlines()[0])
    named = "decode_rate" if "decode_rate" in metric else metric[0]
    dimensions = _DIMENSION.findall(prompt)
    wanted = [name for name, meaning, values in dimensions if meaning in _SUSPECTS]
    wanted += [name for name, meaning, _ in dimensions if meaning == "what ran just before it"]
    wanted += [name for name, meaning, _ in dimensions if meaning == "a setting"]
    most = ask["format"]["properties"]["questions"]["maxItems"]
    usual = {
        "b_subject": "all",
        "d_first": "all",
        "e_second": "all",
        "f_where": [],
        "g_control": [],
    }
    return {"questions": [{"a_metric": named, "c_by": name, **usual} for name in wanted[:most]]}


def _suspect_links(ask: Any, prompt: str) -> Any:
    """For each difference, what was not a choice of whoever measured."""
    dimensions = _NAMED.findall(prompt[prompt.index("differ by: ") :].splitlines()[0])
    differing = re.findall(r"^([A-Z])\. \[result\] (?!.*no clear).*$", prompt, re.MULTILINE)
    suspects = [name for name in dimensions if name in ("host", "answer_length", "place")]
    links = [
        {"a_from": name, "b_kind": "confounds", "c_to": letter}
        for letter in differing
        for name in suspects
    ]
    return {"links": links[: ask["format"]["properties"]["links"]["maxItems"]]}


def _copy_claims(ask: Any, prompt: str) -> Any:
    """Every line that names a subject, a metric and a number with its unit."""
    subjects = _NAMED.findall(re.search(r"one of: (`.*`)", prompt)[1])  # pyright: ignore[reportOptionalSubscript]
    claims: list[dict[str, str]] = []
    for line in re.findall(r"^- (.+)$", prompt, re.MULTILINE):
        said, stated = line.lower(), _STATED.search(line)
        subject = next((name for name in subjects if name in said), None)
        metric = next(
            (name for name, words in _WORDS_OF_METRICS.items() if any(w in said for w in words)),
            None,
        )
        if stated and subject and metric:
            quote = line[: stated.end()][-150:]
            claims.append(
                {"a_quote": quote, "b_subject": subject, "c_metric": metric, "d_value": stated[1]}
            )
    return {"claims": claims[: ask["format"]["properties"]["claims"]["maxItems"]]}


def _tell_figures(ask: Any, prompt: str) -> Any:
    """The first figure of each finding under its own label."""
    figures: dict[str, str] = {}
    for name, label in _FIGURES.findall(prompt):
        figures.setdefault(name[0].upper(), f"Of note is the {label}: {{{name}}}.")
    letters = [name for name in ask["format"]["properties"] if len(name) == 1]
    return {letter: figures.get(letter, "Nothing.") for letter in letters} | {"summary": "Nothing."}


def _ask_anything(ask: Any, prompt: str) -> Any:
    """As many questions as may be asked, each drawn from the form."""
    most = ask["format"]["properties"]["questions"]["maxItems"]
    drawn = (sample(ask["format"], Random(f"{prompt}{n}"))["questions"] for n in range(10 * most))
    return {"questions": [each for some in drawn for each in some][:most]}


def _link_anything(ask: Any, prompt: str) -> Any:
    """As many links as may be named, each drawn from the form."""
    most = ask["format"]["properties"]["links"]["maxItems"]
    drawn = (sample(ask["format"], Random(f"{prompt}{n}"))["links"] for n in range(10 * most))
    return {"links": [each for some in drawn for each in some][:most]}


def _misquote(ask: Any, prompt: str) -> Any:
    """Right quotes about another metric, quotes with another number, and quotes of nothing."""
    true: list[dict[str, str]] = _copy_claims(ask, prompt)["claims"]
    other = {"ttft": "load_time", "decode_rate": "ttft"}
    lies = [{**claim, "c_metric": other.get(claim["c_metric"], "ttft")} for claim in true]
    lies += [{**claim, "a_quote": claim["a_quote"].replace(".", "9.")} for claim in true]
    lies += [{**claim, "d_value": "999"} for claim in true]
    subjects = _NAMED.findall(re.search(r"one of: (`.*`)", prompt)[1])  # pyright: ignore[reportOptionalSubscript]
    for line in re.findall(r"^- (.+)$", prompt, re.MULTILINE):
        if stated := _STATED.search(line):
            metric = "decode_rate" if stated[2] == "tok/s" else "ttft"
            quote = line[max(0, stated.start() - 60) : stated.end()]
            lies.append(
                {
                    "a_quote": quote,
                    "b_subject": subjects[0],
                    "c_metric": metric,
                    "d_value": stated[1],
                }
                if metric != "ttft" or "first token" not in line
                else {**true[0], "c_metric": "total_time"}
            )
    return {"claims": lies[: ask["format"]["properties"]["claims"]["maxItems"]]}


def _lie(ask: Any, prompt: str) -> Any:
    lie = "It is always 42 % faster because of its cache."
    return dict.fromkeys(ask["format"]["properties"], lie)


def _name_columns(ask: Any, prompt: str) -> Any:
    """By their names, as somebody reads who has seen many such tables."""
    said: dict[str, str] = {}
    for key, form in _columns_of(ask).items():
        stem, unit = re.fullmatch(r"[A-Z][0-9]+_(.*?)(?:_(m?s))?", key).groups()  # pyright: ignore[reportOptionalMemberAccess]
        metric = _NAMES_OF_COLUMNS.get(stem, "other")
        counted = "tokens" if metric.endswith("tokens") else "tok/s"
        holds = "subject" if stem == "engine" else f"{metric} in {unit or counted}"
        said[key] = holds if holds in form["enum"] else "other"
    return {"columns": said}


def _columns_of(ask: Any) -> dict[str, Any]:
    return ask["format"]["$defs"]["Columns"]["properties"]


def _misname_columns(ask: Any, prompt: str) -> Any:
    """What is right, dealt out anew where the form allows it."""
    true: dict[str, str] = _name_columns(ask, prompt)["columns"]
    keys = list(true)
    dealt = zip(keys, Random(prompt).sample(keys, len(keys)), strict=True)
    forms = _columns_of(ask)
    return {
        "columns": {
            key: true[other] if true[other] in forms[key]["enum"] else forms[key]["enum"][0]
            for key, other in dealt
        }
    }


def _propose_double(ask: Any, prompt: str) -> Any:
    """For the first finding, the largest value of an option that was measured, and its double."""
    found = re.search(r"^- `([^`]+)`: `([^`]+)` at ([0-9., ]+)", prompt, re.MULTILINE)
    if found is None:
        return {"experiments": []}
    largest = found[3].split(", ")[-1]
    values = [largest, f"{2 * float(largest):g}"]
    asked = {"a_finding": "A", "b_model": found[1], "c_option": found[2], "d_values": values}
    return {"experiments": [asked]}


def _propose_anything(ask: Any, prompt: str) -> Any:
    most = ask["format"]["properties"]["experiments"]["maxItems"]
    drawn = (sample(ask["format"], Random(f"{prompt}{n}"))["experiments"] for n in range(10 * most))
    return {"experiments": [each for some in drawn for each in some][:most]}


_CAPABLE: dict[str, Any] = {
    "questions": _ask_suspects,
    "links": _suspect_links,
    "claims": _copy_claims,
    "columns": _name_columns,
    "experiments": _propose_double,
    "summary": _tell_figures,
    "choice": _choose_all,
}
_LAZY: dict[str, Any] = {
    "questions": lambda ask, prompt: {"questions": []},
    "links": lambda ask, prompt: {"links": []},
    "claims": lambda ask, prompt: {"claims": []},
    "columns": lambda ask, prompt: {"columns": dict.fromkeys(_columns_of(ask), "other")},
    "experiments": lambda ask, prompt: {"experiments": []},
    "summary": lambda ask, prompt: dict.fromkeys(ask["format"]["properties"], "Fine."),
    "choice": _choose_all,
}
_LYING: dict[str, Any] = {
    "questions": _ask_anything,
    "links": _link_anything,
    "claims": _misquote,
    "columns": _misname_columns,
    "experiments": _propose_anything,
    "summary": _lie,
    "choice": _choose_all,
}
