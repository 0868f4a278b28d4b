"""A way to a real server that tells, and can hold up, each chat that goes through it."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

CHAT = b"POST /api/chat "
_PIECE = 64 * 1024


@contextmanager
def relaying(server: str, on_chat: Callable[[], None]) -> Iterator[str]:
    """The address of a relay to a server.

    Args:
        server: the server's address.
        on_chat: called in the client's own thread before a chat is passed on.
    """
    to = urlsplit(server)

    class Passing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            client: socket.socket = self.request
            with socket.create_connection((to.hostname, to.port)) as beyond:
                back = threading.Thread(target=_pass_on, args=(beyond, client), daemon=True)
                back.start()
                _pass_on(client, beyond, on_chat)
                back.join()

    class Relay(socketserver.ThreadingTCPServer):
        daemon_threads = True
        # A client of one of its threads may stay connected for as long as it likes.
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The client sees a connection that ends; its test says what that means."""

    with Relay(("127.0.0.1", 0), Passing) as relay:
        thread = threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{relay.server_address[1]}"
        finally:
            relay.shutdown()
            thread.join()


def _pass_on(
    source: socket.socket, to: socket.socket, on_chat: Callable[[], None] | None = None
) -> None:
    """All bytes of one direction; a request begins a piece, since its client awaits each reply."""
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            if on_chat is not None and piece.startswith(CHAT):
                on_chat()
            to.sendall(piece)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)
