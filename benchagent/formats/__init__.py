"""The artifact formats that we read, in the order in which they are asked.

A format is a module with `NAME`, `detect` (is this file mine?) and `parse` (what does it say?),
both pure functions of the file's bytes. To add one: one file in the room of its kind, one row in
the table, one sample, one test. Other packages bring theirs through an entry point (`plugged_in`).

The rooms are `engines` (what runs models), `serving` (load on servers of models), `evaluations`,
`load_testers` (load on any server), `microbenchmarks`, `machines`, `trackers` (of experiments),
`predecessor`, and `own` (files of people's own making). `terminal_log` reads several of them in one
text; `unknown` says what a file of no format holds.

Not formats, but what formats share: `format` (what one is to those who ask it), `json_fields` and
`csv_rows` (numbers of objects and of rows), `text_readings` (numbers of a printed text), `settings`
(values of settings in one form), `tables` (what columns of any table mean); `listing` writes the
table of formats in docs/formats.md.
"""

from dataclasses import replace
from functools import lru_cache
from types import ModuleType
from typing import Final

from benchagent.formats import plugged_in, terminal_log
from benchagent.formats.cut_files import refuse_cut
from benchagent.formats.engines import (
    koboldcpp_bench,
    llama_batched_bench,
    llama_bench,
    llama_bench_rows,
    llama_bench_table,
    llama_log,
    llama_perplexity,
    llama_server,
    mlx_lm_text,
    ollama_bench,
    ollama_replies,
    ollama_verbose,
    optimum_benchmark,
)
from benchagent.formats.evaluations import (
    inspect_log,
    lighteval,
    lm_eval,
    lm_eval_samples,
    promptfoo,
    promptfoo_csv,
)
from benchagent.formats.format import Format, KnownFrom, describe_module
from benchagent.formats.impossible_numbers import refuse_impossible
from benchagent.formats.load_testers import (
    apache_bench,
    autocannon,
    hey_csv,
    hey_text,
    k6_summary,
    locust_csv,
    oha,
    wrk_text,
)
from benchagent.formats.machines import ncu_csv, nvidia_smi, telemetry
from benchagent.formats.microbenchmarks import (
    bencher_metrics,
    google_benchmark,
    google_benchmark_csv,
    google_benchmark_text,
    hyperfine,
    hyperfine_asciidoc,
    hyperfine_csv,
    hyperfine_table,
    hyperfine_text,
    named_values,
    pyperf,
    pytest_benchmark,
    pytest_benchmark_csv,
    pytest_benchmark_text,
)
from benchagent.formats.own import (
    bench_calls,
    llm_calls_csv,
    llm_calls_json,
    llm_summary_csv,
    llm_summary_json,
    markdown,
    result_lines,
    result_rows,
)
from benchagent.formats.predecessor import (
    agent_pairs,
    agent_runs,
    agent_summary,
    chimeraforge_bench,
    compile_bench,
    generation_tests,
    generation_tests_csv,
    kernel_bench,
    latency_baseline,
    quantization,
)
from benchagent.formats.serving import (
    aiperf,
    aiperf_aggregate,
    aiperf_csv,
    aiperf_requests,
    aiperf_sweep,
    evalscope_perf,
    genai_bench,
    genai_perf,
    guidellm,
    guidellm_csv,
    llama_benchy,
    llama_benchy_rows,
    llmperf,
    loadgen_detail,
    loadgen_summary,
    serving_result,
    sglang_serving,
    trtllm_bench,
    vllm_serve,
)
from benchagent.formats.tables.plain_tables import PlainTable
from benchagent.formats.trackers import mlflow_runs, wandb_chart
from benchagent.formats.unknown import say_unknown
from benchagent.mappings.rows import find_shape
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed, Unparsed

# Raise it when any format reads the same bytes differently: what was parsed before is then parsed
# again.
FORMATS_VERSION: Final = 86

_TABLE: Final[tuple[tuple[ModuleType, KnownFrom], ...]] = (
    # a tool's own files are recognised by what no other file has, so they are asked first
    (bench_calls, "corpus"),
    # several of the printed ones below, one after the other
    (terminal_log, "tool"),
    (llama_bench, "tool"),
    (llama_bench_rows, "tool"),
    (llama_bench_table, "tool"),
    (llama_benchy, "tool"),
    (llama_benchy_rows, "tool"),
    (ollama_replies, "tool"),
    (ollama_verbose, "tool"),
    (ollama_bench, "tool"),
    (mlx_lm_text, "tool"),
    (koboldcpp_bench, "documentation"),
    (optimum_benchmark, "corpus"),
    (guidellm, "tool"),
    (guidellm_csv, "tool"),
    (aiperf, "tool"),
    (aiperf_requests, "tool"),
    (aiperf_csv, "tool"),
    (aiperf_aggregate, "tool"),
    (aiperf_sweep, "tool"),
    (genai_perf, "tool"),
    (genai_bench, "tool"),
    (sglang_serving, "tool"),
    (vllm_serve, "tool"),
    (serving_result, "tool"),
    (trtllm_bench, "corpus"),
    (evalscope_perf, "tool"),
    (llmperf, "corpus"),
    (locust_csv, "tool"),
    (wrk_text, "tool"),
    (hey_csv, "tool"),
    (oha, "tool"),
    (hey_text, "tool"),
    (apache_bench, "tool"),
    (autocannon, "tool"),
    (k6_summary, "tool"),
    (llama_server, "tool"),
    # they print the timings that a log of calls has, and of no calls
    (llama_perplexity, "tool"),
    (llama_batched_bench, "tool"),
    (llama_log, "tool"),
    (nvidia_smi, "corpus"),
    (chimeraforge_bench, "tool"),
    (named_values, "corpus"),
    (lm_eval, "tool"),
    (lm_eval_samples, "tool"),
    (lighteval, "tool"),
    (inspect_log, "tool"),
    (promptfoo, "tool"),
    (promptfoo_csv, "tool"),
    (loadgen_summary, "tool"),
    (loadgen_detail, "tool"),
    (pytest_benchmark, "tool"),
    (pytest_benchmark_csv, "tool"),
    (pytest_benchmark_text, "tool"),
    (pyperf, "tool"),
    (google_benchmark, "tool"),
    (google_benchmark_csv, "tool"),
    (google_benchmark_text, "tool"),
    (hyperfine, "tool"),
    (hyperfine_csv, "tool"),
    (hyperfine_table, "tool"),
    (hyperfine_asciidoc, "tool"),
    (hyperfine_text, "tool"),
    (mlflow_runs, "tool"),
    (wandb_chart, "corpus"),
    # scripts' files, by the columns and fields that they share
    (generation_tests_csv, "corpus"),
    (llm_calls_csv, "corpus"),
    (llm_summary_csv, "corpus"),
    (ncu_csv, "corpus"),
    (generation_tests, "corpus"),
    (agent_runs, "corpus"),
    (agent_summary, "corpus"),
    (agent_pairs, "documentation"),
    (llm_calls_json, "corpus"),
    (llm_summary_json, "corpus"),
    (compile_bench, "corpus"),
    (latency_baseline, "corpus"),
    (telemetry, "corpus"),
    (quantization, "corpus"),
    (kernel_bench, "corpus"),
    (bencher_metrics, "corpus"),
)
_FIRST: Final = tuple(describe_module(module, known) for module, known in _TABLE)
# Any table that names its units is one to the first of these, any text that names its model and units
# to the second, any Markdown file to the third.
_LAST: Final = (
    describe_module(result_rows, "corpus"),
    describe_module(result_lines, "documentation"),
    describe_module(markdown, "corpus"),
)

FORMATS: Final = (*_FIRST, *_LAST)

_OUR_NAMES: Final = frozenset(format.name for format in FORMATS)


def formats_version() -> str:
    """What decides how bytes are parsed: our formats and those of other packages."""
    others = plugged_in.fingerprint()
    return f"v{FORMATS_VERSION}" + (f"-{others}" if others else "")


def experimental_formats() -> frozenset[str]:
    """The names of the formats whose numbers stay out of facts until a user accepts them."""
    others = plugged_in.load_formats(_OUR_NAMES).formats
    return frozenset(format.name for format in (*FORMATS, *others) if format.experimental)


def plugged_in_formats() -> plugged_in.PluggedIn:
    """The formats that other packages bring, and why some of them cannot be used."""
    return plugged_in.load_formats(_OUR_NAMES)


def parse_bytes(name_hint: str, data: bytes) -> Parsed | Unparsed:
    """What a file says, or why it says nothing; of its name only the ending counts."""
    artifact = Artifact(data, name_hint=name_hint)
    for format in _FIRST:
        if format.detect(artifact):
            return _parse_with(format, artifact)
    others = plugged_in.load_formats(_OUR_NAMES)
    for format in others.formats:
        if outcome := plugged_in.parse_with(format, artifact):
            return _expect_records(outcome)
    for format in _LAST:
        if format.detect(artifact):
            return _parse_with(format, artifact)
    unknown = say_unknown(artifact)
    reason = "; ".join((unknown.reason, *others.broken))
    return replace(unknown, reason=reason, shape=find_shape(artifact))


def are_calls(table: PlainTable) -> bool:
    """Whether a plain delimited file is one of single calls, which can be read with others.

    Of a delimited file its columns decide, and one title that may stand anywhere in a text.
    """
    return _holds_calls(table.header) and loadgen_summary.TITLE.encode() not in table.rows


@lru_cache(maxsize=1024)
def _holds_calls(header: str) -> bool:
    artifact = Artifact(f"{header}\n{',' * header.count(',')}\n".encode(), name_hint="file.csv")
    found = next((format for format in _FIRST if format.detect(artifact)), None)
    return found is not None and found.name == llm_calls_csv.NAME


def _parse_with(format: Format, artifact: Artifact) -> Parsed | Unparsed:
    outcome = _expect_records(format.parse(artifact))
    return refuse_cut(outcome, artifact, of_tool=format.known_from == "tool")


def _expect_records(outcome: Parsed | Unparsed) -> Parsed | Unparsed:
    if isinstance(outcome, Unparsed):
        return outcome
    if outcome.records:
        return refuse_impossible(outcome)
    said = _say_empty(outcome)
    return Unparsed(format=outcome.format, reason=said, code="no-numbers", shape=outcome.shape)


def _say_empty(parsed: Parsed) -> str:
    refused = [f"{refusal.locator}: {refusal.reason}" for refusal in parsed.refusals[:1]]
    said = [text for text in (parsed.reason, *refused) if text]
    return "; ".join(said) or "no records"
