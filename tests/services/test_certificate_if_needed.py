"""certificate-if-needed, called by many at once: one order; one that was left is gone on with."""

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

PATH = "/api/domain/certificate-if-needed"


def fields(account: dict[str, Any], name: str) -> dict[str, str]:
    return {
        "domain_name": name,
        "account_key_option": "account_key_existing",
        "account_key_existing": account["AcmeAccountKey"]["key_pem_md5"],
        "private_key_option": "private_key_for_account_key",
    }


def test_many_calls_in_two_processes_make_one_order(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    peter = start_peter(pebble, any_database, server={"workers": "2"})
    sent = fields(peter.account(), unused_name())

    def call(_number: int) -> dict[str, Any]:
        answer = peter.post_apart(PATH, **sent)
        assert answer.status_code == 200, answer.text
        (found,) = answer.json()["domain_results"].values()
        return dict(found)

    with pebble.counting() as asked, ThreadPoolExecutor(12) as clients:
        answers = list(clients.map(call, range(12)))
    statuses = Counter(answer["certificate_signed.status"] for answer in answers)
    assert statuses["new"] == 1
    assert [path for _, path in asked if path == "/order-plz"] == ["/order-plz"]
    for answer in answers:
        if answer["certificate_signed.status"] == "fail":
            assert "is being processed by another request" in answer["error"]
        else:
            assert answer["certificate_signed.id"] == 1
    assert Counter(answer["domain.status"] for answer in answers)["new"] == 1
    assert call(0)["certificate_signed.status"] == "exists"


@pytest.fixture
def mortal(start_peter: StartPeter, pebble: Pebble) -> Iterator[Peter]:
    with mortal_twin(start_peter(pebble)) as found:
        yield found


@pytest.mark.parametrize("commit", [2, 4, 6])
def test_what_a_dead_process_has_ordered_is_gone_on_with(
    mortal: Peter, pebble: Pebble, commit: int
) -> None:
    process: Any = mortal.process
    sent = fields(mortal.account(), unused_name())
    process.arm(Death(commit, When.AFTER))
    with pebble.counting() as asked:
        with pytest.raises(requests.ConnectionError):
            mortal.post(PATH, **sent)
        assert process.was_killed()
        process.start()
        answer = mortal.post(PATH, **sent).json()
    (found,) = answer["domain_results"].values()
    assert found["certificate_signed.status"] == "new", found
    # When it died between newOrder and the commit of its answer, the CA is asked again.
    assert 1 <= len([path for _, path in asked if path == "/order-plz"]) <= 1 + (commit <= 3)
