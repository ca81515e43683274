"""Commands and a served Peter fill Redis: what ends at once has told it before."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from peter_sslers.scripts import initialize_db

from .estate import Ca, certbot
from .peter import ADMIN, INITIALIZE, write_ini
from .processes import free_port
from .redis import Redis
from .served import ServedProcess

pytestmark = pytest.mark.service("redis")
AUTHORITY = Ca("Redis")
NOBODY = SimpleNamespace(directory_url="https://127.0.0.1:9/dir", ca_file=None)
NAMES = 3


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def ini(tmp_path: Path, redis_db: Redis, port: int) -> Path:
    options = {"enable_redis": "true", "redis.url": redis_db.url, "redis.prime_style": "1"}
    url = f"sqlite:///{tmp_path}/ssl_minnow.sqlite"
    path = write_ini(tmp_path / "peter.ini", port, url, NOBODY, **options)
    initialize_db.main([INITIALIZE, str(path)])
    return path


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    return certbot(tmp_path / "letsencrypt", AUTHORITY, NAMES)


def command(name: str, *argv: object) -> str:
    program = Path(sys.executable).with_name(name)
    done = subprocess.run([program, *map(str, argv)], check=True, capture_output=True, text=True)
    return done.stdout


def names(redis: Redis) -> set[str]:
    with redis.client() as client:
        return {key[3:] for key in client.keys("d1:*")}


def test_import_and_prequest_leave_redis_full(ini: Path, estate: Path, redis_db: Redis) -> None:
    command("peter_sslers_import", ini, estate)
    imported = names(redis_db)
    assert len(imported) >= NAMES
    with redis_db.client() as client:
        client.flushall()
    primed = json.loads(command("prequest", "-m", "POST", ini, f"{ADMIN}/api/redis/prime.json"))
    assert primed["result"] == "success", primed
    assert primed["operations_event"]["total_primed"]["domain"] == len(imported)
    assert names(redis_db) == imported


def test_served_peter_primes_what_it_is_asked_for(
    ini: Path,
    estate: Path,
    redis_db: Redis,
    port: int,
    serve_ini: Callable[..., ServedProcess],
) -> None:
    command("peter_sslers_import", ini, estate)
    name = sorted(names(redis_db))[0]
    with redis_db.client() as client:
        client.flushall()
    server = serve_ini(ini, port)
    answer: Any = requests.get(
        f"{server.url}{ADMIN}/domain/{name}/config.json?openresty=1", timeout=20
    ).json()
    server.stop()  # it does what is left to do
    assert answer["domain"]["domain_name"] == name
    assert names(redis_db) == {name}
