"""Requests a second of `domain/{name}/config.json` and of a challenge, by wrk, with SQLite.

The reference of each is a bare Pyramid view that answers the same body from memory, on the same
waitress; they take turns, so that both see the same machine.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from pyramid.config import Configurator

from peter_sslers.scripts import ini, initialize_db
from tests import factories
from tests.services.processes import find, free_port
from tests.services.served import ServedProcess
from tests.web.admin.certificate_rows import CHAIN, EC256, store

from . import bed
from .report import finish, ratio, spread

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 4
LEAST = 0.5
NAME = "example.com"  # of the certificate in CHAIN
TOKEN = "the-token"

INI = """
[app:main]
use = {use}
{options}
[server:main]
use = egg:waitress#main
listen = 127.0.0.1:{port}
threads = 4
"""
OURS = """
sqlalchemy.url = sqlite:///{folder}/ssl_minnow.sqlite
enable_views_admin = true
enable_views_public = true
certificate_authority = pebble
certificate_authority_directory = https://0.0.0.0:14000/dir
certificate_authority_protocol = acme-v2
"""


@dataclass(frozen=True)
class Route:
    """What is asked for; `host` is the Host that it is asked under."""

    name: str
    path: str
    host: str


ROUTES = (
    Route("config.json", f"/.well-known/admin/domain/{NAME}/config.json", "127.0.0.1"),
    Route("acme-challenge", f"/.well-known/acme-challenge/{TOKEN}", NAME),
)


def bare(_global_config: dict[str, str], *, path: str, body: str) -> Any:
    """The reference: one route with one pattern, one view, a constant."""
    config = Configurator()
    config.add_route("only", f"{path.rpartition('/')[0]}/{{last}}")
    text = Path(body).read_text()
    if path.endswith(".json"):
        document = json.loads(text)
        config.add_view(lambda _request: document, route_name="only", renderer="json")
    else:
        config.add_view(lambda _request: text, route_name="only", renderer="string")
    return config.make_wsgi_app()


def served(path: Path, use: str, options: str) -> tuple[ServedProcess, str]:
    port = free_port()
    path.write_text(INI.format(use=use, options=options, port=port))
    return ServedProcess(path, port), f"http://127.0.0.1:{port}"


def fill(path: Path) -> None:
    initialize_db.main(["initialize_peter_sslers_db", str(path)])
    with ini.context(str(path), {}) as ctx:
        certificate = store(ctx, [CHAIN], EC256)
        with ctx.commit():
            domain = certificate.unique_fqdn_set.domains[0]
            factories.challenge(ctx.db, domain=domain, token=TOKEN)


def rate(url: str, host: str) -> float:
    """Requests a second. Raises where one fails."""
    wrk = find("wrk") or "wrk"
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"Host: {host}", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def measure(http: requests.Session, route: Route, home: Path, ours: str) -> bool:
    """Print the ratio of one route."""
    body = http.get(ours + route.path, headers={"Host": route.host}, timeout=10)
    body.raise_for_status()
    kept = home / "body"
    kept.write_bytes(body.content)
    options = f"path = {route.path}\nbody = {kept}"
    server, reference = served(home / "bare.ini", "call:benchmarks.config_json:bare", options)
    try:
        same = http.get(reference + route.path, timeout=10)
        assert same.content.strip() == body.content.strip() or same.json() == body.json()
        rates = [
            (rate(ours + route.path, route.host), rate(reference + route.path, route.host))
            for _ in range(ROUNDS)
        ]
    finally:
        server.stop()
    own, other = [a for a, _ in rates], [b for _, b in rates]
    spread(f"{route.name}, ours", own, "requests/s")
    spread(f"{route.name}, a bare view", other, "requests/s")
    medians = statistics.median(own), statistics.median(other)
    return ratio(route.name, *medians, "requests/s", least=LEAST)


def main() -> None:
    with bed.folder() as home, requests.Session() as http:
        http.trust_env = False
        path = home / "peter.ini"
        options = OURS.format(folder=home)
        path.write_text(INI.format(use="egg:peter_sslers#main", options=options, port=0))
        fill(path)
        server, ours = served(path, "egg:peter_sslers#main", options)
        try:
            good = [measure(http, route, home, ours) for route in ROUTES]
        finally:
            server.stop()
    finish(all(good))


if __name__ == "__main__":
    main()
