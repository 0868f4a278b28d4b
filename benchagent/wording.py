"""How labels and sentences name things: quoted, so that no name is taken for a figure or markup."""

import json
import re
from typing import Final

from benchagent.quantities.metrics import metric_label, statistic_label

_LONGEST_NAME: Final = 240
# Benchmarks of code: nobody is asked anything, and nothing is answered well or badly.
_WITHOUT_ANSWERS: Final = frozenset(
    ("command", "compile", "kernel", "microbenchmark", "profile", "telemetry")
)
# What could end the quotation, be taken for a reference to a fact, or break the line.
_UNSAFE: Final = re.compile(r"[`{}\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """As in `1 call` and `2,000 calls`; a plural that is not made with an s is given."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def quoted(name: str) -> str:
    """A name in backticks; characters that would not stay inside are written as escapes."""
    shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return "`" + _UNSAFE.sub(lambda found: rf"\x{ord(found[0]):02x}", shown) + "`"


def gives_answers(benchmark: str | None) -> bool:
    """Whether a benchmark of this kind asks a model, so that prompts and answers can differ."""
    return benchmark not in _WITHOUT_ANSWERS


def quoted_setting(option: str, level: str) -> str:
    """One setting as a user would write it: `num_ctx=1024`; `num_ctx=(blank)` where it has none."""
    return quoted(f"{option}={'(blank)' if level == 'null' else plain_level(level)}")


def plain_level(level: str) -> str:
    """The JSON of a setting's value without the quotes of a string."""
    value = json.loads(level)
    return value if isinstance(value, str) else level


def quoted_settings(config: str) -> str:
    """All settings of a configuration, as one quoted name."""
    return quoted(plain_settings(config)) if json.loads(config) else "no recorded settings"


def plain_settings(config: str) -> str:
    """The settings of a configuration side by side, as a user would write them."""
    settings: dict[str, object] = json.loads(config)
    return " ".join(f"{key}={plain_level(json.dumps(v))}" for key, v in settings.items())


def name_subject(
    subject: str | None, source: str | None = None, workload: str | None = None
) -> str:
    """Who was measured, and at what work; an unnamed subject is known by the file that tells."""
    if subject is not None:
        named = quoted(subject)
    else:
        named = f"an unnamed subject in {quoted(source)}" if source else "an unnamed subject"
    return f"{named} as {quoted_settings(workload)}" if workload else named


def name_quantity(metric: str, statistic: str = "value") -> str:
    """A metric as prose names it, with the statistic that its source gives of it."""
    named = metric_label(metric)
    reported = statistic_label(statistic)
    return f"{reported} {named}" if reported else named


def name_phase(phase: str | None) -> str:
    """How the state of the model is added to a label: `, warm calls`, or nothing."""
    words = {"cold": "cold calls", "warm": "warm calls", "mixed": "cold and warm calls together"}
    return f", {words[phase]}" if phase else ""


def join_names(names: list[str], most: int = 4, *, by: str = "and") -> str:
    """Names in a row: "a, b and c", or `by` another word; beyond `most` the rest is "others"."""
    shown = names if len(names) <= most else [*names[: most - 1], "others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {by} {shown[-1]}"
