"""What a refusal means: a status other than 200, or a network that fails.

Ollama says why in `{"error": text}`; what does not say so is probably not Ollama.
"""

import json
from typing import NamedTuple

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from benchagent.calls.outcomes import Outcome

TOO_LONG = (
    "exceed_context_size",
    "longer than the context length",
    "exceeds the context length",
    "exceeds the available context size",
)


class End(NamedTuple):
    """How a chat ended, and a sentence about it."""

    outcome: Outcome
    detail: str | None = None


class ErrorBody(BaseModel):
    """How Ollama says what is wrong."""

    error: JsonValue = None


def refusal(response: httpx.Response, body: bytes, model: str) -> End:
    """What a status other than 200 means; Ollama always says why in `{"error": text}`."""
    status = response.status_code
    text = error_text(body)
    detail = f"status {status}: {text if text is not None else shown(body)}"
    if 300 <= status < 400:
        return End("redirected", f"status {status} to {response.headers.get('location')!r}")
    if status in (429, 503):
        return End("busy", detail)
    if status in (401, 403):
        return End("unauthorized", detail)
    if status in (502, 504):
        return End("server_error", detail)
    if text is None:
        return End("not_ollama", f"{detail} ({response.headers.get('content-type')})")
    if status >= 500:
        # Ollama answers wrong option types and schemas with 500; asking again changes nothing.
        ours = "must be of type" in text or text.startswith("invalid format")
        return End("bad_request" if ours else "server_error", detail)
    if status == 404 and "not found" in text:
        return End("model_missing", f"{text}: `ollama pull {model}` fetches it")
    too_long = any(words in text for words in TOO_LONG)
    return End("prompt_too_long" if too_long else "bad_request", detail)


def error_text(body: bytes) -> str | None:
    """The text in `{"error": text}`, or None where a body is something else."""
    try:
        error = ErrorBody.model_validate_json(body).error
    except ValidationError:
        return None
    return error if error is None or isinstance(error, str) else json.dumps(error)


def network_end(error: httpx.HTTPError, headers_came: bool) -> End:
    """The outcome that an httpx exception stands for."""
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, httpx.ConnectError):
        return End("refused" if _refused(error) else "unreachable", detail)
    if isinstance(error, httpx.ConnectTimeout | httpx.ProxyError):
        return End("unreachable", detail)
    if isinstance(error, httpx.TimeoutException):
        return End("timeout_total", detail)
    if isinstance(error, httpx.DecodingError):
        return End("malformed", detail)
    garbled = isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error)
    return End("not_ollama" if garbled and not headers_came else "dropped", detail)


def _refused(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ConnectionRefusedError) or "refused" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def shown(line: bytes, limit: int = 200) -> str:
    """The beginning of some bytes, readable whatever they are."""
    return line[:limit].decode(errors="replace")
