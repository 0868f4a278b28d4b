"""How people and models write of such numbers: formal, terse, chatty, in tables, under headings.

Each pattern is a true sentence once filled in, and knows what would make it false.
"""
# ruff: noqa: RUF001 - dashes are written as people type them

import itertools
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from verify_corpora import Statement, wrong_numbers
from verify_tool_corpora import Quantity, Spelling, ToolFolder

# Any statistic that the file gives.
_ANY: Final = (
    "Across the samples in `{path}`, {model} posts a {stat} {metric} of {value} {unit}.",
    "{model}: {stat} {metric} = {value} {unit} (`{path}`)",
    "According to `{path}`, the {stat} {metric} for {model} comes to {value} {unit}.",
    "We measured a {stat} {metric} of {value} {unit} with {model} (source: {path}).",
    "`{path}` puts {model} at {value} {unit} ({stat} {metric}).",
    "For {model}, {stat} {metric} was {value} {unit}; see `{path}`.",
    "{value} {unit} is the {stat} {metric} of {model} in `{path}`.",
    "Looking at `{path}`, {model} lands at {value} {unit} in {stat} {metric}.",
    "* **{model}** – {metric} ({stat}): **{value} {unit}** [{path}]",
    "The {metric} of {model} had a {stat} of {value} {unit} (`{path}`).",
    "So how did {model} do? Its {stat} {metric} in `{path}` is {value} {unit}.",
    "Not bad: {model} gets {value} {unit} ({stat} {metric}, {path}).",
    "tl;dr {model} = {value} {unit} {stat} {metric} ({path})",
    "Our {stat} {metric} with {model} sits at {value} {unit}, per `{path}`.",
    "I see a {stat} {metric} of {value} {unit} for {model} in `{path}`.",
    "- 🚀 **{metric}**: {model} achieves {value} {unit} ({stat}) — `{path}`",
    "Notably, {model} exhibits a {stat} {metric} of {value} {unit}, as recorded in `{path}`.",
    "Specifically, the data in `{path}` indicate that {model} has a {stat} {metric} of {value} {unit}.",
    "A {stat} {metric} of {value} {unit} was observed for {model} in `{path}`.",
    "{value} {unit} ({stat}) was recorded as the {metric} of {model} in `{path}`.",
    "As far as {metric} goes, `{path}` gives {model} a {stat} of {value} {unit}.",
    "### {model}\n\nThe {stat} {metric} in `{path}` is {value} {unit}.",
    "**{model}** (`{path}`)\n\n- {metric}, {stat}: {value} {unit}",
    "1. {model}\n   - {stat} {metric} in `{path}`: {value} {unit}",
    "| Model | Metric | Value | File |\n|---|---|---|---|\n| {model} | {stat} {metric} | {value} {unit} | `{path}` |",
    "| File | Model | {stat} {metric} ({unit}) |\n|---|---|---|\n| `{path}` | {model} | {value} |",
)
_OF_ONE: Final[Mapping[str, tuple[str, ...]]] = {
    "mean": (
        "In `{path}` the {metric} of {model} averages {value} {unit}.",
        "On average, the {metric} of {model} was {value} {unit} in `{path}`.",
        "avg {metric}, {model}: {value} {unit} ({path})",
    ),
    "median": (
        "The typical {metric} of {model} in `{path}` is {value} {unit}.",
        "p50 {metric} of {model}: {value} {unit} (`{path}`)",
    ),
    "maximum": (
        "The {metric} of {model} peaked at {value} {unit} in `{path}`.",
        "The {metric} of {model} never went above {value} {unit} in `{path}`.",
        "The highest {metric} of {model} in `{path}` was {value} {unit}.",
    ),
    "minimum": (
        "The {metric} of {model} never fell below {value} {unit} in `{path}`.",
        "The lowest {metric} of {model} in `{path}` was {value} {unit}.",
        "At its lowest, the {metric} of {model} in `{path}` was {value} {unit}.",
    ),
    "p99": (
        "p99 {metric}: {value} {unit} for {model}, says `{path}`.",
        "The 99th percentile of the {metric} of {model} is {value} {unit} (`{path}`).",
    ),
    "value": (
        "{model} scores {value}{unit} {metric} (`{path}`).",
        "In `{path}`, {model} reaches {value}{unit} {metric}.",
        "{model}, {metric}: {value}{unit}, from {path}",
        "The {metric} of {model} stands at {value}{unit} in `{path}`.",
        "With {value}{unit}, {model} has this {metric} in `{path}`.",
    ),
}
_RANGES: Final = (
    "The {metric} of {model} ranged from {low} {unit} to {high} {unit} in `{path}`.",
    "Between {low} and {high} {unit}: that is the range of the {metric} of {model} in `{path}`.",
    "{metric} ({model}, `{path}`): {low}–{high} {unit}",
)
_PAIRS: Final = (
    "In `{path}`, {model} shows {mean} {unit} on average and {median} {unit} in the median for its {metric}.",
    "{model}'s {metric} in `{path}`: mean {mean} {unit}, median {median} {unit}.",
)
# Of two models, the first with more of the metric.
_COMPARISONS: Final = (
    ("{more} has a {dir} {stat} {metric} than {less}.", "higher", "lower"),
    ("The {stat} {metric} of {more} is {dir} than that of {less}.", "higher", "lower"),
    ("The {stat} {metric} of {less} is {dir} than that of {more}.", "lower", "higher"),
    ("Compared with {more}, {less} has a {dir} {stat} {metric}.", "lower", "higher"),
    ("{less} shows a {dir} {stat} {metric} ({low} {unit}) than {more} ({high} {unit}).", "lower", "higher"),
    ("In {stat} {metric}, {more} ({high} {unit}) is {dir} than {less} ({low} {unit}).", "higher", "lower"),
    ("{more}'s {stat} {metric} {dir} that of {less}.", "exceeds", "falls below"),
)  # fmt: skip
_JUDGED: Final = (
    ("{best} {dir} {worst} in {stat} {metric}.", "beats", "trails"),
    ("{best} {dir} {worst} on {stat} {metric}.", "outperforms", "underperforms"),
    ("Judged by its {stat} {metric}, {best} is {dir} than {worst}.", "better", "worse"),
)  # fmt: skip
_DATES: Final = (
    "`{path}` dates from {date}.",
    "The file {path} is stamped {date}.",
    "The runs in `{path}` were made on {date}.",
    "Recorded {date}: `{path}`",
    "What `{path}` holds was measured on {date}.",
)
_FILES: Final = (
    "`{path}` holds the raw numbers.",
    "The raw data is in {path}.",
    "- {path}: the source of the table above",
    "We took it from `{path}`.",
    "Details can be found in `{path}`.",
)
_COUNTS: Final = (
    "The corpus comprises {n} files.",
    "We count {n} files in all.",
    "All told there are {n} files.",
    "{n} files were found.",
)
_COUNTS_OF_KINDS: Final = (
    "{n} of the files are {kind} files.",
    "| Type | Files |\n|---|---|\n| {kind} | {n} |",
    "{kind} files number {n}.",
    "We found {n} {kind} files.",
)
_WRONG_UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "tok/s": ("ms", "MB"), "tokens/s": ("ms", "s"), "tokens per second": ("milliseconds", "percent"),
    "ms": ("s", "tok/s"), "milliseconds": ("seconds", "tokens per second"), "s": ("ms", "tok/s"),
    "seconds": ("milliseconds", "tokens per second"), "%": (" tok/s", " ms"),
}  # fmt: skip


class _Part(NamedTuple):
    kind: str
    text: str
    others: tuple[str, ...] = ()


def speak(folder: ToolFolder, seed: int) -> list[Statement]:
    """True statements in many voices about a folder."""
    chance = random.Random(seed)
    return [
        *_values(folder, chance),
        *_ranges(folder, chance),
        *_comparisons(folder, chance),
        *_dates(folder, chance),
        *_files(folder, chance),
    ]


def _fill(template: str, parts: Mapping[str, _Part]) -> Statement:
    names = re.findall(r"\{(\w+)\}", template)
    places = itertools.count()
    text = re.sub(r"\{\w+\}", lambda _: f"{{{next(places)}}}", template)
    chosen = [parts[name] for name in names]
    return Statement(
        text="\n\n# Next\n\n" + text if text.startswith(("#", "**", "1.")) else text,
        parts=tuple((part.kind, part.text) for part in chosen),
        others=tuple(part.others for part in chosen),
    )


def _values(folder: ToolFolder, chance: random.Random) -> Iterator[Statement]:
    for quantity in folder.quantities:
        for stat in quantity.statistics:
            own = _OF_ONE[stat]
            frames = own if stat == "value" else (*own, *_ANY)
            for frame in chance.sample(frames, 2):
                yield _fill(frame, _parts_of(quantity, stat, folder, chance))


def _parts_of(
    quantity: Quantity, stat: str, folder: ToolFolder, chance: random.Random
) -> Mapping[str, _Part]:
    spelling = chance.choice(quantity.spellings)
    value = spelling.write(quantity.statistics[stat])
    others = [m for m in folder.models if m != quantity.subject]
    stem, _, suffix = quantity.path.rpartition(".")
    elsewhere = [
        each.path
        for each in folder.quantities
        if each.subject != quantity.subject and each.family == quantity.family
    ]
    return {
        "path": _Part("file", quantity.path, (f"{stem}_final.{suffix}", chance.choice(elsewhere))),
        "model": _Part("model", quantity.subject, tuple(others)),
        "stat": _Part("statistic", stat, _other_statistics(quantity, stat, spelling)),
        "metric": _Part("metric", chance.choice(quantity.metrics)),
        "value": _Part("number", value, tuple(wrong_numbers(value, chance))),
        "unit": _Part("unit", spelling.unit, _WRONG_UNITS[spelling.unit]),
    }


def _other_statistics(quantity: Quantity, stat: str, spelling: Spelling) -> tuple[str, ...]:
    """The statistics whose value cannot be taken for this one's."""
    value = quantity.statistics[stat]
    return tuple(
        name
        for name, other in quantity.statistics.items()
        if abs(other - value) > 0.02 * abs(value) and spelling.write(other) != spelling.write(value)
    )


def _ranges(folder: ToolFolder, chance: random.Random) -> Iterator[Statement]:
    for quantity in folder.quantities:
        if "minimum" not in quantity.statistics:
            continue
        parts = dict(_parts_of(quantity, "mean", folder, chance))
        spelling = chance.choice(quantity.spellings)
        parts["unit"] = _Part("unit", spelling.unit, _WRONG_UNITS[spelling.unit])
        for name, stat in (
            ("low", "minimum"),
            ("high", "maximum"),
            ("mean", "mean"),
            ("median", "median"),
        ):
            shown = spelling.write(quantity.statistics[stat])
            parts[name] = _Part("number", shown, tuple(wrong_numbers(shown, chance)))
        yield _fill(chance.choice(_RANGES), parts)
        yield _fill(chance.choice(_PAIRS), parts)


def _comparisons(folder: ToolFolder, chance: random.Random) -> Iterator[Statement]:
    families: dict[str, list[Quantity]] = defaultdict(list)
    for quantity in folder.quantities:
        families[quantity.family].append(quantity)
    for family, members in families.items():
        # Of a metric that two tools measured, nobody says "the mean" without saying whose.
        if family.split()[-1] in ("decode", "ttft"):
            continue
        stat = "value" if "value" in members[0].statistics else "mean"
        for pair in itertools.combinations(members, 2):
            yield from _compare(pair, stat, chance)


def _compare(pair: Sequence[Quantity], stat: str, chance: random.Random) -> Iterator[Statement]:
    less, more = sorted(pair, key=lambda each: each.statistics[stat])
    if more.statistics[stat] < 1.03 * less.statistics[stat]:
        return
    spelling = chance.choice(more.spellings)
    low, high = spelling.write(less.statistics[stat]), spelling.write(more.statistics[stat])
    best, worst = (more, less) if more.better == "more" else (less, more)
    parts = {
        "more": _Part("name", more.subject), "less": _Part("name", less.subject),
        "best": _Part("name", best.subject), "worst": _Part("name", worst.subject),
        "stat": _Part("", "" if stat == "value" else stat), "metric": _Part("metric", chance.choice(more.metrics)),
        "low": _Part("number", low, tuple(wrong_numbers(low, chance))),
        "high": _Part("number", high, tuple(wrong_numbers(high, chance))),
        "unit": _Part("unit", spelling.unit, _WRONG_UNITS[spelling.unit]),
    }  # fmt: skip
    for patterns in (_COMPARISONS, _JUDGED):
        template, true, false = chance.choice(patterns)
        plain = template.replace("{stat} ", "") if stat == "value" else template
        yield _fill(plain, {**parts, "dir": _Part("direction", true, (false,))})


def _dates(folder: ToolFolder, chance: random.Random) -> Iterator[Statement]:
    for path, day in folder.days.items():
        for template in chance.sample(_DATES, 3):
            right = date.fromisoformat(day)
            wrong = (right + timedelta(days=3), right - timedelta(days=40), date(2023, 10, 26))
            write = chance.choice(_CALENDARS)
            parts = {
                "path": _Part("file", path),
                "date": _Part("date", write(right), tuple(write(each) for each in wrong)),
            }
            yield _fill(template, parts)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _as_americans(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


_CALENDARS: Final = (date.isoformat, _in_words, _as_americans)


def _files(folder: ToolFolder, chance: random.Random) -> Iterator[Statement]:
    for path in folder.paths:
        stem, _, suffix = path.rpartition(".")
        wrong = (
            f"{stem}-old.{suffix}",
            f"{stem}.{'csv' if suffix == 'json' else 'json'}",
            f"backup/{path}",
        )
        for template in chance.sample(_FILES, 2):
            yield _fill(template, {"path": _Part("file", path, wrong)})
    total = len(folder.paths)
    for template in _COUNTS:
        yield _fill(template, {"n": _Part("number", str(total), (str(total + 4), str(total * 2)))})
    for kind, suffix in (("CSV", ".csv"), ("JSON", ".json")):
        n = sum(path.endswith(suffix) for path in folder.paths)
        for template in _COUNTS_OF_KINDS:
            parts = {"n": _Part("number", str(n), (str(n + 3), str(n * 3)))}
            yield _fill(template.replace("{kind}", kind), parts)


def invent_row(folder: ToolFolder, chance: random.Random) -> str:
    """A true table of one metric over the models, and a row that nobody measured."""
    family = chance.choice(sorted({q.family for q in folder.quantities if "mean" in q.statistics}))
    members = [each for each in folder.quantities if each.family == family]
    spelling = members[0].spellings[0]
    lines = [
        f"| Model | {members[0].metrics[0]}, mean ({spelling.unit}) | File |", "|---|---|---|",
        *(f"| {each.subject} | {spelling.write(each.statistics['mean'])} | `{each.path}` |" for each in members),
    ]  # fmt: skip
    known = chance.choice(members)
    model = chance.choice((known.subject, "newmodel:13b", "phi9:3b"))
    value = spelling.write(known.statistics["mean"] * chance.uniform(1.5, 3.5))
    path = known.path if chance.random() < 0.5 else f"results/{model.replace(':', '_')}.csv"
    return "\n".join([*lines, f"| {model} | {value} | `{path}` |"])
