"""A name nobody knows yet: a CA is asked beside the handshakes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.services.waiting import until

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .pairs import Issuer
from .upstream import NOTHING, SINGLE, Upstream, certificate

pytestmark = pytest.mark.service("nginx-lua")

NAME = "new.example.com"


@pytest.fixture
def nginx(start_nginx: StartNginx, upstream: Upstream) -> Nginx:
    return start_nginx(Site(f"nil, '{upstream.url}', 1"))


def until_served(nginx: Nginx, serial: int) -> None:
    until(lambda: nginx.serial(NAME) == serial)


def keys(nginx: Nginx) -> dict[str, list[str]]:
    found: dict[str, list[str]] = nginx.get("/status").json()["keys"]
    return found


def test_fallback_at_once_and_the_real_one_later(
    nginx: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.ordered[NAME] = {**NOTHING, SINGLE: certificate(pair)}
    assert nginx.serial(NAME) == DEFAULT
    assert keys(nginx)["autocert"] == [NAME]
    upstream.ca_answers.set()
    until_served(nginx, pair.serial)
    assert keys(nginx) == {"valid": [NAME], "invalid": ["*.example.com"], "autocert": []}


def test_many_handshakes_are_one_order(nginx: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    pair = issuer.issue(NAME)
    upstream.ordered[NAME] = {**NOTHING, SINGLE: certificate(pair)}
    with ThreadPoolExecutor(20) as clients:
        assert set(clients.map(nginx.serial, [NAME] * 40)) == {DEFAULT}
    upstream.ca_answers.set()
    until_served(nginx, pair.serial)
    assert upstream.bodies == [f"domain_name={NAME}"]


def test_order_that_fails_is_not_repeated_at_once(nginx: Nginx, upstream: Upstream) -> None:
    upstream.ca_answers.set()
    assert nginx.serial(NAME) == DEFAULT
    until(lambda: not keys(nginx)["autocert"])
    assert nginx.serial(NAME) == DEFAULT
    assert keys(nginx)["invalid"] == ["*.example.com", NAME]
    assert len(upstream.bodies) == 1


def test_name_that_peter_has_is_not_ordered(
    nginx: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert nginx.serial(NAME) == pair.serial
    assert upstream.bodies == []


def test_disabled_domain_is_not_ordered(nginx: Nginx, upstream: Upstream) -> None:
    upstream.disables(NAME)
    assert nginx.serial(NAME) == DEFAULT
    assert keys(nginx)["invalid"] == ["*.example.com", NAME]
    assert upstream.bodies == []


@pytest.mark.parametrize("switch", ["nil", "false"])
def test_switched_off(start_nginx: StartNginx, upstream: Upstream, switch: str) -> None:
    nginx = start_nginx(Site(f"nil, '{upstream.url}', {switch}"))
    assert nginx.serial(NAME) == DEFAULT
    assert keys(nginx)["autocert"] == []
    assert upstream.bodies == []


def test_orders_under_way_are_limited(start_nginx: StartNginx, upstream: Upstream) -> None:
    few = "peter_sslers.configure({autocerts = 2})"
    nginx = start_nginx(Site(f"nil, '{upstream.url}', true", init=few, workers=1))
    for number in range(5):
        assert nginx.serial(f"n{number}.example.com") == DEFAULT
    assert len(keys(nginx)["autocert"]) == 2
    until(lambda: len(upstream.bodies) == 2)
