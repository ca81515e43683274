"""What the benchmarks need running: a CA, names, and a Peter; on free ports of loopback."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from peter_sslers.scripts import initialize_db
from tests.services.dns import Dns
from tests.services.pebble import Options, Pebble
from tests.services.peter import Peter, write_ini
from tests.services.served import ServedProcess


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="peter-bench-") as path:
        yield Path(path)


@contextlib.contextmanager
def names() -> Iterator[Dns]:
    dns = Dns()
    try:
        yield dns
    finally:
        dns.close()


@contextlib.contextmanager
def ca(home: Path, dns: Dns, challenge_port: int) -> Iterator[Pebble]:
    home.mkdir()
    pebble = Pebble(Options(), home, dns.port, challenge_port)
    try:
        yield pebble
    finally:
        pebble.stop()


@contextlib.contextmanager
def peter(
    home: Path, pebble: Pebble, port: int, database_url: str = "", workers: int = 1
) -> Iterator[Peter]:
    """Served by `pserve`, on SQLite unless told otherwise."""
    url = database_url or f"sqlite:///{home}/ssl_minnow.sqlite"
    ini = write_ini(home / "peter.ini", port, url, pebble, {"workers": str(workers)})
    initialize_db.main(["initialize_peter_sslers_db", str(ini)])
    served = Peter(ini, port, url, pebble, ServedProcess(ini, port))
    try:
        yield served
    finally:
        served.stop()
