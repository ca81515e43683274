"""The queue of domains: who waits, who leaves it, and what is ordered for those who wait."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.lib.database import AT_ONCE

from ... import factories
from ...services.http01 import Http01
from ...services.peter import unused_name
from .acme_site import Site
from .ordering import Ordering

LIST = "/queue-domains"
MAIN = "There was an error with your form."
pebble = pytest.mark.service("pebble")


def queue(site: Site, *names: str) -> dict[str, str]:
    answer = site.post(f"{LIST}/add.json", {"domain_names_http01": ",".join(names)}).json
    assert answer["result"] == "success"
    found: dict[str, str] = answer["domains"]
    return found


def waiting(site: Site, path: str = LIST) -> list[str]:
    rows = site.json(f"{path}.json")["QueueDomains"]
    return [row["domain_name"] for row in rows.values()]


def processing(at: Ordering, **more: str) -> dict[str, str]:
    return {
        "account_key_option": "account_key_existing",
        "account_key_existing": at.account_md5,
        "private_key_option": "private_key_for_account_key",
        "processing_strategy": "create_order",
        **more,
    }


def process(at: Ordering, status: int = 200, **more: str) -> dict[str, Any]:
    answer: dict[str, Any] = at.post(f"{LIST}/process", processing(at, **more), status)
    return answer


def log(site: Site, kind: str = "QueueDomain__process") -> tuple[dict[str, Any], list[str]]:
    """The payload of the newest event, and what became of which objects."""
    query = (
        select(model.OperationsEvent)
        .where(model.OperationsEvent.operations_event_type == kind)
        .order_by(model.OperationsEvent.id.desc())
        .limit(1)
    )
    with site.database.session() as db:
        event = db.scalar(query)
        assert event is not None
        rows = [str(row.operations_object_event_status) for row in event.object_events]
        return event.event_payload_json, [row.removeprefix(kind) for row in rows]


def test_names_wait_are_listed_and_cancelled(site: Site) -> None:
    assert "No name waits." in site.get(LIST).text
    assert queue(site, "a.example.com", "b.example.com") == {
        "a.example.com": "queued",
        "b.example.com": "queued",
    }
    assert queue(site, "A.example.com", "c.example.com") == {
        "a.example.com": "already_queued",
        "c.example.com": "queued",
    }
    assert waiting(site) == ["c.example.com", "b.example.com", "a.example.com"]
    one = site.json("/queue-domain/2.json")
    assert one["result"] == "success"
    item = one["QueueDomain"]
    assert item.pop("timestamp_created")
    assert item == {
        "id": 2,
        "domain_name": "b.example.com",
        "timestamp_processed": None,
        "domain_id": None,
        "is_active": True,
    }
    assert "Cancel" in site.get("/queue-domain/2").text
    marked = site.post("/queue-domain/2/mark.json", {"action": "cancel"}).json["QueueDomain"]
    assert (marked["is_active"], bool(marked["timestamp_processed"])) == (False, True)
    assert waiting(site) == ["c.example.com", "a.example.com"]
    assert waiting(site, f"{LIST}/all") == ["c.example.com", "b.example.com", "a.example.com"]
    told = log(site, "QueueDomain__mark")
    assert told == ({"v": 1, "queue_domain.id": 2, "action": "cancel"}, ["__cancelled"])
    again = site.post("/queue-domain/2/mark.json", {"action": "cancel"}, status=400).json
    assert again["form_errors"]["action"] == "Already cancelled"
    assert queue(site, "b.example.com") == {"b.example.com": "queued"}


def test_browsers_are_told_the_results(site: Site) -> None:
    page = site.post(f"{LIST}/add", {"domain_names_http01": "a.example.com"}, status=303)
    address = urlsplit(site.location(page))
    query = parse_qs(address.query)
    assert (address.path, query["result"], query["operation"]) == (LIST, ["success"], ["add"])
    assert json.loads(query["results"][0]) == {"a.example.com": "queued"}
    assert "a.example.com" in site.get(site.location(page)).text


@pytest.mark.parametrize("name", ["*.example.com", "a_b.example.com", ""])
def test_what_no_http01_can_prove_is_not_queued(site: Site, name: str) -> None:
    answer = site.post(f"{LIST}/add.json", {"domain_names_http01": name}, status=400).json
    assert "domain_names_http01" in answer["form_errors"]
    assert waiting(site, f"{LIST}/all") == []


def test_known_and_blocklisted_names_are_told(site: Site) -> None:
    with site.writing() as rows:
        factories.domain(rows.db, "known.example.com", is_active=False)
        rows.add(model.DomainBlocklisted(domain_name="never.example.com"))
    words = queue(site, "known.example.com", "never.example.com")
    assert words == {"known.example.com": "exists", "never.example.com": "blocklisted"}
    assert site.json("/domain/known.example.com.json")["Domain"]["is_active"] is True
    assert waiting(site) == []


def with_account(site: Site) -> dict[str, str]:
    """The form of a run whose CA is nowhere."""
    with site.writing() as rows:
        rows.placeholder()
        account = rows.account(is_global_default=True)
        return {
            "account_key_option": "account_key_existing",
            "account_key_existing": str(account.acme_account_key.key_pem_md5),
            "private_key_option": "private_key_for_account_key",
            "processing_strategy": "create_order",
        }


def test_too_few_or_none_that_fit_are_no_order(site: Site) -> None:
    sent = with_account(site)
    none = site.post(f"{LIST}/process.json", sent, status=409).json
    assert none["error"] == "No items in the Domain Queue to process"
    to = site.location(site.post(f"{LIST}/process", sent, status=303))
    assert "error=No+items+in+the+Domain+Queue+to+process" in to
    site.settings.queue_domains_min_per_cert = 2
    queue(site, "a.example.com")
    few = site.post(f"{LIST}/process.json", sent, status=409).json
    assert few["error"] == "Not enough domains to issue. Only found `1`, need `2`."
    for most in ("1", "101", "x"):
        wrong = {**sent, "max_domains_per_certificate": most}
        answer = site.post(f"{LIST}/process.json", wrong, status=400).json
        assert "max_domains_per_certificate" in answer["form_errors"]
    site.settings.queue_domains_min_per_cert = 1
    with site.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name="a.example.com"))
    site.post("/api/domain/enable.json", {"domain_names": "*.example.org"})
    assert site.post(f"{LIST}/process.json", sent, status=409).json == none
    assert waiting(site) == ["*.example.org", "a.example.com"]


@pebble
def test_one_order_for_those_queued_last(ordering: Ordering) -> None:
    site = ordering.site
    names = [unused_name() for _ in range(3)]
    queue(site, *names)
    order = process(ordering, max_domains_per_certificate="2", processing_strategy="process_single")
    order = order["AcmeOrder"]
    assert order["acme_status_order"] == "valid"
    assert order["acme_order_type"] == "Queue - Domains"
    assert order["domains_as_list"] == sorted(names[1:])
    assert waiting(site) == names[:1]
    taken = site.json("/queue-domain/3.json")["QueueDomain"]
    assert taken["is_active"] is False
    assert taken["timestamp_processed"]
    domain = site.json(f"/domain/{names[2]}.json")["Domain"]
    assert taken["domain_id"] == domain["id"]
    with site.database.session() as db:
        assert db.get_one(model.Domain, domain["id"]).is_from_queue_domain is True
    payload, rows = log(site)
    assert payload == {
        "v": 1,
        "batch_size": 2,
        "queue_domain_ids": "3,2",
        "status": "success",
        "acme_order.id": order["id"],
        "unique_fqdn_set_id": order["unique_fqdn_set_id"],
    }
    assert rows == ["", "", "__success", "__success"]
    to = ordering.page(f"{LIST}/process", processing(ordering))
    assert to == "/acme-order/2"
    assert waiting(site) == []


@pebble
def test_one_bad_name_does_not_hold_up_the_others_for_ever(
    ordering: Ordering, dead_name: str, http01: Http01
) -> None:
    site, good = ordering.site, unused_name()
    queue(site, good, dead_name)
    answer = process(ordering, 502, processing_strategy="process_single")
    assert answer["error"]
    assert answer["AcmeOrder"]["acme_status_order"] == "invalid"
    assert waiting(site) == []
    payload, rows = log(site)
    assert (payload["status"], payload["error"]) == ("error - AcmeOrderFatal", answer["error"])
    assert rows == ["", "", "__fail", "__fail"]


@pebble
def test_names_of_an_order_that_the_ca_refuses_wait_on(ordering: Ordering) -> None:
    site, name = ordering.site, unused_name()
    queue(site, name)
    with ordering.changing(model.AcmeAccount, 1) as account:  # Pebble knows no such account
        account.account_url = f"{account.account_url}0"
    answer = process(ordering, 502)
    assert answer["result"] == "error"
    assert waiting(site) == [name]
    payload, rows = log(site)
    assert (payload["status"], payload["error"]) == ("error", answer["error"])
    assert rows == ["", "__fail"]
    assert site.json("/acme-orders/all.json")["AcmeOrders"] == []


@pebble
def test_names_that_another_order_is_about_are_left_waiting(ordering: Ordering) -> None:
    busy, free = unused_name(), unused_name()
    queue(ordering.site, free, busy)
    ordering.challenge(ordering.order(busy))
    order = process(ordering)["AcmeOrder"]
    assert order["domains_as_list"] == [free]
    assert waiting(ordering.site) == [busy]


@pebble
def test_a_long_queue_is_read_to_its_end(ordering: Ordering) -> None:
    """The newest can not be ordered; the only one that can is the oldest."""
    site, name = ordering.site, unused_name()
    queue(site, name)
    with site.writing() as rows:
        for number in range(AT_ONCE + 1):
            factories.queue_domain(rows.db, f"*.w{number}.example.com")
    assert process(ordering)["AcmeOrder"]["domains_as_list"] == [name]
