"""`config.json?openresty=1`: what an edge asks for is put into Redis, whatever Redis says."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from peter_sslers import model

from ...services.processes import free_port
from ...services.redis import Redis
from .acme_site import Site
from .certificate_rows import CHAIN, EC256, LEAF, RSA2048, pem, stored
from .edges import with_redis

pytestmark = pytest.mark.service("redis")
INTERMEDIATE = pem("chains/intermediate")
ASKED = "/domain/example.com/config.json?openresty=1"
STYLE_1 = {"d1:example.com": {"c": "1", "p": "1", "i": "1"}, "c:1": LEAF, "p:1": EC256}


def held(redis: Redis) -> dict[str, object]:
    with redis.client() as client:
        keys = sorted(client.keys())
        return {key: client.hgetall(key) if key[0] == "d" else client.get(key) for key in keys}


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("1", {**STYLE_1, "i:1": INTERMEDIATE}),
        ("2", {"d2:example.com": {"f": CHAIN, "p": EC256}}),
    ],
)
def test_what_is_asked_for_is_primed(
    site: Site, redis_db: Redis, style: str, expected: dict[str, object]
) -> None:
    stored(site)
    edge = with_redis(site, redis_db.url, style)
    answer = site.json(ASKED)
    edge.wait()
    assert held(redis_db) == expected
    site.edge = None
    assert site.json(ASKED) == answer


def test_only_the_edge_primes(site: Site, redis_db: Redis) -> None:
    stored(site)
    edge = with_redis(site, redis_db.url)
    site.json("/domain/example.com/config.json")
    site.json("/domain/1/config.json?openresty=")
    site.get("/domain/1/config.json?openresty=1", status=404)
    edge.wait()
    assert held(redis_db) == {}


def test_certificate_of_several_names_goes_before_that_of_one(site: Site, redis_db: Redis) -> None:
    stored(site)
    stored(site, [pem("certificates/wildcard") + INTERMEDIATE], RSA2048)
    edge = with_redis(site, redis_db.url)
    site.json(ASKED)
    edge.wait()
    assert held(redis_db)["d1:example.com"] == {"c": "2", "p": "2", "i": "1"}


@pytest.mark.parametrize("style", ["1", "2"])
def test_name_that_is_disabled_or_has_no_certificate_is_removed(
    site: Site, redis_db: Redis, style: str
) -> None:
    stored(site)
    edge = with_redis(site, redis_db.url, style)
    site.json(ASKED)
    with site.writing() as rows:
        rows.db.get(model.Domain, 1).is_active = False
    assert site.json(ASKED)["certificate_signed__latest_single"] is None
    edge.wait()
    assert not any(key.startswith("d") for key in held(redis_db))


def test_certificate_without_chain_is_primed_without(site: Site, redis_db: Redis) -> None:
    stored(site, [LEAF])
    edge = with_redis(site, redis_db.url)
    site.json(ASKED)
    edge.wait()
    assert held(redis_db) == {**STYLE_1, "d1:example.com": {"c": "1", "p": "1"}}


def test_keys_expire_as_they_are_told_and_anew_each_time(site: Site, redis_db: Redis) -> None:
    stored(site)
    lives = {"cert": 100, "pkey": 200, "certcachain": 300, "domain": 400}
    edge = with_redis(site, redis_db.url, **{f"redis_timeout_{k}": s for k, s in lives.items()})
    with redis_db.client() as client:
        for _ in range(2):
            site.json(ASKED)
            edge.wait()
            ttls = [client.ttl(key) for key in ("c:1", "p:1", "i:1", "d1:example.com")]
            assert [-(-ttl // 100) * 100 for ttl in ttls] == [100, 200, 300, 400]
            for key in held(redis_db):
                client.expire(key, 9)


@pytest.mark.parametrize("style", ["1", "2"])
def test_missing_redis_changes_nothing(
    site: Site, style: str, caplog: pytest.LogCaptureFixture
) -> None:
    stored(site)
    answer = site.json(ASKED)
    port = free_port()
    edge = with_redis(site, f"redis://:secret@127.0.0.1:{port}/9", style)
    assert site.json(ASKED) == answer
    edge.wait()
    assert "the edge was not told" in caplog.text
    assert f"127.0.0.1:{port}" in caplog.text
    assert "secret" not in caplog.text


def test_frozen_redis_changes_nothing(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stored(site)
    answer = site.json(ASKED)
    redis = Redis(tmp_path)
    edge = with_redis(site, redis.url)
    os.kill(redis.pid, signal.SIGSTOP)
    try:
        assert site.json(ASKED) == answer
        edge.wait()
    finally:
        os.kill(redis.pid, signal.SIGCONT)
        redis.stop()
    assert "Timeout" in caplog.text
