"""What each option does to each metric, with everything else that was recorded held alike."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Ints
from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.contrasts import (
    ACROSS_FILES,
    SAME_QUESTIONS,
    adjust_for_family,
    better_first,
    comparable_samples,
    compare_arms,
    count_files,
    interval_of_ratio,
    ratio_of,
)
from benchagent.facts.derivations.comparisons.evenness import AS_MANY, even_out
from benchagent.facts.derivations.comparisons.interactions import Sides, find_interaction
from benchagent.facts.derivations.comparisons.option_levels import (
    BLANK,
    switched_options,
    take_apart,
    varied_options,
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
    settings_of,
    shared_settings,
)
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import say_within
from benchagent.facts.derivations.rows.rounds import find_rounds, in_shared_blocks
from benchagent.facts.fact import Fact, vary
from benchagent.wording import (
    join_names,
    name_phase,
    name_quantity,
    name_subject,
    quoted,
    quoted_setting,
)

_IN_A_FILE: Final = "alike in all other recorded settings"
_ACROSS_FILES: Final = f"{_IN_A_FILE}, {ACROSS_FILES}"
# How much was asked and answered, in tokens.
LENGTHS: Final = ("prompt_tokens", "output_tokens")


class _Arms(NamedTuple):
    """Numbers of one group by the value of an option, each in the block that it is compared in.

    Attributes:
        rows: places in the frame, by id.
        levels: the option's values as JSON.
        level: which of `levels` each row has.
        block: what was run with all other settings and the item alike, in one file where files
            hold two values of the option.
        alike: in what the runs of a block are alike; None where no block holds two values, and
            all rows are here.
    """

    rows: Ints
    levels: list[str]
    level: Ints
    block: Ints
    alike: str | None


def compare_options(samples: Samples) -> Iterator[Fact]:
    """Medians per value of each option, their extremes' ratio, and whether chance explains them."""
    tests: list[Fact] = []
    frame = comparable_samples(samples.frame)
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        for option, arms in _every_option(frame, group):
            facts = list(_compare(frame, group, option, arms))
            tests.extend(fact for fact in facts if fact.kind == "test")
            yield from facts
    yield from adjust_for_family(tests, lambda fact: f"options against {quoted(fact.metric or '')}")
    yield from _describe_lengths(samples.frame)


def _describe_lengths(frame: Frame) -> Iterator[Fact]:
    """How long prompts and answers were per value of an option: what times depend on too."""
    frame = frame.take(frame.has("metric", *LENGTHS) & frame.has("statistic", "value"))
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        for option, arms in _every_option(frame, group):
            yield from (fact for fact, _ in _centres(frame, group, option, arms))


def _every_option(frame: Frame, group: Group) -> Iterator[tuple[str, _Arms]]:
    """Each option that can be compared, with its numbers; blank is a value beside a single other."""
    settings = settings_of(frame, group)
    switched = switched_options(settings)
    for option in [*varied_options(settings), *switched]:
        arms = _arms_of(frame, group, option, or_blank=option in switched)
        if arms is not None and (arms.alike or option not in switched):
            yield option, arms


def _arms_of(frame: Frame, group: Group, option: str, *, or_blank: bool) -> _Arms | None:
    """The numbers that can be compared: of blocks with two values, else all that name the option.

    Those of runs that leave it blank too, if asked for, where others of their file name it.
    """
    levels, level_of, rest_of = take_apart(frame.different("settings"), option)
    codes = frame.codes("settings")
    named = level_of[codes[group.rows]] >= 0
    rows = group.rows[named]
    if or_blank:
        sources = frame.codes("source_path")[group.rows]
        both = np.intersect1d(sources[named], sources[~named])
        rows = group.rows[np.isin(sources, both)]
        level_of = np.where(level_of < 0, len(levels), level_of)
        levels = [*levels, BLANK]
    level, rest = level_of[codes[rows]], rest_of[codes[rows]]
    source, item = (frame.codes(name)[rows] for name in ("source_path", "item"))
    alike, block = None, number_rows(rest, item)
    for words, columns in ((_IN_A_FILE, (rest, item, source)), (_ACROSS_FILES, (rest, item))):
        found = number_rows(*columns)
        matched = in_shared_blocks(level, found)
        if matched.any():
            rows, level, block, alike = rows[matched], level[matched], found[matched], words
            even = even_out(frame.values[rows], level, block)
            if even is not None:
                dropped = np.setdiff1d(level, level[even]).tolist()
                rows, level, block = rows[even], level[even], block[even]
                alike = f"{words}, {AS_MANY}"
                if dropped:
                    names = [quoted_setting(option, levels[at]) for at in dropped]
                    alike += f" ({join_names(names)} left out)"
            alike = say_within(frame, rows, level, alike)
            break
    present, level = np.unique(level, return_inverse=True)
    if len(present) < 2:
        return None
    return _Arms(rows, [levels[at] for at in present], level, block, alike)


def _compare(frame: Frame, group: Group, option: str, arms: _Arms) -> Iterator[Fact]:
    centres = _centres(frame, group, option, arms)
    yield from (fact for fact, _ in centres)
    template = _template(centres[0][0], option)
    better = better_first(group.key["metric"] or "")
    centres.sort(key=lambda pair: better(pair[0]))
    (best, best_part), (worst, worst_part) = centres[0], centres[-1]
    label = f"{template.label}: {quoted_setting(option, best.level or '')} over "
    label += quoted_setting(option, worst.level or "")
    loads, alike = option in LOAD_OPTIONS, arms.alike
    rounds = find_rounds(frame, arms.rows, arms.level, arms.block, loads=loads)
    if rounds is not None and rounds.too_few_questions:
        rounds, alike = None, f"{alike}, {SAME_QUESTIONS}"
    ratio = vary(template, label=label, level=alike)
    # An interval over calls would be too narrow where only rounds are independent.
    interval = interval_of_ratio(best_part, worst_part) if rounds is None else None
    yield from filter(None, [ratio_of(best, worst, ratio, interval)])
    if interval is not None and arms.alike is not None and best.method == "median":
        yield from _interaction(frame, group, arms, ratio, (best.level or "", worst.level or ""))
    yield count_files(frame, arms.rows, template, f"what was compared: {template.label}")
    if arms.alike is not None:
        test = vary(template, label=f"p-value of {template.label}")
        yield from compare_arms(
            frame.ids[arms.rows], frame.values[arms.rows], arms.level, arms.block, test, rounds
        )


def _interaction(
    frame: Frame, group: Group, arms: _Arms, ratio: Fact, levels: tuple[str, str]
) -> Iterator[Fact]:
    """What the extremes' ratio is under each value of another option, where it depends on one."""
    best, worst = (arms.level == arms.levels.index(level) for level in levels)
    rows, is_best, block = (column[best | worst] for column in (arms.rows, best, arms.block))
    sides = Sides(rows, is_best.astype(np.int64), block)
    yield from find_interaction(frame, sides, group.key, ratio, levels)


def _centres(frame: Frame, group: Group, option: str, arms: _Arms) -> list[tuple[Fact, Group]]:
    """The median (of outcomes the share) at each value of the option, and the numbers that it is of."""
    parts = [
        group_of(frame, arms.rows[arms.level == at], group.key) for at in range(len(arms.levels))
    ]
    found = [
        _centre_at(frame, method, part, option, level)
        for method, part, level in zip(centres_of(*parts), parts, arms.levels, strict=True)
    ]
    alike = "" if arms.alike is not None else ", other settings not matched"
    told = [vary(fact, label=f"{fact.label}{alike}") for fact in found]
    return list(zip(told, parts, strict=True))


def _centre_at(frame: Frame, method: str, part: Group, option: str, level: str) -> Fact:
    fact = describe_by(method, part, "option", shared_settings(frame, part))
    label = f"{fact.label}, at {quoted_setting(option, level)}"
    return vary(fact, label=label, option=option, level=level)


def _template(fact: Fact, option: str) -> Fact:
    quantity = name_quantity(fact.metric or "")
    whose = name_subject(fact.subject, fact.of, fact.workload)
    label = f"{quantity} of {whose} by {quoted(option)}{name_phase(fact.phase)}"
    return vary(fact, label=label, config=None, level=None, option=option)
