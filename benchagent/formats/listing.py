"""The formats as a table for readers, out of what their own modules say."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from benchagent.formats.format import Format, KnownFrom

_KNOWN_FROM: Final[dict[KnownFrom, str]] = {
    "tool": "a file that the tool wrote",
    "corpus": "written after real files",
    "documentation": "written from documentation: **experimental**",
}


def list_formats(formats: Iterable[Format], samples: Mapping[str, Sequence[str]]) -> str:
    """A Markdown table, one row per format in the order of asking.

    Args:
        formats: what to list.
        samples: the sample files of each format, by its name.
    """
    rows = [
        "| format | a file is one if | what is read | samples | they are |",
        "|---|---|---|---|---|",
    ]
    for format in formats:
        names = ", ".join(f"`{name}`" for name in samples.get(format.name, ()))
        cells = (
            f"`{format.name}`",
            _first_sentence(format.detect.__doc__).removeprefix("Whether "),
            _first_sentence(format.parse.__doc__),
            names or "none",
            _KNOWN_FROM[format.known_from],
        )
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def _first_sentence(docstring: str | None) -> str:
    text = " ".join((docstring or "").split("\n\n")[0].split())
    return text.removesuffix(".")
