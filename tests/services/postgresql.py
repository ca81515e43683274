"""A throw-away PostgreSQL in memory, and a fresh database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from .processes import MEMORY, START_S, Process, find, free_port

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgreSql:
    """A server on a free port of loopback. Its data are lost with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="peter-postgresql-", dir=MEMORY))
        self.port = free_port()
        self._number = count(1)
        self._templates: set[str] = set()
        self._user = _not_root(self.folder)
        initdb = [find("initdb") or "initdb", "-D", str(self.folder / "data"), "-U", "postgres"]
        subprocess.run(
            [*initdb, "-A", "trust", "-N", "-E", "UTF8", "--no-locale"],
            check=True,
            capture_output=True,
            **self._user,
        )
        self.start()

    def start(self) -> None:
        """Also again after a stop or kill; the data are still there."""
        options = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", *FAST]
        argv = [find("postgres") or "postgres", "-D", str(self.folder / "data")]
        self._process = Process(
            [*argv, "-p", str(self.port), *(part for o in options for part in ("-c", o))],
            self.folder / "log",
            stop=signal.SIGINT,
            **self._user,
        )
        self._process.wait_for_port(self.port)
        deadline = time.monotonic() + START_S
        while True:  # it listens before it takes anybody in
            try:
                self._run("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def stop(self) -> None:
        """PostgreSQL's fast shutdown: connections are cut."""
        self._process.stop()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """A new database; its URL."""
        name = f"test_{next(self._number)}"
        # Since PostgreSQL 15 it would copy through its log, which takes three times as long.
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def copy_of(self, template: str, fill: Callable[[str], None]) -> str:
        """A new database like `template`, which `fill(url)` makes when it is first asked for.

        `fill` must leave no connection open.
        """
        if template not in self._templates:
            self._run(f'CREATE DATABASE "{template}" TEMPLATE template0')
            fill(self.url(template))
            self._templates.add(template)
        return self.create(template)

    def _run(self, statement: str) -> None:
        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


def _not_root(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: become `postgres`, or nobody."""
    if os.getuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    server = PostgreSql()
    yield server
    server.close()


@pytest.fixture
def postgresql_url(postgresql: PostgreSql) -> str:
    """An empty database."""
    return postgresql.create()
