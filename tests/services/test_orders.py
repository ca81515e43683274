"""Orders through Peter's own JSON, against Pebble, in each strategy, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("postgresql")]

TRIES = 5  # on a machine that is busy the CA may be asked once more


@pytest.fixture
def peter(start_peter: StartPeter, rude_pebble: Pebble, any_database: str) -> Iterator[Peter]:
    started = start_peter(rude_pebble, any_database)
    yield started
    started.stop()


def carried_out(peter: Peter, names: list[str], strategy: str) -> dict[str, Any]:
    """Place an order and do what its strategy leaves to the client."""
    order = peter.order(names, strategy)
    return order if strategy == "process_single" else peter.process_to_the_end(order)


def assert_issued(peter: Peter, order: dict[str, Any], names: list[str]) -> None:
    assert order["acme_status_order"] == "valid"
    assert order["acme_order_processing_status"] == "certificate_downloaded"
    assert order["is_can_acme_process"] is False
    assert order["is_processing"] is False
    issued = peter.get(f"/certificate-signed/{order['certificate_signed_id']}")["CertificateSigned"]
    assert issued["domains_as_list"] == sorted(names)
    assert issued["is_active"] is True


@pytest.mark.parametrize("strategy", ["create_order", "process_single", "process_multi"])
def test_each_strategy_ends_with_a_certificate(peter: Peter, strategy: str) -> None:
    peter.account()
    for count in (1, 3, 100):
        names = [unused_name() for _ in range(count)]
        assert_issued(peter, carried_out(peter, names, strategy), names)


def test_a_single_order_costs_the_fewest_requests(start_peter: StartPeter, pebble: Pebble) -> None:
    peter = start_peter(pebble)
    peter.account()
    peter.order([unused_name()])  # directory and nonces are known now
    for count in (1, 3, 10):
        for _ in range(TRIES):
            with pebble.counting() as asked:
                peter.order([unused_name() for _ in range(count)])
            if len(asked) <= 2 * count + 5:
                break
        assert len(asked) <= 2 * count + 5, asked


def test_many_orders_at_once_do_not_keep_the_ca_waiting(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    peter = start_peter(pebble, any_database)
    peter.account()
    fields = peter.order_fields([], "process_single")
    names = [unused_name() for _ in range(48)]

    def place(name: str) -> str:
        answer = peter.posted("/acme-order/new/freeform", **{**fields, "domain_names_http01": name})
        return str(answer["AcmeOrder"]["acme_status_order"])

    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(place, names)) == ["valid"] * 48


def test_the_domain_serves_its_new_certificate_at_once(
    start_peter: StartPeter, pebble: Pebble
) -> None:
    peter = start_peter(pebble)
    peter.account()
    name = unused_name()
    order = peter.order([name])
    config = peter.get(f"/domain/{name}/config")
    single = config["certificate_signed__latest_single"]
    assert single["id"] == str(order["certificate_signed_id"])
    assert single["private_key"]["pem"].startswith("-----BEGIN")
    assert config["certificate_signed__latest_multi"] is None


def test_a_name_that_the_ca_can_not_reach_ends_the_order_truthfully(
    start_peter: StartPeter, pebble: Pebble
) -> None:
    peter = start_peter(pebble, enable_views_public="false")
    peter.account()
    fields = peter.order_fields([unused_name(), unused_name()], "process_single")
    answer = peter.post("/acme-order/new/freeform", **fields)
    assert answer.status_code == 502
    told = answer.json()
    assert told["error"] == "`pending` AcmeOrder failed an AcmeAuthorization"
    assert told["AcmeOrder"]["acme_status_order"] == "invalid"
    assert told["AcmeOrder"]["acme_order_processing_status"] == "processing_deactivated"
    assert told["AcmeOrder"]["certificate_url"] is None


def test_the_ca_refuses_the_order_and_nothing_stays(
    start_peter: StartPeter, pebble: Pebble
) -> None:
    peter = start_peter(pebble)
    peter.account()
    fields = peter.order_fields(["blocked.example"], "process_single")
    answer = peter.post("/acme-order/new/freeform", **fields)
    assert answer.status_code == 502
    assert "rejectedIdentifier" in answer.json()["error"]
    assert peter.get("/acme-orders/all")["AcmeOrders"] == []
