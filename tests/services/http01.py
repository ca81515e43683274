"""An http-01 responder for tests that have no application of ours to answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from .processes import free_port


class Http01:
    """Answers with `tokens[token]`; `hits` has the Host and path of every request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.tokens: dict[str, str] = {}
        self.hits: list[tuple[str, str]] = []
        responder = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                responder.hits.append((self.headers.get("Host", ""), self.path))
                answer = responder.tokens.get(self.path.rpartition("/")[2])
                self.send_response(200 if answer else 404)
                self.end_headers()
                self.wfile.write((answer or "unknown").encode())

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def challenge_port() -> int:
    """Where the session's Pebbles look for http-01 answers: `http01`, or an application served."""
    return free_port()


@pytest.fixture
def http01(challenge_port: int, running_peters: list[Any]) -> Iterator[Http01]:
    while running_peters:  # it would hold the port
        running_peters.pop().stop()
    responder = Http01(challenge_port)
    yield responder
    responder.close()
