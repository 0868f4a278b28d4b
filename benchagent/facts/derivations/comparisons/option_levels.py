"""The values of an option, as the settings of runs name them."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.settings import write_json

# An option with more values than this is a measurement or a seed by another name.
_MOST_LEVELS: Final = 12
# The value, as JSON, of an option that a run leaves blank.
BLANK: Final = write_json(None)


def varied_options(settings: Sequence[Mapping[str, object]]) -> list[str]:
    """Options that were set to two values or more."""
    names = sorted({name for found in settings for name in found})
    levels = {name: {write_json(s[name]) for s in settings if name in s} for name in names}
    return [name for name in names if 2 <= len(levels[name]) <= _MOST_LEVELS]


def switched_options(settings: Sequence[Mapping[str, object]]) -> list[str]:
    """Options with one value only, which some runs leave blank: `on` or nothing."""
    names = sorted({name for found in settings for name in found})
    return [
        name
        for name in names
        if len({write_json(found[name]) for found in settings if name in found}) == 1
        and any(name not in found for found in settings)
    ]


def levels_by_configuration(frame: Frame, option: str) -> Ints:
    """For each category of `settings`, which value of the option it has; -1 where it has none."""
    return take_apart(frame.different("settings"), option)[1]


def take_apart(settings: list[str], option: str) -> tuple[list[str], Ints, Ints]:
    """The option's values, and for each configuration which it has (-1: none) and what is left."""
    entries = [json.loads(text) for text in settings]
    own = [write_json(entry.pop(option)) if option in entry else None for entry in entries]
    levels = sorted({level for level in own if level is not None}, key=order_of_level)
    rests = sorted({write_json(entry) for entry in entries})
    level_of = [-1 if level is None else levels.index(level) for level in own]
    places = {rest: place for place, rest in enumerate(rests)}
    rest_of = [places[write_json(entry)] for entry in entries]
    return levels, np.array(level_of, dtype=np.int64), np.array(rest_of, dtype=np.int64)


def order_of_level(level: str) -> tuple[float, str]:
    """Numbers by value, then texts by letter."""
    value = json.loads(level)
    return (value, "") if isinstance(value, int | float) else (math.inf, level)
