"""What agents find in corpora with a planted truth, beside the report without a model.

    python benchmarks/planted.py [CORPORA-OF-EACH-KIND [CORPORA-WITH-NOTHING]]
    python benchmarks/planted.py 1 1 --host http://127.0.0.1:11434 --model MODEL

The models are played by the scripted Ollama and answer from the prompt alone; with --model, one of
yours is asked instead. Printed per agent: planted truths found by kind, and findings of its own
that are not true.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent_tests.agents.measured_agents import CHARACTERS, Found, look, look_as
from benchagent_tests.builders import a_place, with_findings
from benchagent_tests.planted import Planted, plant

KINDS = ("order", "confound", "unit", "columns")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("each", type=int, nargs="?", default=8)
    parser.add_argument("nothing", type=int, nargs="?", default=16)
    parser.add_argument("--host", default="http://127.0.0.1:11434")
    parser.add_argument("--model", help="a model of that server, in tier `write`")
    given = parser.parse_args()
    corpora = list(plant(given.each, given.nothing))
    if given.model:
        found = {given.model: [_ask(corpus, given.host, given.model) for corpus in corpora]}
    else:
        found = _ask_characters(corpora)
    planted = Counter(corpus.kind for corpus in corpora)
    sys.stdout.write(f"{len(corpora)} corpora: {dict(planted)}\n\n")
    columns = [*KINDS, "asked", "findings", "false", "false among findings", "sentences"]
    sys.stdout.write(f"| agent | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}\n")
    for name, results in found.items():
        sys.stdout.write(f"| {name} | {' | '.join(_row(results, planted))} |\n")


def _ask_characters(corpora: list[Planted]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {name: [] for name in ("null", *CHARACTERS)}
    with ProcessPoolExecutor(max_workers=3) as workers:
        for corpus, result in zip(corpora, workers.map(examine, corpora), strict=True):
            for name, what in result.items():
                found[name].append(what)
            sys.stderr.write(f"{corpus.name}\n")
    return found


def _ask(corpus: Planted, host: str, model: str) -> Found:
    with tempfile.TemporaryDirectory() as folder, OllamaClient(Host(url=host)) as client:
        partition = with_findings(a_place(Path(folder), corpus.files))
        found = look_as("real", corpus, partition, client, model)
    sys.stderr.write(f"{corpus.name}: {found}\n")
    return found


def examine(corpus: Planted) -> dict[str, Found]:
    """What is found in one corpus, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return look(Path(folder), corpus)


def _row(results: list[Found], planted: Counter[str]) -> list[str]:
    total: Callable[[str], int] = lambda part: sum(getattr(each, part) for each in results)  # noqa: E731
    hits = Counter(each.kind for each in results if each.hit)
    own, false = total("own"), total("false")
    return [
        *(f"{hits[kind]} of {planted[kind]}" for kind in KINDS),
        *(str(total("asked")), str(own), str(false), f"{false / own:.1%}" if own else "none"),
        str(sum(len(each.sentences) for each in results)),
    ]


if __name__ == "__main__":
    main()
