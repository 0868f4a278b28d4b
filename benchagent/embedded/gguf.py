"""The header of a GGUF weights file: what the model says of itself, read without its weights.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from benchagent.embedded.errors import WeightsError

GgufValue = str | int | float | bool | list["GgufValue"]

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
_QUANTIZATIONS = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    32: "BF16",
}
_CONTROL_TOKEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """The key/values of a weights file, and how many parameters its tensors hold."""

    values: dict[str, GgufValue]
    parameter_count: int

    def text(self, key: str, default: str = "") -> str:
        """Return a text value, or the default where the file has none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else default

    def whole(self, key: str, default: int = 0) -> int:
        """Return a whole-number value, or the default where the file has none."""
        value = self.values.get(key)
        return value if isinstance(value, int) else default

    @property
    def architecture(self) -> str:
        """The family of the network, such as `llama`."""
        return self.text("general.architecture", "unknown")

    @property
    def context_length(self) -> int:
        """How many tokens the model was trained to see; 0 where the file does not say."""
        return self.whole(f"{self.architecture}.context_length")

    @property
    def quantization(self) -> str:
        """How the weights are stored, such as `Q4_1`."""
        return _QUANTIZATIONS.get(self.whole("general.file_type", -1), "unknown")

    @property
    def control_tokens(self) -> frozenset[str]:
        """The words that steer the model (`<|im_end|>`), which no quoted text may contain."""
        tokens = self.values.get("tokenizer.ggml.tokens")
        kinds = self.values.get("tokenizer.ggml.token_type")
        if not isinstance(tokens, list) or not isinstance(kinds, list):
            return frozenset()
        pairs = zip(tokens, kinds, strict=False)
        return frozenset(
            token for token, kind in pairs if kind == _CONTROL_TOKEN and isinstance(token, str)
        )


class _Reader:
    """A cursor over the bytes of a header."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def scalar(self, code: str) -> int | float | bool:
        layout = struct.Struct("<" + code)
        (value,) = layout.unpack_from(self._data, self._at)
        self._at += layout.size
        return value

    def whole(self, code: str) -> int:
        return int(self.scalar(code))

    def bytes(self) -> bytes:
        length = self.whole("Q")
        if length > len(self._data) - self._at:
            raise struct.error("a text that is longer than the file")
        self._at += length
        return self._data[self._at - length : self._at]

    def text(self) -> str:
        # Byte-level vocabularies hold pieces of characters; they are not valid UTF-8 alone.
        return self.bytes().decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> GgufValue:
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            return self.scalar(_SCALARS[kind])
        if depth > 3:
            raise struct.error("lists within lists within lists")
        item, length = self.whole("I"), self.whole("Q")
        return [self.value(item, depth + 1) for _ in range(length)]


def read_header(path: Path) -> GgufHeader:
    """Read what a weights file says of its model.

    Raises:
        WeightsError: the file is missing, empty, cut short or not GGUF.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _parse(data)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (struct.error, KeyError, ValueError) as error:
        found = "it ends too early" if isinstance(error, struct.error) else error
        raise WeightsError(
            f"{path}: is not a GGUF weights file, or was cut short ({found}); "
            "expected a complete .gguf file, version 2 or 3"
        ) from error


def _parse(data: mmap.mmap) -> GgufHeader:
    reader = _Reader(data)
    magic, version = reader.whole("I"), reader.whole("I")
    if magic != int.from_bytes(b"GGUF", "little") or version not in (2, 3):
        raise ValueError(f"it begins with {data[:8]!r}")
    tensors, pairs = reader.whole("Q"), reader.whole("Q")
    values: dict[str, GgufValue] = {}
    for _ in range(pairs):
        key = reader.text()
        values[key] = reader.value(reader.whole("I"))
    count = sum(_tensor_size(reader) for _ in range(tensors))
    return GgufHeader(values=values, parameter_count=count)


def _tensor_size(reader: _Reader) -> int:
    reader.bytes()
    size = 1
    for _ in range(reader.whole("I")):
        size *= reader.whole("Q")
    reader.whole("I")
    reader.whole("Q")
    return size
