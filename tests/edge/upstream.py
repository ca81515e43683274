"""A stand-in for Peter's API that counts what it is asked, and can be slow, wrong or away."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.services.processes import free_port

from .pairs import Pair

ADMIN = "/.well-known/admin"
MULTI, SINGLE = "certificate_signed__latest_multi", "certificate_signed__latest_single"
NOTHING: dict[str, Any] = {MULTI: None, SINGLE: None}


def certificate(pair: Pair) -> dict[str, Any]:
    return {
        "id": "1",
        "private_key": {"id": "1", "pem": pair.pkey},
        "certificate": {"id": "1", "pem": pair.cert},
        "chain": {"id": "1", "pem": pair.chain},
        "fullchain": {"id": "1,1", "pem": pair.fullchain},
    }


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # many ask at once
    daemon_threads = True


class Upstream:
    """`certificates` are what names have: the document of a domain, by name."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{ADMIN}"
        self.certificates: dict[str, Mapping[str, Any]] = {}
        self.ordered: dict[str, Mapping[str, Any]] = {}  # by autocert
        self.asked: list[str] = []
        self.bodies: list[str] = []
        self.authorization: str | None = None
        self.status = 200
        self.ca_answers = threading.Event()  # autocert waits for it
        self.delay_s = 0.0
        self._server: _Server | None = None
        self.start()

    def serves(self, name: str, single: Pair, multi: Pair | None = None) -> None:
        self.certificates[name] = {
            SINGLE: certificate(single),
            MULTI: certificate(multi) if multi else None,
        }

    def disables(self, name: str) -> None:
        """As a domain that is not active."""
        self.certificates[name] = {"domain": {"is_active": False}, **NOTHING}

    def count(self, name: str) -> int:
        """Times that this name was asked for."""
        return self.asked.count(f"{ADMIN}/domain/{name}/config.json?openresty=1")

    def start(self) -> None:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream.asked.append(unquote(self.path))
                upstream.authorization = self.headers["Authorization"]
                time.sleep(upstream.delay_s)
                name = unquote(urlsplit(self.path).path.split("/")[-2])
                self._answer(upstream.certificates.get(name))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                upstream.bodies.append(body)
                upstream.ca_answers.wait(30)
                document = upstream.ordered.get(body.partition("=")[2], NOTHING)
                self._answer({"result": "success", **document})

            def _answer(self, document: Mapping[str, Any] | None) -> None:
                text = json.dumps(document or {"message": "the domain was not found"}).encode()
                status = upstream.status if document or upstream.status != 200 else 404
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", self.port), Handler)
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Connections are refused from now on."""
        self.ca_answers.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
