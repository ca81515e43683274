"""Autocert at a CA, as many edge servers call it: one order for a name, whoever asks and dies."""

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

PATH = "/api/domain/autocert"
RECENT = "There is an active or recent autocert attempt for this domain"
COMMITS = range(0, 40, 2)  # each costs a certificate and a start


def outcome(answer: requests.Response) -> str:
    document: dict[str, Any] = answer.json()
    return str(document.get("notes") or document.get("form_errors", {}).get("domain_name"))


def runs(peter: Peter) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = peter.get("/domain-autocerts")["DomainAutocerts"]
    return found


def test_many_calls_in_two_processes_make_one_order(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    peter = start_peter(pebble, any_database, server={"workers": "2"})
    peter.account()
    name = unused_name()

    def call(_number: int) -> str:
        return outcome(peter.post_apart(PATH, domain_name=name))

    with pebble.counting() as asked, ThreadPoolExecutor(20) as clients:
        outcomes = Counter(clients.map(call, range(20)))
    assert outcomes.pop("new AcmeOrder, valid") == 1
    assert outcomes.keys() <= {RECENT, "existing certificate(s)"}
    assert sum(outcomes.values()) == 19
    assert [path for method, path in asked if path == "/order-plz"] == ["/order-plz"]
    assert len(runs(peter)) == 1
    assert call(0) == "existing certificate(s)"


def test_budget_holds_for_calls_at_once(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    peter = start_peter(pebble, any_database, server={"workers": "2"}, autocert_max_per_hour="3")
    peter.account()
    names = [unused_name() for _ in range(9)]
    with ThreadPoolExecutor(9) as clients:
        answers = list(clients.map(lambda name: peter.post(PATH, domain_name=name), names))
    assert Counter(answer.status_code for answer in answers) == {200: 3, 429: 6}
    assert len(runs(peter)) == 3


@pytest.fixture
def mortal(start_peter: StartPeter, pebble: Pebble) -> Iterator[Peter]:
    public = start_peter(pebble)
    public.account()
    with mortal_twin(public, autocert_max_per_hour_per_domain="1000") as found:
        yield found


def test_killed_at_any_commit_the_next_call_succeeds(mortal: Peter, pebble: Pebble) -> None:
    """And what the dead process had ordered is gone on with."""
    process: Any = mortal.process
    deaths = 0
    for number in COMMITS:
        name = unused_name()
        with pebble.counting() as asked:
            process.arm(Death(number, When.AFTER))
            try:
                answer = mortal.post(PATH, domain_name=name)
            except requests.ConnectionError:
                assert process.was_killed()
                process.start()
                deaths += 1
                answer = mortal.post(PATH, domain_name=name)
                is_over = False
            else:
                is_over = True
        assert answer.status_code == 200, (number, answer.text)
        assert answer.json()["certificate_signed__latest_single"], number
        # When it died between newOrder and the commit of its answer, the CA is asked again.
        assert 1 <= len([p for _, p in asked if p == "/order-plz"]) <= 1 + (number <= 3), number
        if is_over:
            break
    assert deaths > 3
    assert all(run["is_successful"] for run in runs(mortal) if run["timestamp_finished"])
