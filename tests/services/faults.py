"""A proxy in front of an ACME server at which things go wrong: where and how often a test says.

It rewrites nothing: Pebble makes its URLs of the Host that it was asked by, so that a client who
was sent here stays here, and its signatures fit.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .pebble import Pebble
from .processes import free_port
from .tls import self_signed

HELD_S = 5.0  # the longest that an answer is kept back: clients have given up before
SLOW_S = 0.05
RETRY_AFTER_S = 1
OURS = {"connection", "content-length", "date", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """What goes to the client. `missing`: bytes of the announced length that never come."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    missing: int = 0

    def typed(self, content_type: str) -> Answer:
        others = tuple((k, v) for k, v in self.headers if k.lower() != "content-type")
        return replace(self, headers=(*others, ("Content-Type", content_type)))


@dataclass(frozen=True)
class Fault:
    """What happens to one request.

    `forwarded`: how often the CA gets it. `answer` makes the client's answer of the CA's first one;
    without it the client gets none: at once, or, with `held`, as long as it likes to wait.
    """

    forwarded: int
    answer: Callable[[Answer], Answer] | None = None
    held: bool = False
    pause_s: float = 0.0


def same(answer: Answer) -> Answer:
    return answer


def half(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def torn(answer: Answer) -> Answer:
    cut = half(answer)
    return replace(cut, missing=len(answer.body) - len(cut.body))


def without_nonce(answer: Answer) -> Answer:
    headers = tuple((k, v) for k, v in answer.headers if k.lower() != "replay-nonce")
    return replace(answer, headers=headers)


def instead(
    status: int, content_type: str, body: str, **headers: str
) -> Callable[[Answer], Answer]:
    """An answer that has nothing of the CA's in it."""
    made = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda _: Answer(status, (("Content-Type", content_type), *made), body.encode())


def problem(status: int, kind: str, **headers: str) -> Callable[[Answer], Answer]:
    """RFC 7807 with a type of RFC 8555 section 6.7."""
    document = {"type": f"urn:ietf:params:acme:error:{kind}", "detail": "so says the proxy"}
    return instead(status, "application/problem+json", json.dumps(document), **headers)


PAGE = "<!DOCTYPE html><title>Welcome</title><p>Please log in to the network.</p>"
LATER = {"Retry_After": str(RETRY_AFTER_S)}

FAULTS: Mapping[str, Fault] = {
    "cut": Fault(0),
    "answer lost": Fault(1),
    "no answer": Fault(0, held=True),
    "answer too late": Fault(1, held=True),
    "delay": Fault(1, same, pause_s=SLOW_S),
    "500": Fault(0, instead(500, "text/plain", "Internal Server Error")),
    "500 after all": Fault(1, instead(500, "text/plain", "Internal Server Error")),
    "503": Fault(0, instead(503, "text/html", "<h1>Service Unavailable</h1>", **LATER)),
    "503 after all": Fault(1, instead(503, "text/html", "<h1>Service Unavailable</h1>", **LATER)),
    "serverInternal": Fault(0, problem(500, "serverInternal")),
    "rateLimited": Fault(0, problem(429, "rateLimited", **LATER)),
    "badNonce": Fault(0, problem(400, "badNonce")),
    "truncated": Fault(1, half),
    "torn off": Fault(1, torn),
    "empty": Fault(1, lambda a: replace(a, body=b"")),
    "HTML": Fault(0, instead(200, "text/html", PAGE)),
    "HTML after all": Fault(1, instead(200, "text/html", PAGE)),
    "wrong type": Fault(1, lambda a: a.typed("text/plain")),
    "duplicate": Fault(2, same),
    "no nonce": Fault(1, without_nonce),
}


@dataclass
class Seen:
    """A request. `statuses`: what the CA answered each time that it got it."""

    method: str
    path: str
    fault: str = ""
    statuses: list[int] = field(default_factory=list)


@dataclass
class Armed:
    """A fault that waits for its request; `struck`: how often it has come about."""

    kind: str
    at: str
    times: int
    after: str
    struck: int = 0
    is_reached: bool = False

    def strikes(self, path: str) -> bool:
        asked = path.removeprefix("/")
        if not self.is_reached:
            self.is_reached = asked.startswith(self.after)
            if self.after:
                return False
        if self.struck == self.times or not asked.startswith(self.at):
            return False
        self.struck += 1
        return True


class Proxy:
    """An HTTPS proxy in front of `pebble`; clients take it for the CA itself."""

    def __init__(self, pebble: Pebble, folder: Path) -> None:
        self.pebble = pebble
        self.port = free_port()
        self.ca_file, key = self_signed(folder)
        self.requests: list[Seen] = []
        self.upstream_tls = ssl.create_default_context(cafile=str(pebble.ca_file))
        self._armed: Armed | None = None
        self._lock = threading.Lock()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.ca_file, key)
        self._server = Listener(("127.0.0.1", self.port), Handler)
        self._server.proxy = self
        # The handshake is left to the connection's own thread.
        self._server.socket = tls.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def directory_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/dir"

    @contextlib.contextmanager
    def fault(self, kind: str, at: str, times: int = 1, after: str = "") -> Iterator[Armed]:
        """The next `times` requests whose path begins with /`at` meet that fault.

        With `after`: those that come after a request whose path begins so.
        """
        armed = Armed(kind, at, times, after)
        with self._lock:
            self._armed = armed
        try:
            yield armed
        finally:
            with self._lock:
                self._armed = None

    def note(self, method: str, path: str) -> Seen:
        with self._lock:
            strikes = self._armed is not None and self._armed.strikes(path)
            seen = Seen(method, path, self._armed.kind if self._armed and strikes else "")
            self.requests.append(seen)
        return seen

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: Listener

    def setup(self) -> None:
        super().setup()
        pebble = self.server.proxy.pebble
        self._ca = http.client.HTTPSConnection(
            "127.0.0.1", pebble.port, context=self.server.proxy.upstream_tls, timeout=10
        )

    def finish(self) -> None:
        self._ca.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = self.server.proxy.note(self.command, self.path)
        fault = FAULTS[seen.fault] if seen.fault else Fault(1, same)
        answers = [self._forward(body) for _ in range(fault.forwarded)]
        seen.statuses.extend(answer.status for answer in answers)
        time.sleep(fault.pause_s)
        if fault.answer is None:
            self._say_nothing(fault.held)
        else:
            self._say(fault.answer(answers[0] if answers else Answer(0, (), b"")))

    do_GET = do_HEAD = do_POST  # noqa: N815

    def _forward(self, body: bytes) -> Answer:
        self._ca.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "connection":
                self._ca.putheader(name, value)
        self._ca.endheaders(body)
        answer = self._ca.getresponse()
        headers = tuple((k, v) for k, v in answer.getheaders() if k.lower() not in OURS)
        return Answer(answer.status, headers, answer.read())

    def _say_nothing(self, held: bool) -> None:
        self.close_connection = True
        if held:
            select.select([self.connection], [], [], HELD_S)  # readable: the client has hung up

    def _say(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) + answer.missing))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        if answer.missing:
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


StartProxy = Callable[[Pebble], Proxy]


@pytest.fixture(scope="session")
def start_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartProxy]:
    """`start_proxy(pebble)`: a proxy of its own each time."""
    proxies: list[Proxy] = []

    def start(pebble: Pebble) -> Proxy:
        proxies.append(Proxy(pebble, tmp_path_factory.mktemp("proxy")))
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.close()
