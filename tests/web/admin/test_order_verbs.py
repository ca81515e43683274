"""What an operator does with an order at a real CA, over JSON and over pages."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from peter_sslers import model
from peter_sslers.enums import OrderStatus

from ...services.dns import Dns
from ...services.http01 import Http01
from ...services.pebble import Options, StartPebble
from ...services.peter import unused_name
from .acme_site import Site
from .ordering import Ordering, lost

pytestmark = pytest.mark.service("pebble")

LOST = "/my-order/lost"


def proved(ordering: Ordering, *names: str) -> dict[str, Any]:
    """An order whose names are proved; we do not know yet that it is `ready`."""
    order = ordering.order(*names)
    for _ in names:
        order = ordering.do(order, "acme-process")["AcmeOrder"]
    return order


def test_sync_authorizations_reads_every_name(ordering: Ordering) -> None:
    order = ordering.order(unused_name(), unused_name())
    answer = ordering.do(order, "acme-server/sync-authorizations")
    assert list(answer) == ["result", "operation", "AcmeOrder"]
    assert answer["operation"] == "acme-server/sync-authorizations"
    read = ordering.authorizations(order)
    assert [a["acme_status_authorization"] for a in read] == ["pending", "pending"]
    assert all(a["acme_challenge_http_01_id"] for a in read)
    at = f"/acme-order/{order['id']}"
    assert ordering.page(f"{at}/acme-server/sync-authorizations") == (
        f"{at}?result=success&operation=acme+server+sync+authorizations"
    )


def test_authorization_that_can_not_be_read_does_not_hide_the_others(ordering: Ordering) -> None:
    order = ordering.order(unused_name(), unused_name())
    first, second = order["acme_authorization_ids"]
    with ordering.changing(model.AcmeAuthorization, first) as row:
        row.authorization_url = order["order_url"]  # no authorization is there
    answer = ordering.do(order, "acme-server/sync-authorizations", status=502)
    assert answer["result"] == "error"
    assert answer["error"].startswith(f"AcmeAuthorization {first}: ")
    assert answer["AcmeOrder"]["id"] == order["id"]
    found = ordering.shown("acme-authorization", second)
    assert found["acme_status_authorization"] == "pending"


def test_sync_authorizations_finds_what_we_do_not_know(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    with ordering.site.writing() as rows:
        rows.db.execute(delete(model.AcmeOrder2AcmeAuthorization))
        rows.db.execute(delete(model.AcmeAuthorization))
    ordering.do(order, "acme-server/sync-authorizations")
    (found,) = ordering.authorizations(order)
    assert found["acme_status_authorization"] == "pending"
    link = ordering.look(lambda db: db.scalar(select(model.AcmeOrder2AcmeAuthorization)))
    assert link.is_present_on_new_order is None


def test_authorizations_of_an_order_that_is_lost_are_read_all_the_same(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.order_url = lost(row.order_url)
    answer = ordering.do(order, "acme-server/sync-authorizations")
    assert answer["AcmeOrder"]["acme_status_order"] == "*404*"
    (found,) = ordering.authorizations(order)
    assert found["acme_status_authorization"] == "pending"


def test_deactivate_authorizations_ends_the_order(ordering: Ordering) -> None:
    order = ordering.order(unused_name(), unused_name())
    ordering.do(order, "acme-server/sync-authorizations")
    answer = ordering.do(order, "acme-server/deactivate-authorizations")
    assert answer["operation"] == "acme-server/deactivate-authorizations"
    assert answer["AcmeOrder"]["acme_order_processing_status"] == "processing_deactivated"
    assert answer["AcmeOrder"]["acme_status_order"] in {"invalid", "deactivated"}
    assert answer["AcmeOrder"]["is_processing"] is False
    given_up = ordering.authorizations(order)
    assert {a["acme_status_authorization"] for a in given_up} == {"deactivated"}
    challenge = ordering.shown("acme-challenge", given_up[0]["acme_challenge_http_01_id"])
    assert challenge["acme_status_challenge"] == "*410*"
    again = ordering.do(order, "acme-server/deactivate-authorizations", status=409)
    text = "ACME Server Deactivate Authorizations is not allowed for this AcmeOrder"
    assert again["error"] == text


def test_deactivate_authorizations_on_the_page(ordering: Ordering) -> None:
    at = f"/acme-order/{ordering.order(unused_name())['id']}"
    assert ordering.page(f"{at}/acme-server/deactivate-authorizations") == (
        f"{at}?result=success&operation=acme+server+deactivate+authorizations"
    )
    assert ordering.page(f"{at}/acme-server/deactivate-authorizations") == (
        f"{at}?result=error&error=ACME+Server+Deactivate+Authorizations+is+not+allowed+for+this+"
        "AcmeOrder&operation=acme+server+deactivate+authorizations"
    )


def test_authorization_that_the_ca_has_lost_is_given_up_too(ordering: Ordering) -> None:
    order = ordering.order(unused_name(), unused_name())
    ordering.do(order, "acme-server/sync-authorizations")
    with ordering.changing(model.AcmeAuthorization, order["acme_authorization_ids"][0]) as row:
        row.authorization_url = lost(row.authorization_url)
    ordering.do(order, "acme-server/deactivate-authorizations")
    states = [a["acme_status_authorization"] for a in ordering.authorizations(order)]
    assert states == ["*404*", "deactivated"]


def test_order_that_the_ca_has_lost_keeps_its_authorizations(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.order_url = lost(row.order_url)
    answer = ordering.do(order, "acme-server/deactivate-authorizations", status=409)
    assert answer["AcmeOrder"]["acme_status_order"] == "*404*"
    (kept,) = ordering.authorizations(order)
    assert kept["acme_status_authorization"] == "*discovered*"


def test_lost_order_is_over_and_can_be_retried(ordering: Ordering) -> None:
    order = ordering.order(unused_name())
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.order_url = lost(row.order_url)
    found = ordering.do(order, "acme-server/sync")["AcmeOrder"]
    assert (found["acme_status_order"], found["is_processing"]) == ("*404*", False)
    assert found["is_can_retry"]
    again = ordering.do(order, "retry")["AcmeOrder"]
    assert again["acme_order_id__retry_of"] == order["id"]


def test_step_that_finds_the_order_lost_says_so(ordering: Ordering) -> None:
    order = proved(ordering, unused_name())
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.order_url, row.acme_status_order = lost(row.order_url), OrderStatus.PENDING
    found = ordering.do(order, "acme-process")["AcmeOrder"]
    assert (found["acme_status_order"], found["is_can_acme_process"]) == ("*404*", False)


def test_order_that_became_ready_elsewhere_is_finalized(ordering: Ordering) -> None:
    order = proved(ordering, unused_name())
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.acme_status_order = OrderStatus.PENDING
    assert ordering.do(order, "acme-server/sync")["AcmeOrder"]["acme_status_order"] == "ready"
    assert ordering.do(order, "acme-process")["AcmeOrder"]["certificate_signed_id"]


def test_order_that_was_processing_is_downloaded(ordering: Ordering) -> None:
    order = ordering.order(unused_name(), processing_strategy="process_single")
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.acme_status_order = OrderStatus.PROCESSING
        row.certificate_url = row.certificate_signed = None
    waited = ordering.do(order, "acme-process")["AcmeOrder"]
    assert waited["acme_status_order"] == "valid"
    done = ordering.do(order, "acme-process")["AcmeOrder"]
    assert done["certificate_signed_id"] == order["certificate_signed_id"], "linked, not doubled"


def test_order_that_is_over_at_the_ca_ends_here(ordering: Ordering, dead_name: str) -> None:
    order = ordering.order(dead_name)
    ordering.do(order, "acme-process", status=502)
    with ordering.changing(model.AcmeOrder, order["id"]) as row:
        row.acme_status_order = OrderStatus.READY
    answer = ordering.do(order, "acme-process", status=502)
    assert answer["AcmeOrder"]["acme_status_order"] == "invalid"


@pytest.mark.parametrize(
    ("clean_up", "status", "other"),
    [
        (True, "processing_deactivated", "deactivated"),
        (False, "processing_completed_failure", "pending"),
    ],
)
def test_failure_gives_up_what_is_pending_or_leaves_it(
    site: Site, ordering: Ordering, dns: Dns, clean_up: bool, status: str, other: str
) -> None:
    site.settings.cleanup_pending_authorizations = clean_up
    order = ordering.order(unused_name(), unused_name())
    ordering.do(order, "acme-server/sync-authorizations")
    last = ordering.authorizations(order)[-1]["domain"]["domain_name"]
    dns.names.broken.add(last)
    answer = ordering.do(order, "acme-process", status=502)["AcmeOrder"]
    dns.names.broken.discard(last)
    assert answer["acme_status_order"] == "invalid"
    assert answer["acme_order_processing_status"] == status
    states = [a["acme_status_authorization"] for a in ordering.authorizations(order)]
    assert states == [other, "invalid"]


def test_names_that_are_valid_already_cost_no_challenge(
    site: Site, start_pebble: StartPebble, http01: Http01
) -> None:
    ordering = Ordering(site, start_pebble(Options(authz_reuse_percent=100)), http01)
    names = [unused_name(), unused_name()]
    ordering.order(*names, processing_strategy="process_single")
    with ordering.ca.counting() as asked:
        order = ordering.order(*names, processing_strategy="process_single")
    assert order["acme_status_order"] == "valid"
    assert len(asked) == 4, asked


def test_order_that_the_ca_gives_again_is_the_one_we_know(
    ordering: Ordering, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peter_sslers.lib.acme_v2 import orders

    known = ordering.order(unused_name())
    monkeypatch.setattr(
        orders, "new", lambda client, *_, **__: orders.fetch(client, known["order_url"])
    )
    again = ordering.order(known["domains_as_list"][0], processing_strategy="process_single")
    assert again["id"] == known["id"]
    assert again["acme_status_order"] == "valid", "carried on from where it was"
    submissions = ordering.look(lambda db: len(db.scalars(select(model.AcmeOrderSubmission)).all()))
    assert submissions == 2
    ended = ordering.order(known["domains_as_list"][0], processing_strategy="process_single")
    assert (ended["id"], ended["acme_status_order"]) == (known["id"], "valid")


def test_every_active_order_is_synced(ordering: Ordering) -> None:
    good, bad, over = (ordering.order(unused_name()) for _ in range(3))
    with ordering.changing(model.AcmeOrder, bad["id"]) as row:
        row.order_url = row.finalize_url  # nothing that can be read is there
    ordering.do(over, "mark", {"action": "invalid"})
    answer = ordering.post("/acme-orders/active/acme-server/sync")
    assert answer == {
        "result": "success",
        "AcmeOrderIds.success": [good["id"]],
        "AcmeOrderIds.error": [bad["id"]],
    }
    assert ordering.page("/acme-orders/active/acme-server/sync") == (
        "/acme-orders/active?result=success&operation=acme+server+sync"
        f"&acme_order_ids.success={good['id']}&acme_order_ids.error={bad['id']}"
    )
