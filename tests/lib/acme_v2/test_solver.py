"""Our own look at an http-01 answer."""

from __future__ import annotations

from peter_sslers.lib.acme_v2.solver import http_01_problem
from tests.services.http01 import Http01
from tests.services.processes import free_port


def test_the_right_answer_is_no_problem(http01: Http01) -> None:
    http01.tokens["token"] = "token.thumb"
    assert http_01_problem("127.0.0.1", "token", "token.thumb", port=http01.port) is None


def test_another_answer_is_told_without_repeating_it(http01: Http01) -> None:
    http01.tokens["token"] = "internal secret"
    told = http_01_problem("127.0.0.1", "token", "token.thumb", port=http01.port)
    assert told
    assert "something else" in told
    assert "secret" not in told


def test_no_answer_is_told(http01: Http01) -> None:
    told = http_01_problem("127.0.0.1", "other", "token.thumb", port=http01.port)
    assert told
    assert "HTTP 404" in told


def test_nobody_there_is_told() -> None:
    told = http_01_problem("127.0.0.1", "token", "token.thumb", port=free_port())
    assert told
    assert "can not be reached" in told
