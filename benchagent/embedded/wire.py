"""Requests off Ollama's wire, checked in full before anything is done for them."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from benchagent.embedded.engine.generation import Message, Role
from benchagent.embedded.errors import RefusedError
from benchagent.embedded.grammar.grammar import json_grammar, schema_grammar
from benchagent.embedded.model import ServedModel
from benchagent.embedded.options import Settings, read_options

Kind = Literal["generate", "chat"]
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_UNIT_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_FOREVER_S = 2**63 / 1e9  # the longest time that Ollama can count, 292 years
_ROLES: tuple[Role, ...] = ("system", "user", "assistant")


def _absent_if_null(value: object) -> object:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_absent_if_null)]
Body = TypeVar("Body", bound=BaseModel)


class _Body(BaseModel):
    """What generate and chat requests share; null is as good as absent, more fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")

    model: Text = ""
    stream: bool | None = None
    format: Any = None
    keep_alive: float | str | None = None
    options: dict[str, Any] | None = None
    think: bool | str | None = None
    tools: list[Any] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    truncate: bool | None = None
    shift: bool | None = None
    debug_render_only: bool | None = Field(default=None, alias="_debug_render_only")


class _GenerateBody(_Body):
    prompt: Text = ""
    system: Text = ""
    suffix: Text = ""
    template: Text = ""
    raw: bool | None = None
    context: list[int] | None = None
    images: list[Any] | None = None


class _ChatMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    role: str
    content: Text = ""
    images: list[Any] | None = None
    tool_calls: list[Any] | None = None


class _ChatBody(_Body):
    messages: list[_ChatMessage] | None = None


class ShowBody(BaseModel):
    """The request of `/api/show`."""

    model_config = ConfigDict(strict=True, extra="ignore")

    model: Text = ""
    name: Text = ""
    verbose: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a generate or chat request comes to.

    Attributes:
        model: the name as the client wrote it, which replies repeat.
        messages: the conversation to render; empty for a raw prompt.
        raw_prompt: a prompt to use as it is, or None.
        context: tokens of an earlier generate reply that this one goes on from.
        only_loads: there is nothing to say: load the model, or unload it when `keep_alive_s` is 0.
        keep_alive_s: seconds, infinity for ever, None where the request does not say.
    """

    kind: Kind
    model: str
    messages: tuple[Message, ...]
    raw_prompt: str | None
    context: tuple[int, ...]
    only_loads: bool
    stream: bool
    grammar: str | None
    keep_alive_s: float | None
    settings: Settings


def read_generate(body: bytes, served: ServedModel) -> Request:
    """Check a generate request.

    Raises:
        RefusedError: with the status and sentence that the client gets.
    """
    asked = parse_body(_GenerateBody, body)
    if not asked.model:
        raise RefusedError(404, "model '' not found")
    served.resolve(asked.model)
    if asked.raw and (asked.template or asked.system or asked.context):
        raise RefusedError(400, "raw mode does not support template, system, or context")
    _refuse(asked.model, insert=asked.suffix, images=asked.images)
    if asked.template:
        raise RefusedError(400, f'"{asked.model}" does not support another template; use raw')
    system = (Message(role="system", content=asked.system),) if asked.system else ()
    messages = (*system, Message(role="user", content=asked.prompt))
    return _request(
        "generate",
        asked,
        served,
        messages=() if asked.raw else messages,
        raw_prompt=asked.prompt if asked.raw else None,
        context=_context(asked.context or [], served),
        only_loads=not asked.prompt,
    )


def read_chat(body: bytes, served: ServedModel) -> Request:
    """Check a chat request.

    Raises:
        RefusedError: with the status and sentence that the client gets.
    """
    asked = parse_body(_ChatBody, body)
    if not asked.model:
        raise RefusedError(400, "model is required")
    served.resolve(asked.model)
    messages = tuple(_message(message, asked.model) for message in asked.messages or [])
    return _request(
        "chat",
        asked,
        served,
        messages=messages,
        raw_prompt=None,
        context=(),
        only_loads=not messages,
    )


def parse_body(shape: type[Body], body: bytes) -> Body:
    """Read a JSON body into its shape.

    Raises:
        RefusedError: 400, naming the field and what was found.
    """
    if not body.strip():
        raise RefusedError(400, "missing request body")
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RefusedError(400, f"{place or 'request body'}: {first['msg']}") from error


def _request(
    kind: Kind,
    asked: _Body,
    served: ServedModel,
    *,
    messages: tuple[Message, ...],
    raw_prompt: str | None,
    context: tuple[int, ...],
    only_loads: bool,
) -> Request:
    if asked.think not in (None, False):
        raise RefusedError(400, f'"{asked.model}" does not support thinking')
    if asked.top_logprobs is not None and not 0 <= asked.top_logprobs <= 20:
        raise RefusedError(400, "top_logprobs must be between 0 and 20")
    logprobs = bool(asked.logprobs or asked.top_logprobs)
    _refuse(asked.model, tools=asked.tools, logprobs=logprobs, rendering=asked.debug_render_only)
    return Request(
        kind=kind,
        model=asked.model,
        messages=messages,
        raw_prompt=raw_prompt,
        context=context,
        only_loads=only_loads,
        stream=asked.stream is not False,
        grammar=_grammar(asked.format),
        keep_alive_s=None if asked.keep_alive is None else read_keep_alive(asked.keep_alive),
        settings=read_options(asked.options or {}, context_length=served.context_length),
    )


def _refuse(model: str, **asked: object) -> None:
    """Refuse what this server cannot do, rather than answer as if it had not been asked."""
    for feature, given in asked.items():
        if given:
            raise RefusedError(400, f'"{model}" does not support {feature}')


def _message(message: _ChatMessage, model: str) -> Message:
    role = message.role.lower()
    _refuse(model, images=message.images, tools=message.tool_calls or role == "tool")
    if role not in _ROLES:
        raise RefusedError(400, f"messages: role is {message.role!r}, expected {', '.join(_ROLES)}")
    return Message(role=role, content=message.content)


def _context(tokens: list[int], served: ServedModel) -> tuple[int, ...]:
    vocabulary = served.header.values.get("tokenizer.ggml.tokens")
    size = len(vocabulary) if isinstance(vocabulary, list) else 0
    if any(not 0 <= token < size for token in tokens):
        raise RefusedError(400, f"context: holds a number that is no token (0 to {size - 1})")
    return tuple(tokens)


def _grammar(format_: object) -> str | None:
    if format_ is None or format_ == "":
        return None
    if format_ == "json":
        return json_grammar()
    if not isinstance(format_, Mapping):
        raise RefusedError(
            400, f'invalid format: {format_!r}; expected "json" or a valid JSON Schema object'
        )
    try:
        return schema_grammar(cast("Mapping[str, object]", format_))
    except ValueError as error:
        raise RefusedError(400, f"invalid format: {error}") from error


def read_keep_alive(value: float | str) -> float:
    """Read how long the model stays: seconds, or a text like `5m` or `1h30m`; negative: for ever.

    Raises:
        RefusedError: 400, for a text without a unit or with an unknown one.
    """
    if not isinstance(value, str):
        seconds = float(value)
        return seconds if 0 <= seconds < _FOREVER_S else math.inf
    sign, number = (value[0], value[1:]) if value[:1] in ("-", "+") else ("", value)
    parts = _DURATION.findall(number)
    if number != "0" and (not parts or "".join(a + b for a, b in parts) != number):
        raise RefusedError(
            400, f"keep_alive: is {value!r}, expected seconds as a number, or a text like '5m'"
        )
    seconds = sum(float(count) * _UNIT_S[unit] for count, unit in parts)
    return seconds if sign != "-" and seconds < _FOREVER_S else math.inf
