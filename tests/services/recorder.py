"""A proxy before an ACME server over plain HTTP: it writes orders down, and refuses as it is told.

What a client says is signed but not encrypted. Of the servers here none refuses `replaces`.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from .acme2certifier import Acme2certifier
from .served import ServedThread

PASSED_ON = {"HTTP_HOST": "Host", "HTTP_ACCEPT": "Accept", "CONTENT_TYPE": "Content-Type"}
NOT_PASSED_BACK = {"connection", "content-length", "date", "server", "transfer-encoding", "via"}


@dataclass
class Recorder:
    """`new_orders`: the payload of each newOrder, the oldest first.

    `refusals`: (HTTP status, type) with which the next orders that say `replaces` are answered.
    """

    ca: Acme2certifier
    new_orders: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    ca_file: None = None  # plain HTTP: nothing to verify

    def __post_init__(self) -> None:
        self._served = ServedThread(self._answer)

    @property
    def directory_url(self) -> str:
        return f"{self._served.url}/directory"

    def close(self) -> None:
        self._served.close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"].endswith("/neworders"):
            said = payload(body)
            self.new_orders.append(said)
            if "replaces" in said and self.refusals:
                return refuse(start_response, *self.refusals.pop(0))
        return self._forward(environ, body, start_response)

    def _forward(
        self, environ: dict[str, Any], body: bytes, start_response: Callable[..., Any]
    ) -> list[bytes]:
        # The Host stays: the server makes its URLs of it, and they lead here again.
        headers = {name: environ[key] for key, name in PASSED_ON.items() if environ.get(key)}
        connection = http.client.HTTPConnection("127.0.0.1", self.ca.port, timeout=30)
        try:
            connection.request(environ["REQUEST_METHOD"], environ["PATH_INFO"], body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        back = [(k, v) for k, v in answer.getheaders() if k.lower() not in NOT_PASSED_BACK]
        start_response(f"{answer.status} {answer.reason}", back)
        return [content]


def payload(jws: bytes) -> dict[str, Any]:
    text = json.loads(jws)["payload"]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(f"{text}=="))
    return said


def refuse(start_response: Callable[..., Any], status: int, kind: str) -> list[bytes]:
    """RFC 7807 with a type of RFC 8555 section 6.7 or RFC 9773 section 7.4."""
    start_response(f"{status} Refused", [("Content-Type", "application/problem+json")])
    document = {"type": f"urn:ietf:params:acme:error:{kind}", "detail": "so says the proxy"}
    return [json.dumps(document).encode()]


@pytest.fixture(scope="session")
def recorder(acme2certifier: Acme2certifier) -> Iterator[Recorder]:
    """Before the acme2certifier that wants external account binding."""
    started = Recorder(acme2certifier)
    yield started
    started.close()
