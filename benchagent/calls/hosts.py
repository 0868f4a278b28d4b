"""Which Ollama answers: the agent's own, the one that OLLAMA_HOST names, or the usual port.

Text and prompts leave this machine only where somebody said so; so an address that is not
loopback is refused unless the agent allows it, and the API key goes only to a server that it can
have been meant for.
"""

import ipaddress
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import httpx

from benchagent.errors import ExplainedError

USUAL_PORT = 11434
PROBE_SECONDS = 1.0

Origin = Literal["agent", "OLLAMA_HOST", "usual port", "given"]

_log = logging.getLogger(__name__)


class HostError(ExplainedError):
    """An address that cannot be used as written; the message says why and what to do."""


class RemoteRefusedError(HostError):
    """A host or model outside this machine that nobody allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A server's address, and what may be sent to it.

    Attributes:
        url: scheme, host, port and path prefix, without a slash at the end.
        origin: who named it.
        loopback: on this machine: proxies of the environment are ignored.
        allow_remote: whether another machine, or a cloud model, may read our prompts.
        api_key: the bearer key to send; None where it was not meant for this server.
    """

    url: str
    origin: Origin = "given"
    loopback: bool = True
    allow_remote: bool = False
    api_key: str | None = field(default=None, repr=False)


def choose_host(
    agent_host: str | None,
    environ: Mapping[str, str],
    *,
    allow_remote: bool = False,
    answers: Callable[[str], bool] | None = None,
) -> Host | None:
    """The server that answers an agent: its own, else OLLAMA_HOST's, else the usual port's.

    Returns:
        None where no Ollama is named and none answers: the embedded server is then used.

    Raises:
        HostError: the address does not read as one, or is not loopback and not allowed.
    """
    if agent_host:
        return named_host(agent_host, "agent", environ, allow_remote=allow_remote)
    if text := _unquoted(environ.get("OLLAMA_HOST", "")):
        return named_host(text, "OLLAMA_HOST", environ, allow_remote=allow_remote)
    usual = f"http://127.0.0.1:{USUAL_PORT}"
    if not (answers or answers_as_ollama)(usual):
        return None
    return Host(url=usual, origin="usual port", allow_remote=allow_remote)


def named_host(
    text: str, origin: Origin, environ: Mapping[str, str], *, allow_remote: bool = False
) -> Host:
    """The host that somebody wrote down, with its permission checked."""
    url = parse_host(text)
    loopback = is_loopback(url)
    if not loopback and not allow_remote:
        raise RemoteRefusedError(
            f"{_named(origin)} is {text!r}, which is not this machine: prompts hold what was read "
            "from your files; write `allow_remote: true` at the agent to send them there"
        )
    key = environ.get("OLLAMA_API_KEY") or None
    return Host(
        url=url,
        origin=origin,
        loopback=loopback,
        allow_remote=allow_remote,
        api_key=key if key and _key_is_meant_for(url, origin) else None,
    )


def parse_host(text: str) -> str:
    """An address as Ollama itself reads OLLAMA_HOST (envconfig.Host), as a URL to connect to.

    A bare host gets port 11434, `http://` 80, `https://` 443; a port that is not one falls back to
    the same default, as in Ollama. 0.0.0.0 and :: are where a server listens, so a client goes
    to the loopback address of that family.
    """
    stripped = _unquoted(text)
    if "@" in stripped:
        # Not shown: what stands before it may be a password.
        raise HostError(
            "host has a user or key before its '@', expected an address alone: put a key into "
            "OLLAMA_API_KEY"
        )
    scheme, found, rest = stripped.partition("://")
    if not found:
        scheme, rest = "http", stripped
    if scheme not in ("http", "https"):
        raise HostError(f"host {text!r}: the scheme is {scheme!r}, expected http or https")
    default_port = {"http": 80, "https": 443}[scheme] if found else USUAL_PORT
    host_port, slash, path = rest.partition("/")
    if host_port == "ollama.com" and not found:
        scheme, default_port = "https", 443
    host, port = _split(host_port)
    number = _port(port, default_port, text)
    return f"{scheme}://{_to_connect(host, text)}:{number}{(slash + path).rstrip('/')}"


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    name = (urlsplit(url).hostname or "").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_cloud(model: str, remote_host: str | None, host: Host) -> None:
    """Raise where a model that seems local is run by somebody else's machine.

    Ollama forwards prompts of models tagged `cloud`, and of any model with a `remote_host`.
    """
    tag = model.lower().rpartition(":")[2] if ":" in model else ""
    if host.allow_remote or not (remote_host or tag == "cloud" or tag.endswith("-cloud")):
        return
    raise RemoteRefusedError(
        f"model {model!r} runs at {remote_host or 'the cloud of Ollama'}, not at {host.url}: "
        "write `allow_remote: true` at the agent to send prompts there, or name a local model"
    )


def answers_as_ollama(url: str) -> bool:
    """Whether something that speaks Ollama listens at an address of this machine."""
    try:
        with httpx.Client(trust_env=False, verify=False, timeout=PROBE_SECONDS) as http:
            version: object = json.loads(http.get(f"{url}/api/version").content)
    except (httpx.HTTPError, ValueError):
        return False
    return isinstance(version, dict) and "version" in version


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'").strip()


def _named(origin: Origin) -> str:
    return "the agent's host" if origin == "agent" else origin


def _key_is_meant_for(url: str, origin: Origin) -> bool:
    parts = urlsplit(url)
    name = parts.hostname or ""
    of_ollama = name == "ollama.com" or name.endswith(".ollama.com")
    # A roster may be somebody else's: a host that it names never gets the key of this machine.
    return parts.scheme == "https" and (of_ollama or origin == "OLLAMA_HOST")


def _split(host_port: str) -> tuple[str, str | None]:
    if host_port.startswith("["):
        host, _, after = host_port[1:].partition("]")
        return host, after[1:] if after.startswith(":") else None
    if host_port.count(":") == 1:
        host, _, port = host_port.partition(":")
        return host, port
    return host_port, None


def _port(text: str | None, default: int, whole: str) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdigit() and 0 < int(text) <= 65535:
        return int(text)
    _log.warning("host %r: port %r is not one, using %d as Ollama does", whole, text, default)
    return default


def _to_connect(host: str, whole: str) -> str:
    if not host:
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if any(c in ":?#[]\\%" or c.isspace() for c in host):
            raise HostError(
                f"host {whole!r}: {host!r} is not a host name or IP address; "
                "expected for instance gpu-box:11434 or http://[::1]:11434"
            ) from None
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return str(address) if address.version == 4 else f"[{address}]"
