"""The whole way: Peter, Redis, nginx, a client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services.estate import Ca as Authority
from tests.services.estate import Signed
from tests.services.peter import Peter, StartPeter
from tests.services.processes import free_port
from tests.services.redis import Redis
from tests.services.waiting import until

from . import uploads
from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .priming import lua

pytestmark = [pytest.mark.service("nginx-lua"), pytest.mark.service("redis")]

AUTHORITY = Authority("Edge")


@dataclass(frozen=True)
class Nobody:
    """No ACME server is asked anything here."""

    directory_url: str = "http://127.0.0.1:9/directory"
    ca_file: Path | None = None


@pytest.fixture(scope="module")
def admin_port() -> int:
    """Of nginx, which Peter has to know before there is one."""
    return free_port()


@pytest.fixture(scope="module", params=["1", "2"])
def peter(
    request: pytest.FixtureRequest, start_peter: StartPeter, redis_server: Redis, admin_port: int
) -> Iterator[Peter]:
    peter = start_peter(
        Nobody(),
        enable_redis="true",
        **{
            "redis.url": redis_server.url,
            "redis.prime_style": request.param,
            "enable_nginx": "true",
            "nginx.servers_pool": f"http://127.0.0.1:{admin_port}",
        },
    )
    yield peter
    peter.stop()


@pytest.fixture
def nginx(peter: Peter, redis_db: Redis, admin_port: int, start_nginx: StartNginx) -> Nginx:
    style = "1" if "prime_style = 1" in peter.ini.read_text() else "2"
    site = Site(f"{style}, '{peter.url}'", init=lua(redis_db), admin_port=admin_port)
    return start_nginx(site)


def upload(peter: Peter, name: str) -> Signed:
    return uploads.upload(peter, AUTHORITY, name)


def is_served(nginx: Nginx, name: str, serial: int) -> None:
    """By every worker, as soon as Peter has had the time to answer."""
    until(lambda: nginx.serial(name) == serial)
    assert set.union(*nginx.by_worker(name).values()) == {serial}


def test_cold_name_passes_through_every_memory(peter: Peter, nginx: Nginx, redis_db: Redis) -> None:
    leaf = upload(peter, "cold.example.com")
    with redis_db.client() as client:
        client.flushdb()
        is_served(nginx, "cold.example.com", leaf.certificate.serial_number)
        until(lambda: client.exists("d1:cold.example.com", "d2:cold.example.com") == 1)
    assert nginx.get("/status").json()["keys"]["valid"] == ["cold.example.com"]
    nginx.get("/expire/all")
    is_served(nginx, "cold.example.com", leaf.certificate.serial_number)
    from_redis = 'peter_sslers_lookups_total{source="redis",outcome="found"} '
    until(lambda: from_redis + "0" not in nginx.get("/metrics").text)


def test_change_is_served_at_the_next_handshake(peter: Peter, nginx: Nginx) -> None:
    first = upload(peter, "change.example.com")
    is_served(nginx, "change.example.com", first.certificate.serial_number)
    second = upload(peter, "change.example.com")
    is_served(nginx, "change.example.com", second.certificate.serial_number)


def test_disabled_domain_is_not_served(peter: Peter, nginx: Nginx) -> None:
    leaf = upload(peter, "off.example.com")
    is_served(nginx, "off.example.com", leaf.certificate.serial_number)
    domain = peter.get("/domain/off.example.com")["Domain"]
    peter.posted(f"/domain/{domain['id']}/mark", action="inactive")
    is_served(nginx, "off.example.com", DEFAULT)
