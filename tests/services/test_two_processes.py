"""Two Peters on one PostgreSQL, both at the same order: the CA hears every word once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name, write_ini
from .postgresql import PostgreSql
from .processes import free_port
from .served import ServedProcess

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("postgresql")]

# What changes something at the CA: Pebble's paths for it, and how often for an order of n names.
VERBS = {
    "/order-plz": lambda _names: 1,
    "/chalZ/": lambda names: names,
    "/finalize-order/": lambda _names: 1,
    "/certZ/": lambda _names: 1,
}
MOST_ROUNDS = 40


@pytest.fixture(scope="module")
def two(start_peter: StartPeter, pebble: Pebble, postgresql: PostgreSql) -> Iterator[list[Peter]]:
    first = start_peter(pebble, postgresql.create())
    first.account()
    port = free_port()
    ini = write_ini(first.ini.with_name("second.ini"), port, first.database_url, pebble)
    second = Peter(ini, port, first.database_url, pebble, ServedProcess(ini, port))
    yield [first, second]
    second.stop()


def hammer(peters: list[Peter], order: dict[str, Any]) -> Counter[int]:
    """acme-process from four clients, two at each, until the order has ended; all the statuses."""
    path = f"/acme-order/{order['id']}/acme-process"

    def client(peter: Peter) -> list[int]:
        heard = []
        for _ in range(MOST_ROUNDS):
            answer = peter.post(path)
            heard.append(answer.status_code)
            if "is not allowed" in answer.text:
                break
        return heard

    with ThreadPoolExecutor(4) as clients:
        return Counter(status for heard in clients.map(client, peters * 2) for status in heard)


@pytest.mark.parametrize("count", [1, 3])
def test_every_verb_is_sent_once(two: list[Peter], pebble: Pebble, count: int) -> None:
    with pebble.counting() as asked:
        order = two[0].order([unused_name() for _ in range(count)], "process_multi")
        heard = hammer(two, order)
    assert set(heard) == {200, 409}, heard
    assert heard[200] == count + 1, "one answer for each step, whoever made it"
    done = two[1].get(f"/acme-order/{order['id']}")["AcmeOrder"]
    assert done["acme_status_order"] == "valid"
    assert done["certificate_signed_id"]
    for path, times in VERBS.items():
        found = [p for method, p in asked if method == "POST" and p.startswith(path)]
        assert len(found) == times(count), (path, asked)


def test_order_that_is_carried_through_is_nobody_elses(two: list[Peter], pebble: Pebble) -> None:
    """The second hammers while the first places and processes the order in one request."""
    fields = two[0].order_fields([unused_name() for _ in range(3)], "process_single")
    with pebble.counting() as asked, ThreadPoolExecutor(2) as clients:
        placed = clients.submit(two[0].posted, "/acme-order/new/freeform", **fields)
        busy = clients.submit(hammer_the_newest, two[1], placed)
    assert placed.result()["AcmeOrder"]["acme_status_order"] == "valid"
    assert busy.result() <= {409}
    for path, times in VERBS.items():
        found = [p for method, p in asked if method == "POST" and p.startswith(path)]
        assert len(found) == times(3), (path, asked)


def hammer_the_newest(peter: Peter, placed: Any) -> set[int]:
    heard: set[int] = set()
    while not placed.done():
        for order in peter.get("/acme-orders/active")["AcmeOrders"]:
            heard.add(peter.post(f"/acme-order/{order['id']}/acme-process").status_code)
    return heard
