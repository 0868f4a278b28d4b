"""`benchagent verify`: is what a report says so?"""

import gc
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click
import pyarrow as pa

from benchagent.cli.errors import Failed
from benchagent.cli.output import put_out
from benchagent.cli.places import places
from benchagent.cli.scanning import measure_snapshot
from benchagent.errors import ExplainedError
from benchagent.pipeline.knowledge import read_corpus
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.facts import make_facts
from benchagent.store import write_atomically
from benchagent.verification.batch import Report, verify_reports
from benchagent.verification.claims import Judged, to_json
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.named_values import EvidenceError, Known, read_known
from benchagent.verification.page import describe_source, render_page
from benchagent.wording import counted

# A book has a few megabytes; more is a log or an archive given by mistake.
LARGEST = 10_000_000
_COLUMNS = ("report", "line", "verdict", "quote", "reason", "where")


@click.command(
    epilog="Example: benchagent verify report.md --data ~/my-benchmarks --html checked.html"
)
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@places
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, exists=True),
    help="What the writer knew beside the data: JSON, or a folder with <report>.json for each.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per claim and line.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Marked reports.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="How many processes check reports; by default as many as pay.",
)
@click.option("--all", "everything", is_flag=True, help="Show supported claims in the table too.")
@click.pass_context
def verify(
    context: click.Context,
    reports: tuple[Path, ...],
    project: Project,
    evidence: Path | None,
    as_json: bool,
    html: Path | None,
    processes: int | None,
    everything: bool,
) -> None:
    """Check every claim of a report against the data.

    A claim is supported, contradicted (with what the data say) or unsupported. The exit code is 1
    when a claim is contradicted, 2 when something could not be checked, else 0.
    """
    try:
        checked = _check(reports, project, evidence, processes)
    except ExplainedError as error:
        raise CannotCheck(str(error)) from error
    if html:
        write_atomically(html.absolute(), render_page(checked))
        click.echo(f"{html}: {counted(len(checked), 'report')}", err=True)
    if as_json:
        for name, text, judged in checked:
            for found in judged:
                click.echo(to_json(name, text, found))
    else:
        _show(checked, everything)
    rulings = Counter(found.verdict.ruling for _, _, judged in checked for found in judged)
    context.exit(1 if rulings["contradicted"] else 0)


class CannotCheck(click.ClickException):
    """A report or its data could not be read; that is no verdict, and ends with another code."""

    exit_code = 2


def _check(
    reports: tuple[Path, ...], project: Project, evidence: Path | None, processes: int | None
) -> list[tuple[str, str, list[Judged]]]:
    """Each report with its text and its judged claims; what cannot be read is said first."""
    texts = {path: _read(path) for path in _find_reports(reports)}
    asked = [Report(text, _known(path, evidence)) for path, text in texts.items()]
    try:
        judged = verify_reports(asked, _load(project), processes)
    except BrokenProcessPool as error:
        raise Failed(
            "a process that checked reports was ended, expected it to finish; if memory ran out,"
            " check fewer reports at once or give --processes 1"
        ) from error
    return [
        (path.stem, text, claims)
        for (path, text), claims in zip(texts.items(), judged, strict=True)
    ]


def _find_reports(paths: tuple[Path, ...]) -> list[Path]:
    """The files given, and the Markdown and text files of folders given.

    Raises:
        Failed: a folder has none.
    """
    found: list[Path] = []
    for path in paths:
        inside = [path]
        if path.is_dir():
            inside = [file for file in sorted(path.iterdir()) if file.suffix in (".md", ".txt")]
        if not inside:
            raise Failed(f"{path}: holds no .md or .txt file, expected reports")
        found += inside
    return found


def _read(path: Path) -> str:
    """A report's text without newline translation, so that offsets hold.

    Raises:
        Failed: it is no text in UTF-8, or too large for one.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise Failed(f"{path}: has {size:,} bytes, expected a report of at most {LARGEST:,}")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Failed(f"{path}: byte {error.start} is not UTF-8, expected a text") from error
    if "\0" in text:
        raise Failed(f"{path}: character {text.index(chr(0))} is NUL, expected a text")
    return text


def _known(report: Path, evidence: Path | None) -> Known:
    if evidence is None:
        return Known()
    path = evidence / f"{report.stem}.json" if evidence.is_dir() else evidence
    if not path.is_file():
        return Known()
    try:
        return read_known(path)
    except EvidenceError as error:
        raise Failed(str(error)) from error


def _load(project: Project) -> Corpus:
    partition = measure_snapshot(project)
    make_facts(partition)
    corpus = read_corpus(partition)
    gc.freeze()  # a corpus of a million values that never die is not for the collector to walk
    return corpus


def _show(checked: list[tuple[str, str, list[Judged]]], everything: bool) -> None:
    rows = [
        {
            "report": name,
            "line": text.count("\n", 0, found.claim.start) + 1,
            "verdict": found.verdict.ruling,
            "quote": _shorten(text[found.claim.start : found.claim.end]),
            "reason": found.verdict.reason,
            "where": ", ".join(map(describe_source, found.verdict.evidence)),
        }
        for name, text, judged in checked
        for found in judged
        if everything or found.verdict.ruling != "supported"
    ]
    types = [pa.int64() if name == "line" else pa.string() for name in _COLUMNS]
    schema = pa.schema(list(zip(_COLUMNS, types, strict=True)))
    if rows:
        put_out(pa.Table.from_pylist(rows, schema=schema), as_json=False, output=None)
    for name, _, judged in checked:
        counts = Counter(found.verdict.ruling for found in judged)
        told = ", ".join(f"{counts[ruling]} {ruling}" for ruling in _RULINGS)
        click.echo(f"{name}: {counted(len(judged), 'claim')}, {told}")


_RULINGS = ("supported", "contradicted", "unsupported")


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "\N{HORIZONTAL ELLIPSIS}"
