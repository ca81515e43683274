"""The edge servers themselves: told to drop what they hold, and asked what that is."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from ...settings import Settings
from ..patience import pools

CONNECT_S = 1.0
AT_ONCE = 16  # servers
MANY = 50  # names: more of them, and a server had better drop all that it holds
MAX_BYTES = 1024 * 1024
MAX_SHOWN = 500  # characters of an answer that is none

IsGood = Callable[[Any], bool]  # of a JSON document


@dataclass(frozen=True)
class Said:
    """What a server answered, or why it did not."""

    document: Any
    reason: str = ""  # why it is no good
    is_silent: bool = False  # it did not answer at all: to ask it more is waste

    @property
    def is_good(self) -> bool:
        return not self.reason


Answers = dict[str, Said]  # by server, in the pool's order


def as_json(answers: Answers) -> dict[str, Any]:
    """The shape that clients know as `servers_status`."""
    return {
        "success": [server for server, said in answers.items() if said.is_good],
        "errors": [server for server, said in answers.items() if not said.is_good],
        "servers": {server: said.document for server, said in answers.items()},
    }


class NginxPool:
    """All servers at the same time, each asked one thing after the other; any thread may use it.

    urllib3 itself and not requests, as towards the CAs: it takes the system's certificates, is made
    for many threads, and nothing in the environment has a say in it.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises OSError for a CA bundle that can not be read."""
        self.servers = settings.nginx_servers_pool
        self.reset_path = settings.nginx_reset_path
        self.status_path = settings.nginx_status_path
        headers = {"User-Agent": "peter_sslers", "Accept": "application/json"}
        if settings.nginx_userpass:
            secret = base64.b64encode(settings.nginx_userpass.encode()).decode()
            headers["Authorization"] = f"Basic {secret}"
        timeout_s = settings.nginx_timeout
        tls = ssl.create_default_context(cafile=settings.nginx_ca_bundle_pem)
        if settings.nginx_servers_pool_allow_invalid:
            tls.check_hostname = False
            tls.verify_mode = ssl.CERT_NONE
        self._http = urllib3.PoolManager(
            num_pools=len(self.servers),
            maxsize=AT_ONCE,
            retries=False,
            timeout=urllib3.Timeout(min(CONNECT_S, timeout_s), timeout_s),
            headers=headers,
            ssl_context=tls,
        )
        self._http.pool_classes_by_scheme = pools()

    def flush(self) -> Answers:
        """Drop everything."""
        return self._each([f"{self.reset_path}/all"], _succeeded)[0]

    def expire(self, names: Sequence[str]) -> list[Answers]:
        """Drop some names: the answers for each of them.

        A wildcard stands in a server's memory under every name that clients have asked for, which
        only the server knows: for one of these, and for very many names, it drops everything.
        """
        if len(names) > MANY or any(name.startswith("*.") for name in names):
            return [self.flush()] * len(names)
        paths = [f"{self.reset_path}/domain/{quote(name, safe='')}" for name in names]
        return self._each(paths, _succeeded)

    def status(self) -> Answers:
        return self._each([self.status_path], lambda document: True)[0]

    def close(self) -> None:
        self._http.clear()

    def _each(self, paths: Sequence[str], is_good: IsGood) -> list[Answers]:
        def ask(server: str) -> list[Said]:
            return self._asked(server, paths, is_good)

        with ThreadPoolExecutor(min(AT_ONCE, len(self.servers))) as threads:
            told = list(threads.map(ask, self.servers))
        return [dict(zip(self.servers, row, strict=True)) for row in zip(*told, strict=True)]

    def _asked(self, server: str, paths: Sequence[str], is_good: IsGood) -> list[Said]:
        found: list[Said] = []
        for path in paths:
            is_silent = found and found[-1].is_silent
            found.append(found[-1] if is_silent else self._ask(server + path, is_good))
        return found

    def _ask(self, url: str, is_good: IsGood) -> Said:
        try:
            answer = self._http.request("GET", url, redirect=False, preload_content=False)
            body = answer.read(MAX_BYTES, decode_content=True)
            answer.drain_conn() if len(body) < MAX_BYTES else answer.close()
            answer.release_conn()
        except HTTPError as exc:
            why = f"{type(exc).__name__}: {exc}"
            told = {"status": "error", "error": "Exception", "Exception": why}
            return Said(told, why, is_silent=True)
        text = body.decode("utf-8", "replace")
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if answer.status == 200 and document is not None:
            return Said(document, "" if is_good(document) else "its answer is no success")
        shown = {"status_code": answer.status, "text": text[:MAX_SHOWN]}
        why = "its answer is no JSON" if answer.status == 200 else f"it answered {answer.status}"
        return Said({"status": "error", "error": "response", "response": shown}, why)


def _succeeded(document: Any) -> bool:
    return isinstance(document, dict) and document.get("result") == "success"
