"""The statements of the warehouse, one in a file."""

from pathlib import Path

SQL = Path(__file__).parent.parent / "sql"


def statement(name: str, **names: str) -> str:
    """The text of a statement; `$name` in it stands for one of our own tables, values are bound."""
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    for placeholder, table in names.items():
        text = text.replace(f"${placeholder}", table)
    return text
