"""The write-up of a benchmark: what was run, how, and the numbers; nothing that they do not say."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.bench.journal import State
from benchagent.bench.rows import BenchRow
from benchagent.bench.subjects import Subject
from benchagent.bench.summary import PhaseSummary, summarise
from benchagent.bench.sweeps import write_value
from benchagent.formats.own.bench_calls import CALLS_FILE, SUMMARY_FILE

_NOTHING: Final = "-"
_COLUMNS: Final = (
    ("TTFT", "ms", "ttft_ms", 1),
    ("decode rate", "tok/s", "decode_tokens_per_s", 1),
    ("load", "ms", "load_ms", 2),
)
_FILES: Final = (
    f"- `{CALLS_FILE}`: one row per call, in the order in which they were made\n"
    f"- `{SUMMARY_FILE}`: the statistics of the tables above with three decimals"
)


def write_report(state: State, rows: Sequence[BenchRow], generated_at: str) -> str:
    """The text of `bench_report.md`."""
    summaries = summarise(state, rows)
    names = ", ".join(f"`{subject.name}`" for subject in state.subjects)
    parts = [
        f"# Benchmark of {names}",
        "\n".join(_about(state, rows, generated_at)),
        "## Method",
        "\n".join(_method(state)),
        *_tables(state, summaries, rows),
        "## Files",
        _FILES,
    ]
    return "\n\n".join(parts) + "\n"


def _about(state: State, rows: Sequence[BenchRow], generated_at: str) -> Iterator[str]:
    plan = state.plan
    failed = sum(row.error is not None for row in rows)
    yield f"- Written: {generated_at}; begun: {state.sittings[0]}"
    if len(state.sittings) > 1:
        later = ", ".join(state.sittings[1:])
        yield f"- Stopped and resumed: {later}"
    yield from (_say_subject(subject) for subject in state.subjects)
    if machine := state.subjects[0].machine:
        yield f"- Machine: {machine} as its system counts them"
    yield (
        f"- Calls: {len(rows)}, of which {failed} failed; {len(plan.prompts)} prompts, "
        f"{len(plan.option_sets)} option sets, {plan.repeat} repetitions"
    )


def _say_subject(subject: Subject) -> str:
    known = [subject.parameter_size, subject.quantization]
    details = [text for text in known if text]
    digest = f"digest `{subject.digest[:12]}`" if subject.digest else "digest unknown"
    server = f"{subject.host_kind} server {subject.server_version}"
    return f"- Model: `{subject.name}`, {', '.join([*details, digest])}, on {server}"


def _method(state: State) -> Iterator[str]:
    plan = state.plan
    limits = sorted({int(one.options["num_predict"]) for one in plan.option_sets})
    yield (
        f"- Order: random, seed {plan.seed}. Calls that one loaded model can answer form a block, "
        "option sets and prompts in a fresh random order inside it; each repetition is a round over "
        "all blocks in a fresh random order."
    )
    yield (
        "- Warm-up: before each block the model is loaded with the block's options, where it is not, "
        "and asked once; that answer is discarded."
    )
    if plan.cold:
        yield (
            f"- Cold calls: each block begins with prompt {plan.shortest_prompt} once per option "
            "set, each time right after the model was unloaded. The file cache of the operating "
            "system is left as it is."
        )
    yield (
        "- Prompt cache: every prompt begins with a number that no other prompt has. What the "
        "model's chat template puts before the prompt can still be cached."
    )
    yield (
        f"- Length: at most {' or '.join(map(str, limits))} tokens (num_predict); an answer may end "
        f"sooner. Sampling seed {plan.seed} in every call; one call at a time."
    )
    yield (
        "- TTFT: from sending the request to the first token, by the client's clock. Decode rate: "
        "output tokens but the first, divided by the server's generation time. Load: the server's "
        "load time."
    )
    yield (
        "- Statistics: over calls that succeeded, warm and cold apart; SD is the sample standard "
        "deviation. Failed calls enter none of them."
    )


def _tables(
    state: State, summaries: Sequence[PhaseSummary], rows: Sequence[BenchRow]
) -> Iterator[str]:
    yield "## Warm calls"
    yield _table(state, [summary for summary in summaries if summary.phase == "warm"])
    if cold := [summary for summary in summaries if summary.phase == "cold"]:
        yield "## Cold calls"
        yield _table(state, cold)
    if other := sum(summary.other for summary in summaries if summary.phase == "warm"):
        yield f"{other} calls were neither warm nor cold by the server's account; no table has them."
    if failed := [row for row in rows if row.error is not None]:
        yield "## Failed calls"
        yield _failed(failed)


def _table(state: State, summaries: Sequence[PhaseSummary]) -> str:
    phase = summaries[0].phase
    counts = ["n", "failed"] if phase == "warm" else ["n"]
    swept = _swept(state)
    figures = [
        f"{statistic} {name} ({phase}) ({unit})"
        for name, unit, _, _ in _COLUMNS
        for statistic in ("Median", "Mean", "SD")
    ]
    lines = [_row(["Model", *swept, *counts, *figures])]
    lines.append(_row(["---"] * (1 + len(swept)) + ["---:"] * (len(counts) + len(figures))))
    for summary in summaries:
        options = [write_value(summary.option_set.options[name]) for name in swept]
        counted = [str(summary.n), str(summary.failed)][: len(counts)]
        cells = [
            _figure(value, decimals)
            for _, _, column, decimals in _COLUMNS
            for value in summary.spreads[column]
        ]
        lines.append(_row([summary.model, *options, *counted, *cells]))
    return "\n".join(lines)


def _swept(state: State) -> list[str]:
    """The options that differ between option sets."""
    plan = state.plan
    values = {name: {one.options[name] for one in plan.option_sets} for name in plan.option_names}
    return [name for name, found in values.items() if len(found) > 1]


def _failed(rows: Sequence[BenchRow]) -> str:
    header = ["sequence", "Model", "option set", "prompt_index", "repetition", "error"]
    lines = [_row(header), _row(["---"] * len(header))]
    for row in rows:
        cells = [row.sequence, row.model, row.config_name, row.prompt_index, row.repetition]
        lines.append(_row([*map(str, cells), _plain(row.error or "")]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(value: float | None, decimals: int) -> str:
    return _NOTHING if value is None else f"{value:.{decimals}f}"


def _plain(text: str) -> str:
    """A server's words as they are, whatever Markdown or HTML they hold."""
    return re.sub(r"([\\|`*<>\[\]])", r"\\\1", text)
