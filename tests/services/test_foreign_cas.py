"""Certificates from ACME servers that are not Pebble, through Peter's own JSON."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .acme2certifier import Acme2certifier
from .caddy import Caddy
from .peter import Peter, StartPeter, unused_name

pytestmark = pytest.mark.xdist_group("port 80")  # one at a time


@pytest.fixture(
    params=[
        pytest.param("caddy", marks=pytest.mark.service("caddy")),
        pytest.param("open_acme2certifier", marks=pytest.mark.service("acme2certifier")),
    ]
)
def peter(start_peter: StartPeter, request: pytest.FixtureRequest) -> Iterator[Peter]:
    ca: Caddy | Acme2certifier = request.getfixturevalue(request.param)
    looks_at = ca.looks_at if isinstance(ca, Acme2certifier) else ""
    started = start_peter(ca, public_listen=looks_at)
    yield started
    started.stop()


@pytest.mark.parametrize("strategy", ["process_single", "create_order"])
def test_an_order_ends_with_a_certificate(peter: Peter, strategy: str) -> None:
    peter.account()
    names = [unused_name(), unused_name()]
    order = peter.process_to_the_end(peter.order(names, strategy))
    assert order["acme_status_order"] == "valid"
    issued = peter.get(f"/certificate-signed/{order['certificate_signed_id']}")["CertificateSigned"]
    assert issued["domains_as_list"] == sorted(names)
