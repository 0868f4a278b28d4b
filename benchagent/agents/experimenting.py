"""An agent proposes what to measure next: a command that runs as it stands, on a grid that is new.

The model chooses finding, model, option and values. The code writes the command, reads it as
`benchagent bench` will, and refuses what was measured already or what no server would take.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from benchagent.agents.account import Contributions, Experiment
from benchagent.agents.prompting import (
    MOST_FINDINGS,
    Question,
    Room,
    ask_what_fits,
    by_letter,
    fill,
    list_headlines,
    one_of,
    read_reply,
    reply_model,
)
from benchagent.agents.roster import Agent
from benchagent.bench.errors import BenchError
from benchagent.bench.sweeps import build_option_sets
from benchagent.findings.finding import Finding
from benchagent.findings.rules.phrases import bench_command
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import safe_name
from benchagent.wording import plain_level

MOST_EXPERIMENTS: Final = 3
TOKENS_EACH: Final = 60
# The options that `bench` sweeps, and the range of values that somebody could mean.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "num_ctx": (256, 131_072),
    "num_batch": (1, 8_192),
    "num_gpu": (0, 999),
    "num_thread": (1, 512),
    "temperature": (0, 2),
    "top_k": (1, 1_000),
    "top_p": (0.01, 1),
    "min_p": (0, 1),
    "repeat_penalty": (0.5, 2),
}
Grid = Mapping[str, Mapping[str, frozenset[str]]]


def measured_grid(known: Catalogue) -> Grid:
    """Of each model that `bench` can measure: its options with the values that were measured."""
    grid: dict[str, dict[str, frozenset[str]]] = {}
    for name in known.subjects.values():
        if bench_command(name) is None:
            continue
        rows = known.frame.has("subject", name)
        options = {
            each.option: frozenset(
                plain_level(each.levels[code]) for code in set(each.codes[rows].tolist()) - {-1}
            )
            for each in known.dimensions.values()
            if each.option in RANGES
        }
        grid[name] = {option: values for option, values in options.items() if option and values}
    return grid


def ask_for_experiments(
    agent: Agent, findings: Sequence[Finding], grid: Grid, *, room: Room
) -> Question | None:
    """The question what to measure next; None where there is no model to measure, or no room."""
    if not grid:
        return None
    return ask_what_fits(
        agent,
        findings[:MOST_FINDINGS],
        room,
        lambda offered: _question(offered, grid),
        fewest=1,
    )


def _question(offered: tuple[Finding, ...], grid: Grid) -> Question:
    models = [safe_name(name) for name in grid]
    experiment = reply_model(
        {
            "a_finding": one_of(list(by_letter(offered))),
            "b_model": one_of(models),
            "c_option": one_of(list(RANGES)),
            "d_values": Annotated[
                list[Annotated[str, Field(pattern=r"^[0-9]{1,6}([.][0-9]{1,3})?$")]],
                Field(min_length=2, max_length=4),
            ],
        },
        "Experiment",
    )
    fields: dict[str, Any] = {
        "experiments": Annotated[list[experiment], Field(max_length=MOST_EXPERIMENTS)]
    }
    prompt = fill(
        "experiment.md",
        findings=list_headlines(offered),
        measured="\n".join(_measured(grid)),
        models=", ".join(f"`{name}`" for name in models),
        most=str(MOST_EXPERIMENTS),
    )
    return Question(prompt, reply_model(fields), 16 + TOKENS_EACH * MOST_EXPERIMENTS, offered)


def _measured(grid: Grid) -> list[str]:
    return [
        f"- `{safe_name(name)}`: "
        + (
            "; ".join(
                f"`{option}` at {', '.join(sorted(values, key=_as_number))}"
                for option, values in options.items()
            )
            or "the server's defaults alone"
        )
        for name, options in grid.items()
    ]


def read_experiments(question: Question, text: str, grid: Grid) -> Contributions:
    """The model's proposals, each as a command, or with the reason why it is none."""
    names = {safe_name(name): name for name in grid}
    lettered = question.by_letter()
    proposed: dict[str, Experiment] = {}
    for each in read_reply(question, text)["experiments"]:
        subject, option = names[str(each["b_model"])], str(each["c_option"])
        values = sorted({_plain(value) for value in each["d_values"]}, key=_as_number)
        command = bench_command(subject, (option, values)) or ""
        proposed[command] = Experiment(
            command=command,
            finding=lettered[str(each["a_finding"])].id,
            refused=_refuse(command, option, values, grid[subject]),
        )
    return Contributions(experiments=tuple(proposed.values()))


def _refuse(
    command: str, option: str, values: Sequence[str], measured: Mapping[str, frozenset[str]]
) -> str | None:
    """Why a proposal is no experiment; None where it is one."""
    low, high = RANGES[option]
    if not all(low <= _as_number(value) <= high for value in values):
        return f"{option} is taken from {low:g} to {high:g}"
    if len(values) < 2:
        return "one value is no comparison"
    if frozenset(values) <= measured.get(option, frozenset()):
        return "all of it was measured already"
    words = shlex.split(command)
    sweeps = [words[at + 1] for at, word in enumerate(words) if word == "--sweep"]
    try:
        build_option_sets(sweeps, num_predict=1)
    except BenchError as error:
        return str(error)
    return None


def _plain(value: object) -> str:
    """A number as a sweep and the measured settings write it: no zeros that say nothing."""
    return f"{_as_number(str(value)):.10g}"


def _as_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
