from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.redis import Redis

from .nginx import Nginx, Site
from .pairs import Issuer
from .upstream import Upstream

StartNginx = Callable[[Site], Nginx]

NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    yield upstream
    upstream.stop()


@pytest.fixture
def start_nginx(tmp_path: Path) -> Iterator[StartNginx]:
    """`start_nginx(Site(…))`: ended when the test ends."""
    started: list[Nginx] = []

    def start(site: Site) -> Nginx:
        folder = tmp_path / f"nginx{next(NUMBER)}"
        folder.mkdir()
        (folder / "resty").mkdir()
        if site.resty_redis:
            (folder / "resty" / "redis.lua").write_text(site.resty_redis)
        started.append(Nginx(folder, site))
        return started[-1]

    yield start
    for nginx in started:
        nginx.stop()


@pytest.fixture
def by_http(start_nginx: StartNginx, upstream: Upstream) -> Nginx:
    """An nginx that asks Peter and nobody else."""
    return start_nginx(Site(f"nil, '{upstream.url}'"))


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """One that a test may stop or freeze."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Redis(folder)
    yield server
    os.kill(server.pid, signal.SIGCONT)
    server.stop()
