"""Folders of calls in which nothing makes a difference, or one thing does, and noise does the rest."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

from benchagent.findings.finding import Finding
from benchagent_tests.builders import a_place, with_findings

_HEADER: Final = (
    "model,option_num_ctx,option_temperature,option_num_batch,prompt_index,repetition,ttft_ms,"
    "decode_tokens_per_s,error\n"
)
_LEVELS: Final[Mapping[str, tuple[float | str, ...]]] = {
    "subject": ("wren:3b", "heron:7b", "finch:1b"),
    "num_ctx": (2048, 8192, 16384),
    "temperature": (0.2, 0.8),
    "num_batch": (256, 512),
}
_DIFFERENCES: Final = frozenset(
    "option-effect subjects-compared best-configuration failure-rates drift files-apart".split()
)


class ChanceFolder(NamedTuple):
    """One to three models, two metrics, 5 to 972 calls in shuffled rounds; a few fail by chance.

    Attributes:
        files: paths and contents.
        cause: what takes `effect` times as long at its second value; None where nothing does.
    """

    files: dict[str, str]
    cause: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """The differences that findings tell, by headline.

    Attributes:
        sure: told as real.
        doubted: told as one that may be chance.
    """

    sure: tuple[str, ...]
    doubted: tuple[str, ...]


def make_folder(seed: int, effect: float = 1.0) -> ChanceFolder:
    """The folder of a seed, with noise of 2, 5 or 10 %."""
    chance = random.Random(seed)
    levels = {cause: known[: chance.randint(1, 3)] for cause, known in _LEVELS.items()}
    prompts = [chance.uniform(0.6, 1.6) for _ in range(chance.randint(1, 3))]
    rounds, noise = chance.randint(5, 9), chance.choice([0.02, 0.05, 0.1])
    in_one_file, failing = chance.random() < 0.5, chance.choice([0, 0, 0.03])
    varied = [cause for cause, found in levels.items() if len(found) > 1]
    cause = chance.choice(varied) if effect != 1 and varied else None
    rows: dict[str, list[str]] = {}
    for repetition in range(rounds):
        cells = list(product(product(*levels.values()), range(len(prompts))))
        chance.shuffle(cells)
        for settings, at in cells:
            slower = effect if cause and _LEVELS[cause][1] in settings else 1.0
            ttft = 120 * prompts[at] * chance.lognormvariate(0, noise) * slower
            rate = 60 * chance.lognormvariate(0, noise) / slower
            told = ",,timeout" if chance.random() < failing else f"{ttft:.2f},{rate:.3f},"
            name = "sweep" if in_one_file else str(settings[0]).replace(":", "_")
            row = ",".join(map(str, (*settings, at, repetition, told)))
            rows.setdefault(f"reports/{name}.csv", [_HEADER]).append(row + "\n")
    return ChanceFolder({path: "".join(lines) for path, lines in rows.items()}, cause)


def find_in(files: Mapping[str, str], place: Path) -> list[Finding]:
    """What the rules find in a folder."""
    return list(with_findings(a_place(place, files)).findings.values())


def tell_apart(findings: Iterable[Finding]) -> Told:
    """The differences told, and whether as real."""
    told = [
        finding.headline
        for finding in findings
        if finding.rule in _DIFFERENCES and not finding.headline.startswith("No clear")
    ]
    doubted = [headline for headline in told if headline.endswith(", perhaps by chance")]
    return Told(tuple(line for line in told if line not in doubted), tuple(doubted))
