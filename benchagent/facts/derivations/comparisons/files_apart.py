"""What was run alike in several files, as far as they tell, and whether the files gave the same.

Two builds, two clients, a limit that only the file's name tells: what is not recorded as a setting
is pooled with its like, and a median over all of it may describe none.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from benchagent.arrays import Ints, Mask
from benchagent.facts.derivations.comparisons.contrasts import (
    adjust_for_family,
    comparable_samples,
    compare_arms,
    ratio_of,
)
from benchagent.facts.derivations.counted_once.samples import (
    Group,
    Samples,
    group_of,
    split_into_groups,
)
from benchagent.facts.derivations.descriptions.statistics import (
    SUBJECT,
    centres_of,
    describe_by,
    shared_settings,
)
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import RECORDED_AS
from benchagent.facts.derivations.rows.rounds import in_shared_blocks, linked
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact, vary
from benchagent.wording import name_phase, name_quantity, name_subject, plain_settings, quoted

# Of fewer runs nobody can say what is usual for a file.
_FEWEST: Final = 5
# More are a series, of which no two extremes say much.
_MOST_FILES: Final = 12
# More of what tells files apart says no more.
_MOST_TOLD: Final = 2


def compare_files(samples: Samples) -> Iterator[Fact]:
    """Medians per file of what was run alike in several, and whether chance explains them."""
    tests: list[Fact] = []
    frame = comparable_samples(samples.frame)
    frame = frame.take(frame.known("subject"))
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        rows, block = _run_alike(frame, group)
        if not len(rows):
            continue
        for here, held in _linked(frame, group, rows, block):
            facts = list(_compare(frame, group, rows[here], block[here], held))
            tests.extend(fact for fact in facts if fact.kind == "test")
            yield from facts
    yield from adjust_for_family(tests, lambda fact: f"files against {quoted(fact.metric or '')}")


def _linked(
    frame: Frame, group: Group, rows: Ints, block: Ints
) -> Iterator[tuple[Mask, str | None]]:
    """Runs of files that have settings and prompt in common, with the settings only these have.

    Of several that no setting tells apart those of most runs.
    """
    link = linked(frame.codes("source_path")[rows], block)
    masks = [link == each for each in np.unique(link)]
    if len(masks) == 1:
        yield masks[0], None
        return
    common, *own = (
        json.loads(shared_settings(frame, group_of(frame, rows[here], group.key)))
        for here in (link >= 0, *masks)
    )
    held = [
        plain_settings(write_json({key: each[key] for key in each if key not in common}))
        for each in own
    ]
    if "" in held or len(set(held)) < len(held):
        yield max(masks, key=lambda here: int(here.sum())), None
        return
    yield from zip(masks, held, strict=True)


def _run_alike(frame: Frame, group: Group) -> tuple[Ints, Ints]:
    """The runs of blocks (settings and prompt) that two files hold, of files with enough of them."""
    rows, n = group.rows, -1
    block = number_rows(*(frame.codes(name)[rows] for name in ("settings", "item")))
    while len(rows) not in (0, n):
        n = len(rows)
        _, source, runs = np.unique(
            frame.codes("source_path")[rows], return_inverse=True, return_counts=True
        )
        kept = (runs[source] >= _FEWEST) & in_shared_blocks(source, block)
        rows, block = rows[kept], block[kept]
    few = len(np.unique(frame.codes("source_path")[rows])) <= _MOST_FILES
    return (rows, block) if few else (rows[:0], block[:0])


def _compare(
    frame: Frame, group: Group, rows: Ints, block: Ints, held: str | None
) -> Iterator[Fact]:
    source = frame.codes("source_path")[rows]
    paths = frame.used("source_path", rows)
    told = _told_apart({path: _recorded_in(frame, rows, path) for path in paths})
    parts = [group_of(frame, rows[source == code], group.key) for code in np.unique(source)]
    centres = [
        _centre_in(frame, method, part, path, told[path])
        for method, part, path in zip(centres_of(*parts), parts, paths, strict=True)
    ]
    yield from centres
    centres.sort(key=lambda fact: (-fact.value, fact.of or ""))
    largest, smallest = centres[0], centres[-1]
    quantity, whose = (
        name_quantity(largest.metric or ""),
        name_subject(largest.subject, None, largest.workload),
    )
    label = f"{quantity} of {whose} by file{name_phase(largest.phase)}"
    between = f"{label}: {quoted(largest.of or '')} over {quoted(smallest.of or '')}"
    between += f" with {quoted(held)}" if held else ""
    template = vary(largest, label=between, of=None, config=None, level=None, option=held)
    yield from filter(None, [ratio_of(largest, smallest, template, None)])
    test = vary(template, label=f"p-value of {between if held else label}")
    arm = np.unique(source, return_inverse=True)[1].astype(np.int64)
    yield from compare_arms(frame.ids[rows], frame.values[rows], arm, block, test)


def _centre_in(
    frame: Frame, method: str, part: Group, path: str, told: Mapping[str, object]
) -> Fact:
    fact = describe_by(method, part, "file", shared_settings(frame, part))
    label = f"{fact.label}, run alike in {quoted(path)}"
    return vary(fact, label=label, of=path, level=write_json(told) if told else None)


def _recorded_in(frame: Frame, rows: Ints, path: str) -> Mapping[str, object]:
    """What all runs of a file say alike of their surroundings."""
    texts = frame.used("environment", rows[frame.has("source_path", path)[rows]])
    found: list[dict[str, object]] = [json.loads(text) for text in texts]
    return {
        key: level for key, level in found[0].items() if all(e.get(key) == level for e in found)
    }


def _told_apart(recorded: Mapping[str, Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    """Of what files record beside their settings, what tells them apart; the machine is one."""
    keys = set.intersection(*(set(found) for found in recorded.values())) - RECORDED_AS
    telling = [
        key
        for key in sorted(keys)
        if len({write_json({key: found[key]}) for found in recorded.values()}) > 1
    ]
    return {
        path: {key: found[key] for key in telling[:_MOST_TOLD]} for path, found in recorded.items()
    }
