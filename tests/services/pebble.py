"""Pebble, the ACME server that Let's Encrypt wrote for the tests of clients."""

from __future__ import annotations

import contextlib
import json
import os
import re
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .dns import Dns
from .processes import Process, find, free_port
from .tls import self_signed

REQUEST = re.compile(r"\b([A-Z]+) (/\S*) -> calling handler")


@dataclass(frozen=True)
class Options:
    """How Pebble is to behave. `eab`: (key id, base64url HMAC key), required if there is one."""

    strict: bool = True
    nonce_reject_percent: int = 0
    authz_reuse_percent: int = 0  # Pebble takes 0 for nearly 0: use a new name for each test
    alternate_roots: int = 0
    chain_length: int = 1
    orders_per_page: int = 3
    eab: tuple[tuple[str, str], ...] = ()
    blocklist: tuple[str, ...] = ("blocked.example",)
    validity_s: int = 90 * 86400

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "PEBBLE_VA_NOSLEEP": "1",
            "PEBBLE_WFE_NONCEREJECT": str(self.nonce_reject_percent),
            "PEBBLE_AUTHZREUSE": str(self.authz_reuse_percent),
            "PEBBLE_ALTERNATE_ROOTS": str(self.alternate_roots),
            "PEBBLE_CHAIN_LENGTH": str(self.chain_length),
            "PEBBLE_WFE_ORDERS_PER_PAGE": str(self.orders_per_page),
        }


@dataclass
class Pebble:
    """A running Pebble. `ca_file` is what its TLS certificate is checked with."""

    options: Options
    folder: Path
    dns_port: int
    challenge_port: int
    port: int = field(default_factory=free_port)
    management_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.ca_file, key = self_signed(self.folder)
        config = {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.management_port}",
            "certificate": str(self.ca_file),
            "privateKey": str(key),
            "httpPort": self.challenge_port,
            "tlsPort": free_port(),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": bool(self.options.eab),
            "externalAccountMACKeys": dict(self.options.eab),
            "domainBlocklist": list(self.options.blocklist),
            "certificateValidityPeriod": self.options.validity_s,
        }
        self._config = self.folder / "pebble.json"
        self._config.write_text(json.dumps({"pebble": config}))
        self.start()

    def start(self) -> None:
        """Also again after a stop; it has forgotten everything then."""
        strict = ["-strict"] if self.options.strict else []
        argv = ["-config", str(self._config), "-dnsserver", f"127.0.0.1:{self.dns_port}", *strict]
        self._process = Process(
            [find("pebble") or "pebble", *argv],
            self.folder / "pebble.log",
            env=self.options.environment(),
        )
        self._process.wait_for_port(self.port)

    def stop(self) -> None:
        self._process.stop()

    @property
    def directory_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/dir"

    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request so far."""
        return REQUEST.findall(self._process.log.read_text())

    @contextlib.contextmanager
    def counting(self) -> Iterator[list[tuple[str, str]]]:
        """`with pebble.counting() as asked:` fills the list when the block ends."""
        asked: list[tuple[str, str]] = []
        before = len(self.requests())
        yield asked
        asked.extend(self.requests()[before:])

    def management(self, path: str) -> bytes:
        """`/roots/0`, `/intermediates/0`, `/cert-status-by-serial/HEX`, and so on."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        url = f"https://127.0.0.1:{self.management_port}{path}"
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            content: bytes = answer.read()
        return content


StartPebble = Callable[[Options], Pebble]


@pytest.fixture(scope="session")
def start_pebble(
    tmp_path_factory: pytest.TempPathFactory, dns: Dns, challenge_port: int
) -> Iterator[StartPebble]:
    """`start_pebble(Options(...))`: one Pebble for the session for each set of options."""
    running: dict[Options, Pebble] = {}

    def start(options: Options) -> Pebble:
        if options not in running:
            folder = tmp_path_factory.mktemp("pebble")
            running[options] = Pebble(options, folder, dns.port, challenge_port)
        return running[options]

    yield start
    for pebble in running.values():
        pebble.stop()


@pytest.fixture(scope="session")
def pebble(start_pebble: StartPebble) -> Pebble:
    """The usual one: strict, and refuses no nonce."""
    return start_pebble(Options())
