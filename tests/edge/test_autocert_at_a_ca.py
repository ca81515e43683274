"""A name nobody knows yet, the whole way: nginx, Peter, the CA, and back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509

from tests.services.pebble import Pebble
from tests.services.peter import Peter, StartPeter, unused_name
from tests.services.redis import Redis
from tests.services.waiting import until

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .priming import lua

pytestmark = [
    pytest.mark.service("nginx-lua"),
    pytest.mark.service("pebble"),
    pytest.mark.service("redis"),
]


@pytest.fixture(scope="module")
def peter(start_peter: StartPeter, pebble: Pebble, redis_server: Redis) -> Peter:
    redis = {"enable_redis": "true", "redis.url": redis_server.url, "redis.prime_style": "1"}
    peter = start_peter(pebble, **redis)
    peter.account()
    return peter


@pytest.fixture
def nginx(peter: Peter, redis_db: Redis, start_nginx: StartNginx) -> Nginx:
    return start_nginx(Site(f"1, '{peter.url}', 1", init=lua(redis_db)))


def test_unknown_name_has_its_certificate_soon(nginx: Nginx, peter: Peter, pebble: Pebble) -> None:
    name = unused_name()
    with pebble.counting() as asked:
        with ThreadPoolExecutor(20) as clients:
            assert set(clients.map(nginx.serial, [name] * 20)) == {DEFAULT}
        until(lambda: nginx.serial(name) != DEFAULT)
    assert [path for _, path in asked].count("/order-plz") == 1
    config = peter.get(f"/domain/{name}/config")["certificate_signed__latest_single"]
    stored = x509.load_pem_x509_certificate(config["certificate"]["pem"].encode())
    assert set.union(*nginx.by_worker(name).values()) == {stored.serial_number}


def test_name_that_no_ca_signs_is_left_alone(nginx: Nginx, pebble: Pebble) -> None:
    name = "blocked.example"
    with pebble.counting() as asked:
        assert nginx.serial(name) == DEFAULT
        until(lambda: not nginx.get("/status").json()["keys"]["autocert"])
        assert nginx.serial(name) == DEFAULT
    assert [path for _, path in asked].count("/order-plz") <= 1
