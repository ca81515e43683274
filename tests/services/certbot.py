"""Certbot, the client whose accounts people bring along."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .dns import Dns
from .pebble import Options, Pebble
from .processes import SERVERS, free_port

CONTACT = "certbot@example.com"
FILES = ("meta.json", "private_key.json", "regr.json")


class Certbot:
    """Certbot with folders of its own, at home at `pebble`."""

    def __init__(self, pebble: Pebble, folder: Path) -> None:
        self.pebble = pebble
        self.folder = folder

    def register(self) -> None:
        self._run("register", "--agree-tos", "--no-eff-email", "--email", CONTACT)

    def certonly(self, name: str, *more: str) -> Path:
        """Order a certificate, with http-01 and a web server of Certbot's own; its chain's file."""
        challenge = ["--http-01-address", "127.0.0.1", "--http-01-port"]
        port = str(self.pebble.challenge_port)
        self._run("certonly", "--standalone", *challenge, port, "-d", name, *more)
        return self.folder / "config" / "live" / name / "fullchain.pem"

    @property
    def account(self) -> Path:
        """The account's folder, with the FILES."""
        return next((self.folder / "config" / "accounts").glob("*/*/*"))

    def _run(self, *argv: str) -> None:
        folders = [f"--{name}-dir={self.folder / name}" for name in ("config", "work", "logs")]
        common = ["--non-interactive", "--server", self.pebble.directory_url, *folders]
        env = {**os.environ, "REQUESTS_CA_BUNDLE": str(self.pebble.ca_file)}
        program = str(SERVERS / "bin" / "certbot")
        done = subprocess.run(
            [program, *argv, *common], env=env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def certbot(tmp_path_factory: pytest.TempPathFactory, dns: Dns) -> Iterator[Certbot]:
    """Registered, and has a certificate.

    Its Pebble is no other test's: Certbot has to answer on that one's port for challenges.
    """
    pebble = Pebble(Options(), tmp_path_factory.mktemp("pebble"), dns.port, free_port())
    client = Certbot(pebble, tmp_path_factory.mktemp("certbot"))
    client.register()
    client.certonly("certbot.example.com")
    yield client
    pebble.stop()
