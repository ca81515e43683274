"""Requests a second of `domain/{name}/config.json`, by wrk on waitress with SQLite.

The reference is a bare Pyramid view that answers the same document from memory, on the same kind
of server; they take turns, so that both see the same machine.
"""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from pyramid.config import Configurator

from peter_sslers.scripts import ini, initialize_db
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
PATH = f"/.well-known/admin/domain/{NAME}/config.json"

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
certificate_authority = pebble
certificate_authority_directory = https://0.0.0.0:14000/dir
certificate_authority_protocol = acme-v2
"""


def bare(_global_config: dict[str, str], *, document: str) -> Any:
    """The reference: one route, one view, a constant."""
    answer = json.loads(Path(document).read_text())
    config = Configurator()
    config.add_route("config", "/.well-known/admin/domain/{name}/config.json")
    config.add_view(lambda _request: answer, route_name="config", renderer="json")
    return config.make_wsgi_app()


def served(path: Path, use: str, options: str) -> tuple[ServedProcess, str]:
    port = free_port()
    path.write_text(INI.format(use=use, options=options, port=port))
    return ServedProcess(path, port), f"http://127.0.0.1:{port}{PATH}"


def fill(path: Path) -> None:
    initialize_db.main(["initialize_peter_sslers_db", str(path)])
    with ini.context(str(path), {}) as ctx:
        store(ctx, [CHAIN], EC256)


def rate(url: str) -> float:
    """Requests a second. Raises where one fails."""
    wrk = find("wrk") or "wrk"
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def measure(fetch: Callable[..., requests.Response]) -> tuple[list[float], list[float]]:
    with bed.folder() as home, contextlib.ExitStack() as stack:
        path = home / "peter.ini"
        options = OURS.format(folder=home)
        path.write_text(INI.format(use="egg:peter_sslers#main", options=options, port=0))
        fill(path)
        ours, url = served(path, "egg:peter_sslers#main", options)
        stack.callback(ours.stop)
        document = home / "config.json"
        document.write_bytes(fetch(url, timeout=10).content)
        use = "call:benchmarks.config_json:bare"
        reference, reference_url = served(home / "bare.ini", use, f"document = {document}")
        stack.callback(reference.stop)
        assert fetch(reference_url, timeout=10).json() == fetch(url, timeout=10).json()
        rates = [(rate(url), rate(reference_url)) for _ in range(ROUNDS)]
    return [own for own, _ in rates], [other for _, other in rates]


def main() -> None:
    with requests.Session() as http:
        http.trust_env = False
        ours, reference = measure(http.get)
    spread("ours", ours, "requests/s")
    spread("a bare view", reference, "requests/s")
    finish(
        ratio(
            "config.json",
            statistics.median(ours),
            statistics.median(reference),
            "requests/s",
            least=LEAST,
        )
    )


if __name__ == "__main__":
    main()
