"""The queue of domains, processed by several at once and by one that dies: no name is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from .mortal import Death, When, mortal_twin
from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("postgresql")]

PATH = "/queue-domains"


def fields(account: dict[str, Any], **more: str) -> dict[str, str]:
    return {
        "account_key_option": "account_key_existing",
        "account_key_existing": account["AcmeAccountKey"]["key_pem_md5"],
        "private_key_option": "private_key_for_account_key",
        "processing_strategy": "create_order",
        **more,
    }


def queue(peter: Peter, count: int) -> set[str]:
    names = {unused_name() for _ in range(count)}
    peter.posted(f"{PATH}/add", domain_names_http01=",".join(names))
    return names


def waiting(peter: Peter) -> set[str]:
    rows = peter.get(PATH)["QueueDomains"].values()
    return {row["domain_name"] for row in rows}


def ordered(peter: Peter) -> Counter[str]:
    """In how many orders each name is."""
    orders = peter.get("/acme-orders/all")["AcmeOrders"]
    return Counter(name for order in orders for name in order["domains_as_list"])


def test_several_at_once_order_no_name_twice(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    peter = start_peter(pebble, any_database, server={"workers": "2"})
    sent = fields(peter.account(), max_domains_per_certificate="3")
    names = queue(peter, 12)

    def call(_number: int) -> int:
        return peter.post_apart(f"{PATH}/process", **sent).status_code

    with ThreadPoolExecutor(6) as clients:
        statuses = Counter(clients.map(call, range(6)))
    assert statuses.keys() <= {200, 409}
    while waiting(peter):
        assert call(0) == 200
    assert ordered(peter) == dict.fromkeys(names, 1)
    assert call(0) == 409


@pytest.fixture
def mortal(start_peter: StartPeter, pebble: Pebble) -> Iterator[Peter]:
    with mortal_twin(start_peter(pebble)) as found:
        yield found


@pytest.mark.parametrize("commit", range(3))
@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
def test_one_that_dies_loses_no_name(mortal: Peter, commit: int, when: When) -> None:
    """Each waits still, or there is an order for it, which goes on."""
    process: Any = mortal.process
    sent = fields(mortal.account())
    names = queue(mortal, 2)
    process.arm(Death(commit, when))
    with pytest.raises(requests.ConnectionError):
        mortal.post(f"{PATH}/process", **sent)
    assert process.was_killed()
    process.start()
    left, taken = waiting(mortal), ordered(mortal)
    assert left | taken.keys() == names
    assert not left & taken.keys()
    for order in mortal.get("/acme-orders/all")["AcmeOrders"]:
        done = mortal.posted(f"/acme-order/{order['id']}/acme-process")["AcmeOrder"]
        assert done["order_url"]
