"""What agents find in corpora with a planted truth, beside the report without a model.

    python benchmarks/planted.py [CORPORA-OF-EACH-KIND [CORPORA-WITH-NOTHING]]

The models are played by the scripted Ollama and answer from the prompt alone. Printed per agent:
planted truths found by kind, and findings of its own that are not true.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchagent_tests.measured_agents import CHARACTERS, Found, look
from benchagent_tests.planted import Planted, plant

KINDS = ("order", "confound", "unit")


def main() -> None:
    """Prints the table."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    nothing = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    corpora = list(plant(each, nothing))
    found: dict[str, list[Found]] = {name: [] for name in ("null", *CHARACTERS)}
    with ProcessPoolExecutor(max_workers=3) as workers:
        for corpus, result in zip(corpora, workers.map(examine, corpora), strict=True):
            for name, what in result.items():
                found[name].append(what)
            sys.stderr.write(f"{corpus.name}\n")
    planted = Counter(corpus.kind for corpus in corpora)
    sys.stdout.write(f"{len(corpora)} corpora: {dict(planted)}\n\n")
    columns = [*KINDS, "asked", "findings", "false", "false among findings"]
    sys.stdout.write(f"| agent | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}\n")
    for name, results in found.items():
        sys.stdout.write(f"| {name} | {' | '.join(_row(results, planted))} |\n")


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
    ]


if __name__ == "__main__":
    main()
