"""A throw-away Redis: plain, or with a password, an ACL user, TLS, on a Unix socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from .processes import Process, find, free_port


class Redis:
    """A server on a free port of loopback; `more` are further words of its command line."""

    def __init__(self, folder: Path, *more: str, url: str = "redis://127.0.0.1:{port}/9") -> None:
        """`url` is how a client comes in; `{port}` and `{folder}` are filled in."""
        self.folder = folder
        self.port = free_port()
        self.url = url.format(port=self.port, folder=folder)
        self._more = [word.format(port=self.port, folder=folder) for word in more]
        self.start()

    def start(self) -> None:
        """Also again after a stop; what it held is lost."""
        argv = [find("redis-server") or "redis-server", "--bind", "127.0.0.1", "--dir"]
        quiet = ["--save", "", "--appendonly", "no", "--port", str(self.port)]
        self._process = Process([*argv, str(self.folder), *quiet, *self._more], self.folder / "log")
        self._process.wait_for_port(self.port)

    def client(self, **options: Any) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True, **options)

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """One for the whole session; `redis_db` empties it."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_db(redis_server: Redis) -> Redis:
    """The session's, with nothing in it."""
    with redis_server.client() as client:
        client.flushall()
    return redis_server
