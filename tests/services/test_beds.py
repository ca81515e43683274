"""The test bed itself, where a fault would show as somebody else's."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import urllib3

from .postgresql import PostgreSql
from .processes import START_S, Process, free_port
from .served import ServedProcess

INI = """
[app:main]
use = call:{module}:hello

[server:main]
use = egg:waitress#main
listen = 127.0.0.1:{port}
"""


def hello(*settings: Any, **more: Any) -> Callable[..., list[bytes]]:
    def app(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"hello"]

    return app


def test_a_killed_server_can_be_started_again(
    serve_ini: Callable[..., ServedProcess], tmp_path: Path
) -> None:
    port = free_port()
    ini = tmp_path / "hello.ini"
    ini.write_text(INI.format(module=__name__, port=port))
    served = serve_ini(ini, port)
    served.kill()
    assert not served.running()
    served.start()
    assert urllib3.request("GET", served.url).data == b"hello"


ORPHAN = """
import os, signal, sys
from pathlib import Path
from tests.services.processes import Process
child = Process(["sleep", "60"], Path(sys.argv[1]))
while Path(f"/proc/{child.pid}/comm").read_text() != "sleep\\n":
    pass
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", ORPHAN, str(tmp_path / "log")]
    parent = subprocess.run(argv, capture_output=True, text=True)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    deadline = time.monotonic() + START_S
    while alive(int(parent.stdout)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Not gone, and not a zombie that nobody has collected yet."""
    status = Path(f"/proc/{pid}/status")
    try:
        return "Z (zombie)" not in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_process_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo no such luck; exit 1"], tmp_path / "log")
    with pytest.raises(RuntimeError, match="no such luck"):
        process.wait_for_port(free_port())


@pytest.mark.service("postgresql")
def test_each_copy_of_a_database_is_its_own(postgresql: PostgreSql) -> None:
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE t (n integer)")

    urls = [postgresql.copy_of("bed", fill).replace("+psycopg", "") for _ in range(2)]
    with psycopg.connect(urls[0]) as first, psycopg.connect(urls[1]) as second:
        first.execute("INSERT INTO t VALUES (1)")
        assert second.execute("SELECT count(*) FROM t").fetchone() == (0,)
    assert len(filled) == 1
