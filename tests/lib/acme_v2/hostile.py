"""An ACME server that says whatever a test wants it to say."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Say:
    """An answer. A `body` that is no bytes is sent as JSON; `dribble_s`: pause after each byte.

    With `hang_up` there is none, and the connection is cut.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    dribble_s: float = 0.0
    hang_up: bool = False


class Quiet(ThreadingHTTPServer):
    """The client hangs up on what is too long: nothing to tell."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Hostile:
    """Directory and nonces are as they should be; `says[path]` is the rest, the last one stays."""

    def __init__(self) -> None:
        server = self
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1024  # one packet an answer

            def do_POST(self) -> None:
                server.asked.append((self.command, self.path))
                server.headers.append(dict(self.headers))
                server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                server.send(self, server.next(self.path))

            do_GET = do_HEAD = do_POST  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        names = ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")
        self.says: dict[str, list[Say]] = {
            "/dir": [Say(body={name: f"{self.url}/{name}" for name in names})],
            "/newNonce": [Say()],
        }

    def next(self, path: str) -> Say:
        answers = self.says.get(path, [Say(404, {"detail": "no such thing"})])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def send(self, handler: BaseHTTPRequestHandler, say: Say) -> None:
        if say.hang_up:
            handler.close_connection = True
            return
        body = say.body if isinstance(say.body, bytes) else json.dumps(say.body).encode()
        handler.send_response(say.status)
        handler.send_header("Content-Type", say.content_type)
        handler.send_header("Content-Length", str(len(body)))
        if handler.path != "/dir":
            handler.send_header("Replay-Nonce", f"nonce-{len(self.asked)}")
        for name, value in say.headers:
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        for piece in (body[i : i + 1] for i in range(len(body))) if say.dribble_s else (body,):
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(say.dribble_s)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
