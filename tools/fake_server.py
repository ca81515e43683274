"""Answers where Peter would, with samples: to try a web server's configuration without Peter.

`tools/fake_server.py [--host 127.0.0.1] [--port 7201]`; one line for each request. Every name has
the sample certificate of test_data/, but for those that begin with `unknown.`, which have none.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TEST_DATA = Path(__file__).parents[1] / "test_data"
ADMIN = "/.well-known/admin"
NGINX = "/.peter_sslers/nginx/shared_cache"
MAX_BODY = 64 * 1024
OPENRESTY = {"server": "peter_sslers:openresty", "server_version": "1.0.0"}
STATUS = {
    "result": "success",
    "note": "A sample.",
    "keys": {"valid": ["example.com"], "invalid": [], "autocert": []},
    "config": {
        "expiries": {"ngx.shared.cert_cache": 600, "resty.lrucache": 60},
        "maxitems": {"resty.lrucache": 200},
    },
    **OPENRESTY,
}
UNKNOWN = {
    "message": "The resource could not be found.\n\n\nthe domain was not found\n\n",
    "code": "404 Not Found",
    "title": "Not Found",
}
Answer = tuple[int, str | dict[str, Any]]  # status; a page, or JSON


def sample(name: str) -> dict[str, Any]:
    """The config of a domain, as Peter has it."""
    leaf, chain, key = (
        (TEST_DATA / f"{file}.pem").read_text()
        for file in ("chains/leaf", "chains/intermediate", "keys/ec256")
    )
    certificate = {
        "id": "1",
        "private_key": {"id": "1", "pem": key},
        "certificate": {"id": "1", "pem": leaf},
        "chain": {"id": "1", "pem": chain},
        "fullchain": {"id": "1,1", "pem": leaf + chain},
    }
    return {
        "domain": {"id": "1", "domain_name": name, "is_active": True},
        "certificate_signed__latest_single": certificate,
        "certificate_signed__latest_multi": None,
    }


def page(text: str) -> Answer:
    return 200, f"<!doctype html><title>fakeserver</title><p>{escape(text)}</p>\n"


def config(name: str) -> Answer:
    name = unquote(name).lower().removesuffix(".")
    return (404, UNKNOWN) if name.startswith("unknown.") else (200, sample(name))


def autocert(form: dict[str, list[str]]) -> Answer:
    name = "".join(form.get("domain_name", []))
    if not name:
        return 200, {"instructions": ["HTTP POST required"]}
    if name.startswith("unknown."):
        nothing = {"domain": None} | dict.fromkeys(list(sample(name))[1:])
        errors = {
            "domain_name": "This domain_name has been blocklisted",
            "Error_Main": "There was an error with your form.",
        }
        return 400, {"result": "error", "form_errors": errors, **nothing}
    return 200, {**sample(name), "result": "success", "notes": "existing certificate(s)"}


def expired(what: str) -> Answer:
    if what == "all":
        return 200, {"result": "success", "expired": "all", **OPENRESTY}
    if found := re.fullmatch(r"domain/([A-Za-z0-9.-]+)", what):
        told = {"result": "success", "expired": "domain", "domain": found[1]}
        return 200, {**told, **OPENRESTY}
    return 404, {"result": "error", "expired": "None", "reason": "Unknown URI", **OPENRESTY}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        """Forms, whatever their Content-Type is called: some clients send none."""
        size = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
        self._answer(parse_qs(self.rfile.read(size).decode("utf-8", "replace")))

    def _answer(self, form: dict[str, list[str]]) -> None:
        status, content = self._found(form)
        is_json = not isinstance(content, str)
        body = (json.dumps(content) if is_json else str(content)).encode()
        self.send_response(status)
        kind = "application/json" if is_json else "text/html; charset=UTF-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Peter-SSLers", "fakeserver")
        self.end_headers()
        self.wfile.write(body)

    def _found(self, form: dict[str, list[str]]) -> Answer:
        host = self.headers.get("Host", "").partition(":")[0]
        routes: dict[str, Callable[..., Answer]] = {
            "/": lambda: page("fakeserver"),
            r"/\.well-known/acme-challenge/([^/]+)": page,
            r"/\.well-known/public/whoami": lambda: page(host),
            ADMIN: lambda: page(host),
            rf"{ADMIN}/domain/([^/]+)/config\.json": config,
            rf"{ADMIN}/api/domain/autocert\.json": lambda: autocert(form),
            f"{NGINX}/status": lambda: (200, STATUS),
            f"{NGINX}/expire/?(.*)": expired,
        }
        path = urlsplit(self.path).path
        for pattern, answer in routes.items():
            if found := re.fullmatch(pattern, path):
                return answer(*found.groups())
        return 404, UNKNOWN


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7201)
    given = parser.parse_args()
    server = ThreadingHTTPServer((given.host, given.port), Handler)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
