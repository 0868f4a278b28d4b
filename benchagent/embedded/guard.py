"""Who may ask: requests that name this machine, from programs rather than foreign web pages.

A server on loopback is still reached by any page in a browser here: by a name that an attacker
points at 127.0.0.1 (the Host header gives it away), or by a plain form (the Origin header does).
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from benchagent.embedded.errors import RefusedError


class LoopbackGuard:
    """ASGI middleware that answers a bare 403 to requests that are not meant for this machine."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not is_meant_for_here(Headers(scope=scope)):
            await Response(status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_meant_for_here(headers: Headers) -> bool:
    """Tell whether Host, and Origin where there is one, name this machine."""
    host, origin = headers.get("host", ""), headers.get("origin")
    return _is_local(f"//{host}") and (origin is None or _is_local(origin))


def _is_local(url: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return False
    name = name.rstrip(".").lower()
    if name in ("localhost", socket.gethostname().lower()) or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return url == "//"  # HTTP/1.0 has no Host; browsers always send one
    return address.is_loopback or address.is_private or address.is_unspecified


async def read_body(request: Request, *, limit: int) -> bytes:
    """Read a request's body up to a limit.

    Raises:
        RefusedError: 413 for a longer one.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise RefusedError(413, f"the request body is longer than {limit} bytes")
        parts.append(part)
    return b"".join(parts)
