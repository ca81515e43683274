"""What an operator does with one authorization or one challenge at a real CA."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import AcmeEvent, OrderStatus, ProcessingStatus

from ...services.dns import Dns
from ...services.peter import unused_name
from .acme_site import Site
from .ordering import Ordering, lost

pytestmark = pytest.mark.service("pebble")

TRIGGER = "ACME Server Trigger is not allowed for this AcmeChallenge"


def events(ordering: Ordering) -> list[AcmeEvent]:
    return ordering.look(
        lambda db: list(
            db.scalars(select(model.AcmeEventLog.acme_event).order_by(model.AcmeEventLog.id))
        )
    )


def deeds_of(challenge: dict[str, Any]) -> tuple[str, str]:
    at = f"/acme-challenge/{challenge['id']}/acme-server"
    return f"{at}/sync", f"{at}/trigger"


def test_deactivated_authorization_ends_its_order(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    challenge = ordering.challenge(order)
    at = f"/acme-authorization/{challenge['acme_authorization_id']}"
    answer = ordering.post(f"{at}/acme-server/deactivate")
    assert list(answer) == ["result", "operation", "AcmeAuthorization"]
    assert answer["operation"] == "acme-server/deactivate"
    assert answer["AcmeAuthorization"]["acme_status_authorization"] == "deactivated"
    found = ordering.shown("acme-order", order["id"])
    assert (found["acme_status_order"], found["acme_order_processing_status"]) == (
        "invalid",
        "processing_deactivated",
    )
    assert found["is_processing"] is False
    dropped = ordering.shown("acme-challenge", challenge["id"])
    assert dropped["acme_status_challenge"] == "*410*"
    text = "ACME Server Sync is not allowed for this AcmeAuthorization"
    assert ordering.post(f"{at}/acme-server/deactivate", status=409)["error"] == text
    assert ordering.page(f"{at}/acme-server/deactivate") == (
        f"{at}?result=error&error={text.replace(' ', '+')}&operation=acme+server+deactivate"
    )
    assert AcmeEvent.AUTHORIZATION_DEACTIVATE in events(ordering)


def test_deactivate_authorization_on_the_page(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    at = f"/acme-authorization/{order['acme_authorization_ids'][0]}"
    assert ordering.page(f"{at}/acme-server/deactivate") == (
        f"{at}?result=success&operation=acme+server+deactivate"
    )


@pytest.mark.parametrize("verb", ["sync", "deactivate"])
def test_authorization_that_the_ca_has_lost(ordering: Ordering, verb: str) -> None:
    number = ordering.order(unused_name())["acme_authorization_ids"][0]
    with ordering.changing(model.AcmeAuthorization, number) as row:
        row.authorization_url = lost(row.authorization_url)
    answer = ordering.post(f"/acme-authorization/{number}/acme-server/{verb}")
    assert answer["AcmeAuthorization"]["acme_status_authorization"] == "*404*"


@pytest.mark.parametrize("verb", ["sync", "deactivate"])
def test_what_the_ca_says_reaches_page_and_script(ordering: Ordering, verb: str) -> None:
    order = ordering.order(unused_name())
    at = f"/acme-authorization/{order['acme_authorization_ids'][0]}"
    with ordering.changing(model.AcmeAuthorization, order["acme_authorization_ids"][0]) as row:
        row.authorization_url = order["order_url"]  # it is none
    answer = ordering.post(f"{at}/acme-server/{verb}", status=502)
    assert (answer["result"], answer["operation"]) == ("error", f"acme-server/{verb}")
    assert answer["error"]
    assert ordering.page(f"{at}/acme-server/{verb}").startswith(f"{at}?result=error&error=")


def test_challenge_that_is_triggered_proves_the_name(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    challenge = ordering.challenge(order)
    sync, trigger = deeds_of(challenge)
    answer = ordering.post(trigger)
    assert list(answer) == ["result", "operation", "AcmeChallenge"]
    assert answer["operation"] == "acme-server/trigger"
    assert answer["AcmeChallenge"]["acme_status_challenge"] == "valid"
    (authorization,) = ordering.authorizations(order)
    assert authorization["acme_status_authorization"] == "valid"
    found = ordering.shown("acme-order", order["id"])
    assert found["acme_order_processing_status"] == "processing_started"
    assert ordering.post(trigger, status=409) == {
        "result": "error",
        "operation": "acme-server/trigger",
        "error": TRIGGER,
    }
    again = ordering.post(sync)
    assert (again["operation"], again["AcmeChallenge"]["acme_status_challenge"]) == (
        "acme-server/sync",
        "valid",
    )
    assert {AcmeEvent.CHALLENGE_TRIGGER, AcmeEvent.CHALLENGE_PASS} <= set(events(ordering))
    assert ordering.do(order, "acme-process")["AcmeOrder"]["acme_status_order"] == "ready"


def test_challenge_on_the_page(ordering: Ordering) -> None:
    challenge = ordering.challenge(ordering.order(unused_name()))
    sync, trigger = deeds_of(challenge)
    at = f"/acme-challenge/{challenge['id']}"
    assert ordering.page(sync) == f"{at}?result=success&operation=acme+server+sync"
    assert ordering.page(trigger) == f"{at}?result=success&operation=acme+server+trigger"
    assert ordering.page(trigger) == (
        f"{at}?result=error&error={TRIGGER.replace(' ', '+')}&operation=acme+server+trigger"
    )


def test_failed_challenge_is_told_by_the_statuses(ordering: Ordering, dead_name: str) -> None:
    order = ordering.order(dead_name)
    _, trigger = deeds_of(ordering.challenge(order))
    answer = ordering.post(trigger)
    assert answer["result"] == "success"
    assert answer["AcmeChallenge"]["acme_status_challenge"] == "invalid"
    assert answer["AcmeChallenge"]["error"]
    found = ordering.shown("acme-order", order["id"])
    assert (found["acme_status_order"], found["acme_order_processing_status"]) == (
        "invalid",
        "processing_completed_failure",
    )
    assert found["is_processing"] is False
    assert dead_name in found["error"]


def test_sync_of_a_failed_challenge_takes_its_orders_along(
    ordering: Ordering, dead_name: str
) -> None:
    order = ordering.order(dead_name)
    challenge = ordering.challenge(order)
    sync, trigger = deeds_of(challenge)
    ordering.post(trigger)
    with ordering.changing(model.AcmeOrder, order["id"]) as row:  # as if we had not heard
        row.acme_status_order = OrderStatus.PENDING
        row.acme_order_processing_status = ProcessingStatus.PROCESSING_STARTED
    with ordering.changing(model.AcmeChallenge, challenge["id"]) as row:
        row.acme_status_challenge = "pending"
    assert ordering.post(sync)["AcmeChallenge"]["acme_status_challenge"] == "invalid"
    found = ordering.shown("acme-order", order["id"])
    assert (found["acme_status_order"], found["acme_order_processing_status"]) == (
        "invalid",
        "processing_completed_failure",
    )


@pytest.mark.parametrize("verb", ["sync", "trigger"])
def test_challenge_that_the_ca_has_lost(ordering: Ordering, verb: str) -> None:
    challenge = ordering.challenge(ordering.order(unused_name()))
    with ordering.changing(model.AcmeChallenge, challenge["id"]) as row:
        row.challenge_url = lost(row.challenge_url)
    answer = ordering.post(f"/acme-challenge/{challenge['id']}/acme-server/{verb}")
    assert answer["result"] == "success"
    assert answer["AcmeChallenge"]["acme_status_challenge"] == "*404*"


def test_challenge_that_we_do_not_answer_needs_its_token(ordering: Ordering) -> None:
    challenge = ordering.challenge(ordering.order(unused_name()), "dns_01")
    _, trigger = deeds_of(challenge)
    for fields in ("", {"token": "another"}):
        answer = ordering.post(trigger, fields, status=409)
        assert "NOT configured to answer this challenge" in answer["error"]
    # Nobody has put up a record: the CA is asked all the same, and finds nothing.
    answer = ordering.post(trigger, {"token": challenge["token"]})
    assert answer["AcmeChallenge"]["acme_status_challenge"] == "invalid"


def test_token_may_stand_in_the_query(ordering: Ordering) -> None:
    challenge = ordering.challenge(ordering.order(unused_name()), "dns_01")
    _, trigger = deeds_of(challenge)
    answer = ordering.site.post(f"{trigger}.json?token={challenge['token']}")
    assert answer.json["result"] == "success"


def test_challenge_of_no_active_order_is_not_triggered(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    _, trigger = deeds_of(ordering.challenge(order))
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.acme_order_processing_status = ProcessingStatus.DEACTIVATED
    answer = ordering.post(trigger, status=409)
    assert answer["error"] == "The selected AcmeChallenge is not associated to an active AcmeOrder."


def test_ca_is_not_asked_to_look_at_what_is_not_there(site: Site, ordering: Ordering) -> None:
    order = ordering.order("nowhere.invalid")
    challenge = ordering.challenge(order)
    site.settings.acme_http01_self_check = True
    with ordering.ca.counting() as asked:
        answer = ordering.post(deeds_of(challenge)[1], status=409)
    assert (asked, answer["operation"]) == ([], "acme-server/trigger")
    found = ordering.shown("acme-challenge", challenge["id"])
    assert found["acme_status_challenge"] == "pending"
    assert found["acme_challenge_fail_type"] == "setup-prevalidation"
    assert events(ordering)[-1] is AcmeEvent.CHALLENGE_FAIL
    assert ordering.shown("acme-order", order["id"])["acme_status_order"] == "pending"


def shared_by_two(ordering: Ordering, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A CA may put an authorization that is still open into the next order."""
    ordering.site.settings.block_competing_challenges = False
    first, second = ordering.order(name), ordering.order(name)
    with ordering.site.writing() as rows:
        link = rows.db.scalar(
            select(model.AcmeOrder2AcmeAuthorization).where(
                model.AcmeOrder2AcmeAuthorization.acme_order_id == second["id"]
            )
        )
        link.acme_authorization_id = first["acme_authorization_ids"][0]
    return first, second


def test_shared_challenge_that_fails_fails_both_orders(ordering: Ordering, dead_name: str) -> None:
    first, second = shared_by_two(ordering, dead_name)
    ordering.do(first, "acme-process", status=502)
    for order in (first, second):
        found = ordering.shown("acme-order", order["id"])
        assert found["acme_status_order"] == "invalid"
        assert dead_name in found["error"]


def test_shared_challenge_is_triggered_once(ordering: Ordering) -> None:
    first, second = shared_by_two(ordering, unused_name())
    with ordering.ca.counting() as asked:
        _, trigger = deeds_of(ordering.challenge(first))
        ordering.post(trigger)
        ordering.do(second, "acme-process")
    assert sum(path.startswith("/chalZ/") for _, path in asked) == 1
    found = ordering.shown("acme-order", second["id"])
    assert found["acme_order_processing_status"] == "processing_started"


def test_clean_up_leaves_what_another_order_waits_for(ordering: Ordering, dns: Dns) -> None:
    ordering.site.settings.block_competing_challenges = False
    shared, dead = unused_name(), unused_name()
    other = ordering.order(shared)
    order = ordering.order(shared, dead)
    ordering.do(order, "acme-server/sync-authorizations")
    mine = next(
        a["id"] for a in ordering.authorizations(order) if a["domain"]["domain_name"] == shared
    )
    with ordering.site.writing() as rows:
        rows.add(
            model.AcmeOrder2AcmeAuthorization(acme_order_id=other["id"], acme_authorization_id=mine)
        )
        for specific in rows.db.scalars(
            select(model.AcmeChallenge).where(model.AcmeChallenge.acme_authorization_id == mine)
        ):
            specific.acme_status_challenge = "processing"  # not to be answered now
    dns.names.broken.add(dead)
    ordering.do(order, "acme-process", status=502)
    dns.names.broken.discard(dead)
    kept = ordering.shown("acme-authorization", mine)
    assert kept["acme_status_authorization"] == "pending"


def test_own_pending_order_blocks_its_names(ordering: Ordering) -> None:
    name = unused_name()
    first = ordering.order(name)
    ordering.challenge(first)
    fields = ordering.fields(name)
    refused = ordering.post("/acme-order/new/freeform", fields, status=409)
    assert refused["error"] == (
        "One or more domains already have active challenges: "
        f"`{name}` (dns-01), `{name}` (http-01), `{name}` (tls-alpn-01)."
    )
    ordering.do(first, "mark", {"action": "invalid"})
    ordering.order(name)


def test_ready_order_blocks_nobody(ordering: Ordering) -> None:
    name = unused_name()
    order = ordering.order(name)
    ordering.do(order, "acme-process")
    ordering.order(name)


def test_competition_is_noted_where_it_happens_all_the_same(site: Site, ordering: Ordering) -> None:
    name = unused_name()
    site.settings.block_competing_challenges = False
    first, second = ordering.order(name), ordering.order(name)
    ordering.challenge(first)
    site.settings.block_competing_challenges = True
    newer = ordering.challenge(second)
    linked = ordering.look(
        lambda db: [
            sorted(link.acme_challenge_id for link in row.acme_challenge_competing_2_acme_challenge)
            for row in db.scalars(select(model.AcmeChallengeCompeting))
        ]
    )
    older = ordering.challenge(first)
    assert sorted([older["id"], newer["id"]]) in linked
    assert len(linked) == 3, "one for each type"


def test_competition_is_nobodys_business_where_it_is_allowed(
    site: Site, ordering: Ordering
) -> None:
    site.settings.block_competing_challenges = False
    name = unused_name()
    for order in (ordering.order(name), ordering.order(name)):
        ordering.challenge(order)
    rows = ordering.look(lambda db: db.scalars(select(model.AcmeChallengeCompeting)).all())
    assert rows == []
