"""What a file is that is no text, by how it begins, and what makes it one that can be read."""

from typing import Final

_BEGINS: Final = {
    b"SQLite format 3\0": "an SQLite database; export its tables as CSV",
    b"\xd0\xcf\x11\xe0": "an old Office document; save its sheets as CSV",
    b"\x89HDF\r\n": "an HDF5 file; save its tables as CSV",
    b"ARROW1": "a Feather file; save it as CSV or Parquet",
    b"%PDF-": "a PDF; what it was made from can be read",
    **dict.fromkeys((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "a picture"),
    b"GGUF": "weights of a model",
    b"\x7fELF": "a program",
    **dict.fromkeys(
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "a Python pickle, which could run code when it is opened; save it as CSV",
    ),
}


def name_binary(data: bytes) -> str:
    """What binary data are, or how they begin."""
    known = next((said for begins, said in _BEGINS.items() if data.startswith(begins)), None)
    if known:
        return f"binary data: {known}"
    return f"binary data (it begins with {data[:8]!r}), expected text"
