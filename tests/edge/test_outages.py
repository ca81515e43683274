"""Peter or Redis away, slow or frozen: handshakes go on, and none waits for long."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.services.redis import Redis
from tests.services.waiting import until

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .pairs import Issuer
from .priming import lua, prime
from .upstream import Upstream

pytestmark = [pytest.mark.service("nginx-lua"), pytest.mark.service("redis")]

NAME, COLD = "www.example.com", "cold.example.com"

# A pair is due for a refresh as soon as it is there.
STALE = "peter_sslers.initialize_worker(0, 60, 200)"
# No failure is remembered, so that every handshake asks again.
EAGER = "peter_sslers.configure({failure_duration = 0, redis_pause = 0, peter_pause = 0})"
# What a handshake may take: its own second, and what a busy machine adds for the rest.
MOST_S = 1 + 9


@pytest.fixture
def both(start_nginx: StartNginx, own_redis: Redis, upstream: Upstream) -> Nginx:
    """Redis, then Peter."""
    once = "; peter_sslers.configure({redis_pause = 600})"
    return start_nginx(Site(f"1, '{upstream.url}'", init=lua(own_redis) + once))


@pytest.fixture
def frozen(own_redis: Redis) -> Iterator[None]:
    os.kill(own_redis.pid, signal.SIGSTOP)
    yield
    os.kill(own_redis.pid, signal.SIGCONT)


def bounded(nginx: Nginx, name: str) -> int:
    began = time.monotonic()
    serial = nginx.serial(name)
    assert time.monotonic() - began < MOST_S
    return serial


def test_peter_down_with_warm_memory(both: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert both.serial(NAME) == pair.serial
    upstream.stop()
    assert set.union(*both.by_worker(NAME).values()) == {pair.serial}
    assert bounded(both, COLD) == DEFAULT


def test_peter_down_and_the_name_in_redis(
    both: Nginx, own_redis: Redis, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    prime(own_redis, 1, NAME, pair)
    upstream.stop()
    assert bounded(both, NAME) == pair.serial


def test_outage_of_peter_is_no_unknown_name(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    upstream.stop()
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=EAGER))
    assert nginx.serial(NAME) == DEFAULT
    upstream.start()
    assert nginx.serial(NAME) == pair.serial


def test_answer_that_is_an_error_is_no_unknown_name(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    upstream.status = 500
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=EAGER))
    assert nginx.serial(NAME) == DEFAULT
    upstream.status = 200
    assert nginx.serial(NAME) == pair.serial


def test_failure_is_remembered_until_the_name_is_expired(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    upstream.status = 500
    long = "peter_sslers.configure({failure_duration = 600})"
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=long))
    assert [nginx.serial(NAME) for _ in range(5)] == [DEFAULT] * 5
    assert upstream.count(NAME) == 1
    upstream.status = 200
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    nginx.get(f"/expire/domain/{NAME}")
    assert nginx.serial(NAME) == pair.serial


def test_redis_down(both: Nginx, own_redis: Redis, upstream: Upstream, issuer: Issuer) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    own_redis.stop()
    assert bounded(both, NAME) == pair.serial
    assert "Redis: could not get connection" in both.log
    own_redis.start()


def test_redis_frozen(both: Nginx, frozen: None, upstream: Upstream, issuer: Issuer) -> None:
    pair, cold = issuer.issue(NAME), issuer.issue(COLD)
    upstream.serves(NAME, pair)
    upstream.serves(COLD, cold)
    assert bounded(both, NAME) == pair.serial
    assert bounded(both, COLD) == cold.serial
    assert both.log.count("Redis: no answer for") + both.log.count("Redis: could not get") == 1


def test_redis_freezes_under_a_kept_connection(
    both: Nginx, own_redis: Redis, upstream: Upstream, issuer: Issuer
) -> None:
    pair, cold = issuer.issue(NAME), issuer.issue(COLD)
    prime(own_redis, 1, NAME, pair)
    upstream.serves(COLD, cold)
    assert both.serial(NAME) == pair.serial
    os.kill(own_redis.pid, signal.SIGSTOP)
    assert bounded(both, COLD) == cold.serial


def test_both_down_with_warm_memory(
    start_nginx: StartNginx, own_redis: Redis, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    site = Site(f"1, '{upstream.url}'", init=lua(own_redis), init_worker=STALE)
    nginx = start_nginx(site)
    assert nginx.serial(NAME) == pair.serial
    upstream.stop()
    os.kill(own_redis.pid, signal.SIGSTOP)
    assert set.union(*nginx.by_worker(NAME).values()) == {pair.serial}
    assert bounded(nginx, NAME) == pair.serial
    assert bounded(nginx, COLD) == DEFAULT


def test_redis_alone_and_frozen(start_nginx: StartNginx, own_redis: Redis, frozen: None) -> None:
    nginx = start_nginx(Site("2", init=lua(own_redis)))
    with ThreadPoolExecutor(20) as clients:
        assert set(clients.map(nginx.serial, [NAME] * 20)) == {DEFAULT}


def test_slow_peter_costs_the_first_handshake_only(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    upstream.delay_s = 1
    hasty = "peter_sslers.configure({handshake_timeout = 0.05})"
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=hasty))
    assert nginx.serial(NAME) == DEFAULT
    until(lambda: nginx.serial(NAME) == pair.serial)
    assert upstream.count(NAME) == 1


def test_due_certificate_is_served_while_a_new_one_is_fetched(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    short = "peter_sslers.initialize_worker(1, 60, 200)"
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init_worker=short))
    stale = 'peter_sslers_handshakes_total{served="stale"} 0'
    while stale in nginx.get("/metrics").text:
        assert nginx.serial(NAME) == pair.serial
    new = issuer.issue(NAME)
    upstream.serves(NAME, new)
    until(lambda: nginx.serial(NAME) == new.serial)


def test_worker_that_is_killed_while_it_looks_a_name_up(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    upstream.delay_s = 5
    short = "peter_sslers.configure({lookup_timeout = 0.5})"  # and so the lock lives 2.5 s
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=short))
    with ThreadPoolExecutor(1) as client:
        first = client.submit(nginx.serial, NAME)
        until(lambda: upstream.asked)
        for pid in nginx.workers():
            os.kill(pid, signal.SIGKILL)
        assert first.exception() is not None
    upstream.delay_s = 0
    until(lambda: nginx.serial(NAME) == pair.serial)


def test_unknown_name_is_asked_for_again_when_its_time_is_over(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    short = "peter_sslers.configure({negative_duration = 0.2})"
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=short))
    assert nginx.serial(NAME) == DEFAULT
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    until(lambda: nginx.serial(NAME) == pair.serial)


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("handshake_timeout = 1.5", "handshake_timeout must be at most 1"),
        ("redis_timeout = -1", "redis_timeout must not be negative"),
        ("redis_timeout = 'x'", "redis_timeout must be a number"),
        ("colour = 'red'", "colour there is no such option"),
    ],
)
def test_option_that_is_refused(start_nginx: StartNginx, option: str, wrong: str) -> None:
    with pytest.raises(RuntimeError, match=f"option {wrong}"):
        start_nginx(Site("1", init=f"peter_sslers.configure({{{option}}})"))
