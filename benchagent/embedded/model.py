"""The one model that an embedded server serves: its names, its digest, what it says of itself."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchagent.embedded.errors import RefusedError
from benchagent.embedded.gguf import GgufHeader, GgufValue, read_header

# The tokenizer of the engine cuts at 8,192 tokens without a word: no context may be longer.
ENGINE_CONTEXT = 8192
_NAME = re.compile(r"[A-Za-z0-9_][\w.\-]*(/[\w.\-]+)*(:[\w.\-]+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A weights file under the name that clients ask for.

    Attributes:
        name: as an Ollama lists it, with its tag (`smollm2:135m`).
        aliases: further names that mean the same model.
        digest: SHA-256 of the weights file, 64 hex digits.
        size: of the weights file, in bytes.
    """

    name: str
    aliases: tuple[str, ...]
    path: Path
    digest: str
    size: int
    modified_at: datetime
    header: GgufHeader

    @property
    def context_length(self) -> int:
        """The most tokens that prompt and answer may have together."""
        return min(self.header.context_length or ENGINE_CONTEXT, ENGINE_CONTEXT)

    def resolve(self, asked: str) -> None:
        """Check that a client's name means this model.

        Raises:
            RefusedError: 400 for what is no name, 404 for the name of another model.
        """
        if asked and not _NAME.fullmatch(asked):
            raise RefusedError(400, "invalid model name")
        if _canonical(asked) not in {_canonical(name) for name in (self.name, *self.aliases)}:
            raise RefusedError(
                404, f"model '{asked}' not found; this embedded server has {self.name}"
            )


def describe_model(path: Path, *, name: str = "", aliases: tuple[str, ...] = ()) -> ServedModel:
    """Read a weights file's header and digest; without a name it is served under its stem.

    Raises:
        WeightsError: the file is missing or no GGUF file.
    """
    header = read_header(path)
    stat = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ServedModel(
        name=name or f"{_name_from_stem(path.stem)}:latest",
        aliases=aliases,
        path=path,
        digest=digest,
        size=stat.st_size,
        modified_at=datetime.fromtimestamp(stat.st_mtime, UTC),
        header=header,
    )


def model_details(model: ServedModel) -> dict[str, object]:
    """Return the `details` object that tags, show and ps share."""
    header = model.header
    return {
        "parent_model": "",
        "format": "gguf",
        "family": header.architecture,
        "families": [header.architecture],
        "parameter_size": human_count(header.parameter_count),
        "quantization_level": header.quantization,
    }


def model_info(model: ServedModel, *, verbose: bool) -> dict[str, GgufValue]:
    """Return the weights file's key/values as `/api/show` gives them: long lists only if verbose."""
    left_out = ("general.name", "tokenizer.chat_template")
    info: dict[str, GgufValue] = {
        key: [] if isinstance(value, list) and len(value) > 5 and not verbose else value
        for key, value in model.header.values.items()
        if key not in left_out
    }
    return info | {"general.parameter_count": model.header.parameter_count}


def human_count(count: int) -> str:
    """Write a parameter count as Ollama does: 134515008 is `134.52M`."""
    for size, letter, digits in ((10**9, "B", 1), (10**6, "M", 2), (10**3, "K", 0)):
        if count >= size:
            whole = count % size == 0
            return f"{count / size:.{0 if whole else digits}f}{letter}"
    return str(count)


def _canonical(name: str) -> str:
    bare = name.lower().removeprefix("registry.ollama.ai/").removeprefix("library/")
    return bare if ":" in bare or not bare else f"{bare}:latest"


def _name_from_stem(stem: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "model"
