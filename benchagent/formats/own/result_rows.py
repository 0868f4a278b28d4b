"""Results in rows of anybody's making: sweeps of quantisations, comparisons of engines and GPUs.

The columns are a script's own, so only a name that says quantity and unit is read (`tg_tok_s`,
`TTFT (ms)`); the others are listed. What a text column says is a setting of its row.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from benchagent.formats.own.llm_calls_csv import find_benchmark
from benchagent.formats.settings import read_model
from benchagent.formats.tables.beside_rows import refuse_beside
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.call_records import read_number
from benchagent.formats.tables.definitions import learn_definitions
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_layouts import find_layouts
from benchagent.formats.tables.row_records import first_cells, parse_rows
from benchagent.formats.tables.tests_in_headings import rows_by_name
from benchagent.mappings.mapping import SaidColumns
from benchagent.mappings.rows import Row, Rows, find_shape
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.model_names import names_model, names_quantization
from benchagent.measurements.readings import Parsed, Record, Unparsed

NAME: Final = "result-rows"
BENCHMARK: Final = "llm-results"

# What a benchmark of a language model measures; sizes and counts alone are a list of files.
_RESULTS: Final = frozenset(
    "ttft tpot itl decode_rate prefill_rate prompt_eval_time eval_time total_time latency "
    "compile_time perplexity throughput energy_per_token tokens_per_joule cost_per_mtok rtf rtfx wer "
    "cer bleu chrf rouge_1 rouge_2 rouge_l mrr iteration_time iterations_per_s images_per_s "
    "sentences_per_s docs_per_s image_time".split()
)
# Pages load too, and other classifiers than models of language have an accuracy.
_OF_MODELS: Final = frozenset(
    "load_time output_tokens accuracy f1 exact_match recall energy power cost samples_per_s queries_per_s "
    "frames_per_s steps_per_s step_time query_time".split()
)
# What stands under such a key is called by its model.
_MODELS: Final = frozenset(("models", "by_model", "per_model"))


def detect(artifact: Artifact) -> bool:
    """Whether the rows of a table, list or object of objects have columns of a result and its unit."""
    return understand(artifact) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    found = understand(artifact)
    if found is None:
        raise TypeError("no rows here; detect should have said so")
    parsed = _parse_rows(*found)
    beside = tuple(refuse_beside(artifact, found[0]))
    return replace(parsed, refusals=parsed.refusals + beside, shape=find_shape(artifact))


def parse_said(artifact: Artifact, said: SaidColumns) -> Parsed | Unparsed:
    """One record per row, with columns that hold what a person says; of calls as calls are read."""
    found = understand_said(artifact, dict(said.holds))
    if found is None:
        reason = f"it has no rows of which a person's words could be true: {_repeat(said)}"
        return Unparsed(reason=reason, code="unknown-format", shape=said.shape)
    return parse_understood(*found, said)


def parse_understood(rows: Rows, columns: Columns, said: SaidColumns) -> Parsed:
    """One record per row of what `understand_said` found."""
    if columns.holds_calls:
        columns = learn_definitions(columns, first_cells(rows))
    parsed = _parse_rows(rows, columns, find_benchmark(rows) if columns.holds_calls else BENCHMARK)
    reason = "; ".join(filter(None, (f"by a person's word: {_repeat(said)}", parsed.reason)))
    return replace(parsed, reason=reason, shape=said.shape)


def _repeat(said: SaidColumns) -> str:
    return ", ".join(f"{column} is {holds}" for column, holds in said.holds)


def understand_said(artifact: Artifact, said: Mapping[str, str]) -> tuple[Rows, Columns] | None:
    """Rows that have all of these columns, and what they hold; None where no layout has them.

    Args:
        artifact: the file.
        said: what a person says that columns hold, by their labels.
    """
    for rows in find_layouts(artifact):
        if said.keys() <= set(rows.labels):
            rows = rows._replace(said=said)
            return rows, plan_rows(rows)
    return None


def _parse_rows(rows: Rows, columns: Columns, benchmark: str = BENCHMARK) -> Parsed:
    parsed = parse_rows(rows, columns, format=NAME, benchmark=benchmark)
    of = rows_by_name(rows, columns)
    named = [_name_by_key(record, of[record.name]) for record in parsed.records]
    return replace(parsed, records=tuple(named))


@lru_cache(maxsize=1)  # the file that is asked about is the one that is then parsed
def understand(artifact: Artifact) -> tuple[Rows, Columns] | None:
    """The rows of a file and what their columns hold, in the first layout in which they hold results."""
    for rows in find_layouts(artifact):
        columns = plan_rows(rows)
        if holds_results(rows, columns):
            return rows, columns
    return None


def holds_results(rows: Rows, columns: Columns) -> bool:
    """Whether any number stands in a column of a result and its unit."""
    about_models = columns.model is not None or rows.model is not None
    results = _RESULTS | (_OF_MODELS if about_models else frozenset())
    return any(
        read_number(row.cells[at], meaning.unit) is not None
        for at, meaning in columns.readings
        if (meaning.metric in results or "@" in meaning.metric) and meaning.unit
        for row in rows.rows
    )


def _name_by_key(record: Record, row: Row) -> Record:
    """What stands under a name of its own is that model, or that variant of what the file is about."""
    key = row.key
    if key is None:
        return record
    above = row.name.split("/")[-2:-1]
    if record.subject is None and (names_model(key) or not _MODELS.isdisjoint(above)):
        return replace(record, subject=read_model(key))
    setting = "quantization" if names_quantization(key) else "variant"
    return replace(record, config={**record.config, setting: key})
