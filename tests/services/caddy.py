"""Caddy's acme_server, which is smallstep's: an ACME server from other hands than Pebble."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .dns import Dns
from .processes import Process, find, free_port
from .tls import self_signed

CADDYFILE = """{{
    admin 127.0.0.1:{admin_port}
    auto_https disable_redirects
    storage file_system {folder}/data
    skip_install_trust
}}
https://127.0.0.1:{port} {{
    bind 127.0.0.1
    tls {certificate} {key}
    acme_server {{
        lifetime 12h
        resolvers udp/127.0.0.1:{dns_port}
    }}
}}
"""


@dataclass
class Caddy:
    """A running one. `ca_file` is what its TLS certificate is checked with.

    dns-01 asks our DNS. http-01 would go to port 80 of what the system's resolver says; with a
    proxy in its environment it goes to `challenge_port`, as a request for http://NAME/….
    """

    folder: Path
    dns_port: int
    challenge_port: int
    port: int = field(default_factory=free_port)
    admin_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.ca_file, key = self_signed(self.folder)
        caddyfile = self.folder / "Caddyfile"
        caddyfile.write_text(
            CADDYFILE.format(
                folder=self.folder,
                admin_port=self.admin_port,
                port=self.port,
                dns_port=self.dns_port,
                certificate=self.ca_file,
                key=key,
            )
        )
        env = {"HOME": str(self.folder), "HTTP_PROXY": f"http://127.0.0.1:{self.challenge_port}"}
        argv = [find("caddy") or "caddy", "run", "--config", str(caddyfile)]
        log = self.folder / "caddy.log"
        self._process = Process([*argv, "--adapter", "caddyfile"], log, env=env)
        self._process.wait_for_port(self.port)

    @property
    def directory_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/acme/local/directory"

    def stop(self) -> None:
        self._process.stop()


@pytest.fixture(scope="session")
def caddy(
    tmp_path_factory: pytest.TempPathFactory, dns: Dns, challenge_port: int
) -> Iterator[Caddy]:
    """It looks for http-01 answers where the session's Pebbles do."""
    server = Caddy(tmp_path_factory.mktemp("caddy"), dns.port, challenge_port)
    yield server
    server.stop()
