"""Under which settings a text says a number was measured: `num_ctx=1024`, "with ONNX", "cold"."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import OLLAMA_OPTIONS, find_setting
from benchagent.verification.kept import Kept, remember
from benchagent.verification.text.letters import has_digits, spell_pointed, unpointed
from benchagent.verification.text.numeric_levels import NumericLevels, find_numeric_levels
from benchagent.verification.text.terms import find_metrics, find_statistics
from benchagent.verification.text.units import UNITS

_OPTION: Final = "|".join(sorted({*OLLAMA_OPTIONS, "temp", "batch_size"}, key=len, reverse=True))
OPTIONS: Final = re.compile(rf"(?:{_OPTION}|backend|device)", re.IGNORECASE)
_SETTING: Final = re.compile(
    rf"\b(?:(?P<name>{_OPTION})\s*(?:=|:|\bof\b|\bset to\b|\bis\b|\bat\b|\s)\s*|(?P<any>[a-z]\w*)=)"
    r"(?P<value>-?\d+(?:\.\d+)?(?![\w/])|[\w.:\-]+)",
    re.IGNORECASE,
)
_UNIT_BEHIND: Final = re.compile(rf"\s?(?:{UNITS})(?!\w)", re.IGNORECASE)
_DEGREES: Final = re.compile(r"\s?°")
_STEMS: Final = sorted({name[:4].lower() for name in (*OLLAMA_OPTIONS, "temp", "batch_size")})
_OPTION_STEM: Final = re.compile("|".join(_STEMS))
_ALIASES: Final = {"temp": "temperature"}
# Settings whose levels people name without the setting: "eager", "on CUDA".
_SPOKEN: Final = frozenset(
    {
        "backend",
        "device",
        "engine",
        "provider",
        "runtime",
        "host",
        "machine",
        "gpu",
        "cpu",
        "driver",
    }
)
_WORD_LEVEL: Final = re.compile(r"[a-z][\w.+-]{1,24}", re.IGNORECASE)
_PHRASE_LEVEL: Final = re.compile(r"[a-z][\w-]*(?: [\w-]+){1,3}(?: \([\w -]+\))?", re.IGNORECASE)
# Settings that name a whole configuration, a prompt or a file.
_NAMES: Final = frozenset({"config_name", "prompt", "variant", "quantization", "source", "config"})
# How the numbers of a model are stored: `q4_0`, `fp16`.
_OF_NUMBERS: Final = frozenset({"quantization", "variant", "precision", "dtype"})
_MOST_LEVELS: Final = 400
# The size of a sample and the chance of a test are written as settings are: `n=12`.
NO_SETTINGS: Final = frozenset({"n", "p"})


class Level(NamedTuple):
    """A level named in a text, with the settings that it may be of: `backend=onnx`."""

    start: int
    end: int
    settings: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFinder:
    """Finds the levels of settings that a text names without the setting."""

    pattern: re.Pattern[str] | None
    settings: Mapping[str, frozenset[str]]
    numbers: NumericLevels = field(default_factory=NumericLevels)
    _found: Kept[list[Level]] = field(default_factory=Kept[list[Level]], compare=False, repr=False)

    def find(self, text: str) -> list[Level]:
        """Every level named, in order."""
        if self.pattern is None:
            return []
        return self._found.ask(text, lambda: list(self._find(text)))

    def _find(self, text: str) -> Iterator[Level]:
        for match in self.pattern.finditer(text) if self.pattern else ():
            yield Level(match.start(), match.end(), self.settings[_squeeze(match[0])])


def _spell(level: str) -> str:
    """A level as it is known: people write `torch.compile` of `torch_compile` and `torchcompile`."""
    return re.sub(r"[\s_-]+|(?<=[a-z])\.(?=[a-z])", " ", level.lower())


def _squeeze(level: str) -> str:
    """A level without what joins its words."""
    return _spell(unpointed(level)).replace(" ", "")


def _pattern(level: str) -> str:
    return r"(?:[\s_-]+|\.)".join(map(spell_pointed, level.split(" ")))


def build_level_finder(
    settings: Collection[str],
    spoken: Collection[str] = frozenset(),
    varied: frozenset[str] = frozenset(),
    tags: Collection[str] = (),
) -> LevelFinder:
    """A finder of the levels of these settings (`name=level`).

    Args:
        settings: of all the data.
        spoken: those whose levels are named in one word, without the setting.
        varied: those that have several levels.
        tags: parts of subjects' names, which are no levels.
    """
    numbers = find_numeric_levels(settings, varied)
    found: dict[str, set[str]] = defaultdict(set)
    for setting in settings:
        name, _, level = setting.partition("=")
        technical = "_" in level and name not in _NAMES
        technical = technical or (name in _OF_NUMBERS and has_digits(level) and level not in tags)
        if (name in _SPOKEN or name in spoken or technical) and _WORD_LEVEL.fullmatch(level):
            found[_spell(level)].add(setting)
        elif _PHRASE_LEVEL.fullmatch(level):
            found[_spell(level)].add(setting)
            found[_spell(level.partition(" (")[0])].add(setting)
    for phrase, setting in _offload_phrases(settings):
        found[phrase].add(setting)
    known = {level: frozenset(named) for level, named in found.items() if len(level) > 1}
    if not known or len(known) > _MOST_LEVELS:
        return LevelFinder(pattern=None, settings={}, numbers=numbers)
    known |= {form: known[level] for level in known for form in _find_plurals(level)} | known
    told = "|".join(_pattern(level) for level in sorted(known, key=len, reverse=True))
    # device names are parts of metrics too: "CPU usage", "GPU memory"
    pattern = rf"(?<![\w/.-])(?:{told})(?![\w/]|\s+(?:usage|util|memory|load\b|clock|temp))"
    compiled = re.compile(pattern, re.IGNORECASE)
    squeezed: dict[str, frozenset[str]] = defaultdict(frozenset)
    for level, named in known.items():
        squeezed[_squeeze(level)] |= named
    return LevelFinder(pattern=compiled, settings=squeezed, numbers=numbers)


def _offload_phrases(settings: Collection[str]) -> Iterator[tuple[str, str]]:
    """What people call none and the most of the layers on the GPU, where both were tried."""
    told = (setting.partition("=") for setting in settings)
    own = {(name, level) for name, _, level in told if name == "num_gpu" and level.isdecimal()}
    levels = {int(level) for _, level in own}
    if 0 in levels and len(levels) > 1:
        yield from (("cpu only", "num_gpu=0"), ("no offload", "num_gpu=0"))
        most = f"num_gpu={max(levels)}"
        yield from (
            (said, most) for said in ("full offload", "fully offloaded", "full gpu offload")
        )


def _find_plurals(level: str) -> Iterator[str]:
    """How several of a level are told: "DB queries" of `db_query`."""
    if level[-1] in ascii_lowercase and " " in level and not has_digits(level):
        yield f"{level[:-1]}ies" if level.endswith("y") else f"{level}s"


@remember(2048)
def _may_hold_settings(text: str) -> bool:
    if "=" in text:
        return True
    return has_digits(text) and _OPTION_STEM.search(text.lower()) is not None


class Place(NamedTuple):
    """A setting spelled out in a text: `num_ctx=1024`."""

    start: int
    end: int
    name: str
    setting: str


@remember(8192)
def find_settings_in(text: str) -> tuple[Place, ...]:
    """The settings that a text spells out, in lower case, in order."""
    return tuple(_read_settings(text)) if _may_hold_settings(text) else ()


def read_settings_in(text: str) -> tuple[str, ...]:
    """The settings that a text spells out: `num_ctx=1024`, lower case."""
    return tuple(place.setting for place in find_settings_in(text))


def _read_settings(text: str) -> Iterator[Place]:
    for match in _SETTING.finditer(text):
        if _is_result(match):
            continue
        name = (match["name"] or match["any"]).lower()
        name = _ALIASES.get(name, name)
        value = match["value"].lower().rstrip(".,;:")
        if any(c.isdigit() for c in value) or "=" in match[0]:
            plain = f"{float(value):g}" if re.fullmatch(r"-?\d+(\.\d+)?", value) else value
            end = match.start("value") + len(value)
            yield Place(match.start(), end, name, f"{name}={plain}")


def call_alike(name: str, level: str) -> frozenset[str]:
    """A setting as the text calls it and as it is called everywhere: `ngl=99`, `num_gpu=99`."""
    return frozenset(f"{own}={level}" for own in (name, find_setting(name)) if own)


def find_setting_spans(text: str) -> list[tuple[int, int]]:
    """Where settings stand, so that their values are not taken for results."""
    return [
        (place.start, place.end)
        for place in find_settings_in(text)
        if has_digits(place.setting.partition("=")[2]) and place.name not in NO_SETTINGS
    ]


def _is_result(match: re.Match[str]) -> bool:
    """`ttft=84`, `mean=5`, `drag=4.1 J` and `temperature 71 °C` give results, not settings."""
    if _DEGREES.match(match.string, match.end()):
        return True
    name = match["any"]
    if name and _UNIT_BEHIND.match(match.string, match.end()):
        return True
    return bool(name) and bool(find_metrics(name) or find_statistics(name))
