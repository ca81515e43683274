"""A pool of nginx servers, some of which do not answer as they should."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from peter_sslers.lib.cache.nginx import MANY, NginxPool, as_json
from peter_sslers.settings import Settings
from tests.services.answering import Host

ALL = "/.peter_sslers/nginx/shared_cache/expire/all"
STATUS = "/.peter_sslers/nginx/shared_cache/status"
GOOD = b'{"result": "success"}'
StartHost = Callable[[], Host]


@pytest.fixture
def start_host() -> Iterator[StartHost]:
    started: list[Host] = []

    def start() -> Host:
        started.append(Host())
        return started[-1]

    yield start
    for host in started:
        host.close()


def pool(*hosts: Host, **settings: Any) -> NginxPool:
    servers = tuple(host.url("") for host in hosts)
    return NginxPool(Settings(nginx_servers_pool=servers, **settings))


def domain(name: str) -> str:
    return f"/.peter_sslers/nginx/shared_cache/expire/domain/{name}"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b'{"result": "error", "reason": "x"}', 200, "its answer is no success"),
        (b"[1]", 200, "its answer is no success"),
        (b"<html>", 200, "its answer is no JSON"),
        (b"", 200, "its answer is no JSON"),
        (b"\xff\xfe", 200, "its answer is no JSON"),
        (GOOD, 500, "it answered 500"),
        (GOOD, 302, "it answered 302"),
    ],
)
def test_answer_that_is_none_is_told(
    start_host: StartHost, body: bytes, status: int, reason: str
) -> None:
    host = start_host()
    host.says(ALL, body, status, Location=f"http://127.0.0.1:1{ALL}")
    said = pool(host).flush()[host.url("")]
    assert not said.is_good
    assert said.reason == reason


def test_answer_that_is_too_long_is_none(start_host: StartHost) -> None:
    host = start_host()
    host.says(ALL, b'{"result": "success", "x": "' + b"x" * 2_000_000 + b'"}')
    assert pool(host).flush()[host.url("")].reason == "its answer is no JSON"


def test_slow_server_is_given_up(start_host: StartHost) -> None:
    host, over = start_host(), threading.Event()

    def dribble(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    host.answers[ALL] = dribble
    try:
        said = pool(host, nginx_timeout=0.3).flush()[host.url("")]
    finally:
        over.set()
    assert "imed out" in said.reason
    assert said.is_silent


def test_servers_are_asked_at_the_same_time(start_host: StartHost) -> None:
    """Each answers only when the other one was asked, too."""
    hosts, both = [start_host(), start_host()], threading.Barrier(2)

    def answer(handler: Any) -> None:
        both.wait(20)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(GOOD)

    for host in hosts:
        host.answers[ALL] = answer
    told = as_json(pool(*hosts, nginx_timeout=30.0).flush())
    assert told["success"] == [host.url("") for host in hosts]


def test_names_are_told_apart(start_host: StartHost) -> None:
    good, other = start_host(), start_host()
    for host in (good, other):
        host.says(domain("a.example.com"), GOOD)
        host.says(domain("b.example.com"), GOOD)
    other.says(domain("b.example.com"), b"broken")
    told = pool(good, other).expire(["a.example.com", "b.example.com"])
    assert [[said.is_good for said in row.values()] for row in told] == [
        [True, True],
        [True, False],
    ]


def test_for_very_many_names_all_is_dropped(start_host: StartHost) -> None:
    host = start_host()
    host.says(ALL, GOOD)
    told = pool(host).expire([f"n{n}.example.com" for n in range(MANY + 1)])
    assert len(told) == MANY + 1
    assert host.asked == [ALL]


def test_server_that_is_silent_is_asked_once(start_host: StartHost) -> None:
    host = start_host()
    host.answers[domain("a.example.com")] = lambda handler: handler.connection.close()
    told = pool(host).expire(["a.example.com", "b.example.com"])
    assert all(said.is_silent for row in told for said in row.values())
    assert host.asked == [domain("a.example.com")]


def test_password_may_have_a_colon(start_host: StartHost) -> None:
    host, seen = start_host(), []

    def answer(handler: Any) -> None:
        seen.append((handler.headers["Authorization"], handler.headers["User-Agent"]))
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"{}")

    host.answers[STATUS] = answer
    assert pool(host, nginx_userpass="a:b:ü").status()[host.url("")].is_good
    assert seen == [("Basic YTpiOsO8", "peter_sslers")]
