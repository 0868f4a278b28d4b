"""A row of groups above the names of columns, as sheets with merged cells are exported.

`,,Prefill,,Decode,` above `model,ctx,ms,tok/s,ms,tok/s`: each name below a group is of that group.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from benchagent.measurements.header_rows import STATISTIC
from benchagent.measurements.table_ends import begins_with_digit

_FEWEST: Final = 2
# One such word over all numbers tells of which stage they are; another one is a title.
_STAGE: Final = re.compile(
    r"prefill|pp|prompt(?: (?:processing|eval(?:uation)?))?|decod(?:e|ing)|(?:token |text )?generation|tg",
    re.IGNORECASE,
)
# `bs=8` above `tok/s` is what people write as `tok/s (bs=8)`
_SETTING: Final = re.compile(r"[A-Za-z][\w -]{0,40} ?= ?[\w.+-]{1,40}")


def join_groups(above: Sequence[str], below: Sequence[str]) -> list[str] | None:
    """The names of columns, each with its group; None where the upper row holds no groups.

    What stands left of all groups, or below one that begins there, is of none. A name that is
    missing below stands above, in a cell that was merged downwards.

    Args:
        above: the row that may hold groups.
        below: the row that may hold the names.
    """
    groups, names = [cell.strip() for cell in above], [cell.strip() for cell in below]
    if len(groups) != len(names) or any(map(begins_with_digit, names)):
        return None
    missing = [at for at, name in enumerate(names) if not name]
    if any(not groups[at] for at in missing) or not _are_groups(groups, names):
        return None
    doubled = {name for name, times in Counter(names).items() if times > 1}
    joined: list[str] = []
    group, began = "", 0
    for at, (cell, name) in enumerate(zip(groups, names, strict=True)):
        if cell:
            group, began = cell, at
        if not name:
            joined.append(cell)
            group = ""
        else:
            of_group = group and (began > 0 or name in doubled)
            joined.append(_join(group, name) if of_group else name)
    return joined


def _are_groups(groups: Sequence[str], names: Sequence[str]) -> bool:
    """Whether cells stand over others, one of them over several, or in each of its places again."""
    heads = [at for at, cell in enumerate(groups) if cell and names[at]]
    right = [groups[at] for at in heads if at > 0]
    if len(right) >= _FEWEST:
        beside = zip(groups[heads[0] :], names[heads[0] :], strict=True)
        return len(set(right)) < len(right) or any(name and not group for group, name in beside)
    return len(heads) == len(right) == 1 and _STAGE.fullmatch(right[0]) is not None


def _join(group: str, name: str) -> str:
    if STATISTIC.fullmatch(name):
        return f"{name} {group}"
    return f"{name} ({group})" if _SETTING.fullmatch(group) else f"{group} {name}"
