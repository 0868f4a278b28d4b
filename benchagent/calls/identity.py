"""What a model's name stands for on one server at one moment: digests, shape, own parameters.

A tag can be moved to other weights by any pull, so a result belongs to a digest. And what an agent
asks for is not what it gets: Ollama's defaults, the model's own parameters and a few clamps come
between, which is why two agents may be equal without looking so.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from ollama import ListResponse, ShowResponse
from pydantic import BaseModel

from benchagent.calls.options import KNOWN_OPTIONS, LOAD_OPTIONS, Options, OptionValue

_T = TypeVar("_T", str, int)


class ShownExtras(BaseModel):
    """What /api/show says beyond the official client's typed reply, which drops it."""

    system: str | None = None
    renderer: str | None = None
    parser: str | None = None
    remote_model: str | None = None
    remote_host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """One model as one server has it.

    Attributes:
        name: as the server writes it, with its tag.
        digest: SHA-256 of the manifest, 64 hex; changes with weights, template or parameters.
            None for a model that the server shows but does not list.
        weights_sha256: of the GGUF blob itself.
        parameters: the Modelfile's own options, typed.
        parameters_sha256: of the sorted lines, since the server shuffles them.
    """

    name: str
    digest: str | None = None
    weights_sha256: str | None = None
    size: int | None = None
    format: str | None = None
    family: str | None = None
    architecture: str | None = None
    parameter_size: str | None = None
    parameter_count: int | None = None
    quantisation: str | None = None
    context_length: int | None = None
    block_count: int | None = None
    embedding_length: int | None = None
    capabilities: tuple[str, ...] = ()
    template_sha256: str | None = None
    parameters_sha256: str | None = None
    system_sha256: str | None = None
    renderer: str | None = None
    parser: str | None = None
    remote_host: str | None = None
    parameters: Options = field(default_factory=dict[str, OptionValue])


def identity_from(
    listed: ListResponse.Model | None, shown: ShowResponse, extras: ShownExtras, name: str
) -> ModelIdentity:
    """The identity that /api/tags and /api/show give together; neither has all of it."""
    info: Mapping[str, object] = shown.modelinfo or {}
    architecture = _of_type(info.get("general.architecture"), str)
    details = shown.details
    parameters = shown.parameters or ""
    return ModelIdentity(
        name=(listed.model if listed else None) or name,
        digest=listed.digest if listed else None,
        weights_sha256=_weights(shown.modelfile or ""),
        size=int(listed.size) if listed and listed.size is not None else None,
        format=details.format if details else None,
        family=details.family if details else None,
        architecture=architecture,
        parameter_size=details.parameter_size if details else None,
        parameter_count=_of_type(info.get("general.parameter_count"), int),
        quantisation=details.quantization_level if details else None,
        context_length=_of_type(info.get(f"{architecture}.context_length"), int),
        block_count=_of_type(info.get(f"{architecture}.block_count"), int),
        embedding_length=_of_type(info.get(f"{architecture}.embedding_length"), int),
        capabilities=tuple(sorted(shown.capabilities or ())),
        template_sha256=_sha256(shown.template),
        parameters_sha256=_sha256("\n".join(sorted(parameters.splitlines()))),
        system_sha256=_sha256(extras.system),
        renderer=extras.renderer,
        parser=extras.parser,
        remote_host=extras.remote_host or extras.remote_model,
        parameters=parse_parameters(parameters),
    )


def same_model(one: str, other: str) -> bool:
    """Whether two names mean one model: case does not count, and no tag means `latest`."""
    return _full_name(one) == _full_name(other)


def parse_parameters(text: str) -> dict[str, OptionValue]:
    r"""The options in the `parameters` text of /api/show: one `name   value` a line, stops quoted.

    >>> parse_parameters('temperature  0.2\nstop   "<|im_end|>"')
    {'temperature': 0.2, 'stop': ('<|im_end|>',)}
    """
    found: dict[str, OptionValue] = {}
    stops: list[str] = []
    for line in text.splitlines():
        name, _, rest = line.strip().partition(" ")
        value = _unquoted(rest.strip())
        if name == "stop":
            stops.append(value)
        elif name in KNOWN_OPTIONS and (typed := _from_text(value, KNOWN_OPTIONS[name][0])):
            found[name] = typed[0]
    if stops:
        found["stop"] = tuple(stops)
    return found


def effective_options(identity: ModelIdentity, requested: Mapping[str, object]) -> Options:
    """The options that a request really runs with, as far as a client can know, sorted by name.

    Built-in defaults < the Modelfile's parameters < the request. Names that Ollama does not know
    are left out (it ignores them), as are values that it decides when it loads.
    """
    chosen = {name: default for name, (_, default) in KNOWN_OPTIONS.items() if default is not None}
    chosen |= identity.parameters
    for name, value in requested.items():
        if name in KNOWN_OPTIONS and value is not None:
            chosen[name] = _as_ollama_reads(value, KNOWN_OPTIONS[name][0])
    return dict(sorted(_clamped(chosen, identity).items()))


def launch_options(identity: ModelIdentity, requested: Mapping[str, object]) -> Options:
    """What a request says about the runner that it wants; where it is silent, any runner will do.

    An automatic num_gpu (-1) takes whatever is loaded, as an absent one does.
    """
    named = {name for name, value in requested.items() if value is not None}
    said = (named | set(identity.parameters)) & set(LOAD_OPTIONS)
    effective = effective_options(identity, requested)
    return {
        name: effective[name]
        for name in sorted(said)
        if not (name == "num_gpu" and effective[name] == -1)
    }


def _clamped(chosen: dict[str, OptionValue], identity: ModelIdentity) -> dict[str, OptionValue]:
    num_gpu, num_ctx = chosen.get("num_gpu"), chosen.get("num_ctx")
    if isinstance(num_gpu, int) and identity.block_count is not None:
        # The output layer counts as one more.
        chosen["num_gpu"] = min(num_gpu, identity.block_count + 1)
    if isinstance(num_ctx, int):
        chosen["num_ctx"] = max(4, min(num_ctx, identity.context_length or num_ctx))
        num_predict = chosen["num_predict"]
        ceiling = 10 * int(chosen["num_ctx"])
        if isinstance(num_predict, int) and not 0 <= num_predict <= ceiling:
            chosen["num_predict"] = ceiling
    return chosen


def _as_ollama_reads(value: object, kind: type) -> OptionValue:
    if kind is tuple:
        several = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
        return tuple(str(one) for one in several)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return int(value) if kind is int else float(value)
    return str(value)


def _from_text(text: str, kind: type) -> tuple[OptionValue] | None:
    if kind is bool:
        return (text.lower() == "true",)
    try:
        return (int(float(text)) if kind is int else float(text),)
    except ValueError:
        return None


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _weights(modelfile: str) -> str | None:
    found = re.search(r"^FROM\s.*blobs[/\\]sha256[-:]([0-9a-f]{64})", modelfile, re.MULTILINE)
    return found.group(1) if found else None


def _sha256(text: str | None) -> str | None:
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def _of_type(value: object, kind: type[_T]) -> _T | None:
    return value if isinstance(value, kind) else None


def _full_name(name: str) -> str:
    lower = name.lower().removeprefix("registry.ollama.ai/").removeprefix("library/")
    return lower if ":" in lower.rpartition("/")[2] else f"{lower}:latest"
