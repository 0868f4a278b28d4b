# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Home folders of people, which stand in artifacts (a model's path, a traceback) and are private."""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_SEPARATOR: Final = r"(?:\\{1,4}|/)"  # JSON doubles a backslash, JSON within JSON once more
_WORD: Final = r"[^\\/\s\"'`,;:|<>()\[\]{}]+"
# A name of several words ends at the next separator; of one word, wherever it ends.
_HOME: Final = re.compile(
    rf"(?<![\w.~-])(?:[A-Za-z]:)?{_SEPARATOR}(?:home|Users){_SEPARATOR}"
    rf"(?:{_WORD}(?: {_WORD}){{0,2}}(?=[\\/])|{_WORD})",
    re.IGNORECASE,
)
_NEEDED: Final = ("home", "users")


def hide_homes(text: str) -> str:
    """The text with `~` for each home folder: `/home/ann/m.gguf` becomes `~/m.gguf`."""
    return _HOME.sub("~", text)


def hide_homes_in_place(text: str) -> str:
    """The same with blanks before each `~`, so that everything else stays where it stands."""
    lower = text.lower()
    if not any(f"{word}{end}" in lower for word in _NEEDED for end in "/\\"):
        return text
    return _HOME.sub(lambda found: "~".rjust(len(found[0])), text)


def hide_homes_in(table: pa.Table, *columns: str) -> pa.Table:
    """The table with `~` for each home folder in these columns of texts."""
    for name in columns:
        place, column = table.schema.get_field_index(name), table[name].combine_chunks()
        words = column.dictionary if pa.types.is_dictionary(column.type) else column.drop_null()
        if not pc.any(pc.match_substring_regex(words, "|".join(_NEEDED), ignore_case=True)).as_py():
            continue
        hidden = [None if text is None else hide_homes(text) for text in column.to_pylist()]
        table = table.set_column(place, table.field(place), pa.array(hidden, column.type))
    return table
