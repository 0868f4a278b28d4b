"""The templates of a report; in those of HTML whatever is filled in is escaped."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=select_autoescape(("html.j2",)),  # Markdown is escaped where it enters
)


def fill_template(name: str, **values: Any) -> str:
    """A template filled in; one that names what it is not given is an error."""
    return _TEMPLATES.get_template(name).render(**values)
