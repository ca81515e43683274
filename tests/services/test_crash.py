"""kill -9 at every commit of an order: the same order is finished by the next acme-process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from .mortal import Death, When, mortal_twin
from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("postgresql")]

MOST_COMMITS = 40

CASES = [
    ("sqlite", "process_single", When.AFTER),
    ("sqlite", "process_single", When.BEFORE),
    ("sqlite", "process_multi", When.AFTER),
    ("sqlite", "create_order", When.AFTER),
    ("postgresql", "process_single", When.AFTER),
    ("postgresql", "process_single", When.BEFORE),
]


@pytest.fixture
def mortal(
    start_peter: StartPeter, pebble: Pebble, request: pytest.FixtureRequest
) -> Iterator[Peter]:
    """A Peter whose admin's process can be armed; another process answers the CA's polls."""
    url = request.getfixturevalue("postgresql").create() if request.param == "postgresql" else ""
    public = start_peter(pebble, url)
    public.account()
    with mortal_twin(public) as found:
        yield found


def order_until_killed(peter: Peter, name: str, strategy: str, death: Death) -> bool:
    """Order and process; False when it came to its end alive."""
    process: Any = peter.process
    fields = peter.order_fields([name], strategy)
    process.arm(death)
    try:
        placed = peter.posted("/acme-order/new/freeform", **fields)["AcmeOrder"]
        peter.process_to_the_end(placed)
    except requests.ConnectionError:
        assert process.was_killed()
        return True
    return False


def finished_by_the_next(peter: Peter) -> list[dict[str, Any]]:
    """All orders, after a new process has gone on with the newest of them."""
    process: Any = peter.process
    process.start()
    orders: list[dict[str, Any]] = peter.get("/acme-orders/all")["AcmeOrders"]
    if orders:
        newest = peter.process_to_the_end(orders[0])
        if newest["url_acme_certificate_signed_download"]:
            done = f"/acme-order/{newest['id']}/acme-server/download-certificate"
            newest = peter.posted(done)["AcmeOrder"]
        orders[0] = newest
    return orders


def assert_key_fits(peter: Peter, certificate_id: int) -> None:
    config = peter.get(f"/certificate-signed/{certificate_id}/config")
    key = load_pem_private_key(config["private_key"]["pem"].encode(), None)
    certificate = load_pem_x509_certificate(config["certificate"]["pem"].encode())
    assert certificate.public_key() == key.public_key()


@pytest.mark.parametrize(("mortal", "strategy", "when"), CASES, indirect=["mortal"])
def test_no_order_is_lost_at_any_commit(
    mortal: Peter, pebble: Pebble, strategy: str, when: When
) -> None:
    known = 0
    for number in range(MOST_COMMITS):
        with pebble.counting() as asked:
            if not order_until_killed(mortal, unused_name(), strategy, Death(number, when)):
                break
            orders = finished_by_the_next(mortal)
        if len(orders) == known:
            assert number == 0, "only the first commit may leave nothing"
            assert when is When.BEFORE
            continue
        known += 1
        assert len(orders) == known, "a second order"
        assert orders[0]["acme_status_order"] == "valid", f"killed {when} commit {number}"
        assert orders[0]["certificate_signed_id"], f"killed {when} commit {number}"
        assert_key_fits(mortal, orders[0]["certificate_signed_id"])
        assert sum(path == "/order-plz" for _, path in asked) == 1, f"commit {number}"
    else:
        pytest.fail("the order never came to its end")
    assert known >= 7, "the walk was too short to have been through an order"
