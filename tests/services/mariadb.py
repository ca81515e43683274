"""A throw-away MariaDB in memory."""

from __future__ import annotations

import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from .processes import MEMORY, Process, find, free_port

FAST = ("--skip-log-bin", "--innodb-flush-method=nosync", "--innodb-buffer-pool-size=64M")


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    """An empty database on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="peter-mariadb-", dir=MEMORY))
    shutil.chown(folder, pwd.getpwnam("mysql").pw_uid)
    own = ["--no-defaults", f"--datadir={folder / 'data'}", "--user=mysql", "--skip-name-resolve"]
    install = [find("mariadb-install-db") or "", *own, "--auth-root-authentication-method=normal"]
    subprocess.run(install, check=True, capture_output=True)
    port = free_port()
    server = [find("mariadbd") or "", *own, *FAST, f"--port={port}", "--bind-address=127.0.0.1"]
    process = Process([*server, f"--socket={folder / 's'}"], folder / "log")
    try:
        process.wait_for_port(port)
        root = create_engine(f"mysql+pymysql://root@127.0.0.1:{port}/mysql")
        with root.connect() as connection:
            connection.execute(text("CREATE DATABASE peter CHARACTER SET utf8mb4"))
        root.dispose()
        yield f"mysql+pymysql://root@127.0.0.1:{port}/peter"
    finally:
        process.stop()
        shutil.rmtree(folder, ignore_errors=True)
