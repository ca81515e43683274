"""What nginx keeps: preloaded at its start, over a reload, and under pressure."""

from __future__ import annotations

import re

import pytest

from tests.services.redis import Redis
from tests.services.waiting import until

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .pairs import Issuer
from .priming import lua, prime
from .upstream import Upstream

pytestmark = [pytest.mark.service("nginx-lua"), pytest.mark.service("redis")]

NAME = "www.example.com"


def metric(nginx: Nginx, name: str) -> int:
    found = re.search(rf"^peter_sslers_{re.escape(name)} (\d+)$", nginx.get("/metrics").text, re.M)
    assert found
    return int(found[1])


@pytest.mark.parametrize("style", [1, 2])
def test_preloaded_from_redis(
    start_nginx: StartNginx, own_redis: Redis, issuer: Issuer, style: int
) -> None:
    pairs = {f"n{number}.example.com": issuer.issue("example.com") for number in range(40)}
    for name, pair in pairs.items():
        prime(own_redis, style, name, pair)
    with own_redis.client() as client:
        client.hset(f"d{style}:../x", mapping={"c": "1", "p": "1", "f": "1"})
    start = f"peter_sslers.initialize_worker(600, 60, 200); peter_sslers.preload({style})"
    nginx = start_nginx(Site(str(style), init=lua(own_redis), init_worker=start))
    until(lambda: metric(nginx, "preloaded_total") == len(pairs))
    own_redis.stop()
    assert {name: nginx.serial(name) for name in pairs} == {
        name: pair.serial for name, pair in pairs.items()
    }
    own_redis.start()


def test_reload_forgets_nothing(by_http: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert by_http.serial(NAME) == pair.serial
    old = set(by_http.workers())
    by_http.reload()
    until(lambda: not old & set(by_http.workers()))
    assert set.union(*by_http.by_worker(NAME).values()) == {pair.serial}
    assert upstream.count(NAME) == 1


@pytest.mark.parametrize("misses", ["", "lua_shared_dict cert_cache_misses 100k;"])
def test_made_up_names_do_not_push_out_certificates(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer, misses: str
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    site = Site(f"nil, '{upstream.url}'", http=misses, dict_size="100k", workers=1)
    nginx = start_nginx(site)
    assert nginx.serial(NAME) == pair.serial
    assert [nginx.serial(f"x{number}.invalid") for number in range(200)] == [DEFAULT] * 200
    assert nginx.get("/status").json()["keys"]["valid"] == [NAME]
    assert metric(nginx, "evictions_total") == 0
    assert upstream.count(NAME) == 1


def test_working_set_larger_than_the_workers_memory(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pairs = {f"n{number}.example.com": issuer.issue("example.com") for number in range(10)}
    for name, pair in pairs.items():
        upstream.serves(name, pair)
    few = "peter_sslers.initialize_worker(600, 60, 2)"
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init_worker=few, workers=1))
    for _ in range(2):
        assert all(nginx.serial(name) == pair.serial for name, pair in pairs.items())
    assert all(upstream.count(name) == 1 for name in pairs)


def test_more_certificates_than_the_shared_memory_takes(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue("example.com")
    names = [f"n{number}.example.com" for number in range(60)]
    for name in names:
        upstream.serves(name, pair)
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", dict_size="100k", workers=1))
    assert {nginx.serial(name) for name in names} == {pair.serial}
    until(lambda: metric(nginx, "evictions_total"))


def test_without_initialize_worker(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert start_nginx(Site(f"nil, '{upstream.url}'", init_worker="")).serial(NAME) == pair.serial
