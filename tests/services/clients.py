"""ACME clients of others, each at home at a Pebble of its own, for the folders that they leave."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .pebble import Pebble
from .processes import Process, find, free_port
from .waiting import until

MAIL = "someone@example.com"
DEHYDRATED = """CA="{directory}"
BASEDIR="{folder}"
WELLKNOWN="{folder}/www/.well-known/acme-challenge"
CURL_OPTS="--cacert {ca_file}"
CONTACT_EMAIL={mail}
KEY_ALGO=secp384r1
"""
CADDYFILE = """{{
    admin off
    default_bind 127.0.0.1
    http_port {challenge_port}
    https_port {port}
    storage file_system {folder}
    acme_ca {directory}
    acme_ca_root {ca_file}
    email {mail}
    skip_install_trust
}}
{names} {{
    respond "ok"
}}
"""


@dataclass
class Client:
    pebble: Pebble
    folder: Path

    def run(self, program: str, *argv: str | Path, **env: str) -> None:
        done = subprocess.run(
            [find(program) or program, *argv],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr


class Lego(Client):
    """Keys of RSA, with a web server of its own."""

    def issue(self, name: str, *more: str) -> None:
        domains = [part for each in (name, *more) for part in ("--domains", each)]
        where = ["--server", self.pebble.directory_url, "--path", str(self.folder)]
        challenge = ["--http", "--http.port", f"127.0.0.1:{self.pebble.challenge_port}"]
        self.run(
            "lego",
            *(*where, "--email", MAIL, "--accept-tos", "--key-type", "rsa2048"),
            *(*challenge, *domains, "run"),
            LEGO_CA_CERTIFICATES=str(self.pebble.ca_file),
        )


class Dehydrated(Client):
    """Keys of EC; what it writes for the CA is served from its folder `www`."""

    def issue(self, name: str, *more: str) -> None:
        """Also again: then it keeps the older one beside the new."""
        answers = self.folder / "www" / ".well-known" / "acme-challenge"
        answers.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config"
        config.write_text(
            DEHYDRATED.format(
                directory=self.pebble.directory_url,
                folder=self.folder,
                ca_file=self.pebble.ca_file,
                mail=MAIL,
            )
        )
        (self.folder / "domains.txt").write_text(f"{' '.join((name, *more))}\n")
        port = self.pebble.challenge_port
        argv = ["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"]
        server = Process([*argv, "--directory", str(self.folder / "www")], self.folder / "log")
        server.wait_for_port(port)
        try:
            self.run("dehydrated", "--config", config, "--register", "--accept-terms")
            self.run("dehydrated", "--config", config, "--cron", "--force")
        finally:
            server.stop()


class CaddyServer(Client):
    """A web server that gets its certificates itself, one for each name."""

    def issue(self, *names: str) -> None:
        caddyfile = self.folder / "Caddyfile"
        caddyfile.write_text(
            CADDYFILE.format(
                challenge_port=self.pebble.challenge_port,
                port=free_port(),
                folder=self.folder / "data",
                directory=self.pebble.directory_url,
                ca_file=self.pebble.ca_file,
                mail=MAIL,
                names=", ".join(names),
            )
        )
        argv = [find("caddy") or "caddy", "run", "--config", str(caddyfile)]
        env = {"HOME": str(self.folder)}
        caddy = Process([*argv, "--adapter", "caddyfile"], self.folder / "log", env=env)
        try:
            until(lambda: all(map(self._has, names)))
        finally:
            caddy.stop()

    def _has(self, name: str) -> bool:
        """What it writes last of one."""
        return any((self.folder / "data" / "certificates").glob(f"*/{name}/{name}.json"))
