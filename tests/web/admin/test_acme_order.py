"""Orders: what page and JSON say of one, its marks, and its actions out of season."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeType,
    OperationsEventType,
    OrderStatus,
)
from peter_sslers.lib.actions import leases
from peter_sslers.lib.context import utc_now

from .acme_site import NOW, ROOT, Site


def pending(site: Site, **facts: Any) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com", "b.example.com", **facts)
        rows.authorization(order, "a.example.com")
        rows.authorization(order)
        rows.log(AcmeEvent.NEW_ORDER, acme_order_id=order.id)


def shown(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.json("/acme-order/1.json")["AcmeOrder"]
    return found


def test_pending_order_tells_what_is_left(site: Site) -> None:
    pending(site)
    order = shown(site)
    steps = order["acme_process_steps"]
    assert [is_open for is_open, _ in steps["authorizations"]] == [True, True]
    assert steps["authorizations"][0][1]["domain"]["domain_name"] == "a.example.com"
    assert steps["authorizations_remaining"] == 2
    assert (steps["finalize"], steps["download"], steps["next_step"]) == (True, None, "challenge")
    assert order["PrivateKey"] == {"id": 0, "key_pem_md5": None}
    assert order["private_key_strategy__final"] == ""
    assert order["domains_challenged"] == {
        "http-01": ["a.example.com", "b.example.com"],
        "dns-01": None,
        "tls-alpn-01": None,
    }
    at = f"http://localhost{ROOT}/acme-order/1"
    assert order["url_acme_server_sync"] == f"{at}/acme-server/sync.json"
    assert order["url_acme_process"] == f"{at}/acme-process.json"
    assert order["url_acme_certificate_signed_download"] is None


def test_order_of_an_account_without_key_is_shown(site: Site) -> None:
    with site.writing() as rows:
        account = rows.account()
        account.acme_account_key.is_active = None
        rows.order(account)
    assert shown(site)["AcmeAccount"] == {"id": 1, "key_pem_md5": None}


def test_name_proved_by_dns_01_is_listed_so(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com", "b.example.com")
        authorization = rows.authorization(order, "b.example.com")
        rows.add(
            model.AcmeOrder2AcmeChallengeTypeSpecific(
                acme_order=order,
                domain=authorization.domain,
                acme_challenge_type=ChallengeType.DNS_01,
            )
        )
    assert shown(site)["domains_challenged"]["dns-01"] == ["b.example.com"]
    specifics = site.json("/acme-authorization/1.json")["AcmeOrder2AcmeChallengeTypeSpecifics"]
    assert [(s["acme_order_id"], s["acme_challenge_type"]) for s in specifics] == [(1, "dns-01")]


def test_audit_tells_all_of_an_order(site: Site) -> None:
    pending(site)
    document = site.json("/acme-order/1/audit.json")
    report = document["AuditReport"]
    assert document["result"] == "success"
    assert report["AcmeOrder"]["domains"] == ["a.example.com", "b.example.com"]
    assert report["AcmeOrder"]["is_processing"] is True
    read, unread = report["AcmeAuthorizations"]
    assert read["Domain"] == {"id": 1, "domain_name": "a.example.com"}
    assert set(read["AcmeChallenges"]) == {"http-01", "dns-01"}
    assert (unread["Domain"], unread["AcmeChallenges"]) == (None, {})
    assert "a.example.com" in site.get("/acme-order/1/audit")


@pytest.mark.parametrize(
    ("facts", "states", "title"),
    [
        ({}, ["done", "done", "now", "", ""], "Next step: prove control of"),
        ({"order_url": None}, ["done", "now", "", "", ""], "Next step: send the order"),
        ({"acme_status_order": OrderStatus.READY}, ["done"] * 3 + ["now", ""], "finalize"),
        ({"acme_status_order": OrderStatus.PROCESSING}, ["done"] * 4 + ["now"], "wait for"),
        (
            {"acme_status_order": OrderStatus.VALID, "certificate_url": "https://ca/1"},
            ["done"] * 4 + ["now"],
            "download",
        ),
        (
            {"acme_status_order": OrderStatus.INVALID, "error": "dns: no A record"},
            ["done", "done", "failed", "", ""],
            "dns: no A record",
        ),
    ],
)
def test_page_tells_where_the_order_stands(
    site: Site, facts: dict[str, Any], states: list[str], title: str
) -> None:
    pending(site, **facts)
    page = site.get("/acme-order/1")
    steps = page.html.select("ol.steps li") if hasattr(page, "html") else []
    assert title in page.text
    assert [" ".join(step.get("class", [])) for step in steps] == states


@pytest.mark.parametrize(
    ("action", "facts", "changed"),
    [
        ("invalid", {}, {"acme_status_order": "invalid", "is_processing": False}),
        ("deactivate", {}, {"is_processing": False}),
        ("renew_manual", {}, {"is_auto_renew": False}),
        ("renew_auto", {"is_auto_renew": False}, {"is_auto_renew": True}),
    ],
)
def test_mark(site: Site, action: str, facts: dict[str, Any], changed: dict[str, Any]) -> None:
    pending(site, **facts)
    answer = site.post("/acme-order/1/mark.json", {"action": action}).json
    assert list(answer) == ["result", "operation", "action", "AcmeOrder"]
    assert (answer["result"], answer["operation"], answer["action"]) == ("success", "mark", action)
    assert {key: answer["AcmeOrder"][key] for key in changed} == changed


def test_mark_takes_its_action_from_the_query(site: Site) -> None:
    pending(site)
    assert site.post("/acme-order/1/mark.json?action=deactivate").json["result"] == "success"
    answer = site.post("/acme-order/1/mark?action=renew_manual", status=303)
    assert site.location(answer) == (
        "/acme-order/1?result=success&operation=mark&action=renew_manual"
    )


@pytest.mark.parametrize(
    ("action", "facts", "text", "status"),
    [
        (
            "invalid",
            {"acme_status_order": OrderStatus.VALID},
            "Can not mark this order as 'invalid'.",
            409,
        ),
        ("deactivate", {"is_processing": None}, "This `AcmeOrder` is not processing.", 409),
        ("renew_auto", {}, "Can not mark this `AcmeOrder` for renewal.", 409),
        (
            "renew_manual",
            {"is_auto_renew": False},
            "Can not unmark this `AcmeOrder` for renewal.",
            409,
        ),
        ("nonsense", {}, "invalid `action`", 400),
        (None, {}, "invalid `action`", 400),
    ],
)
def test_mark_refused(
    site: Site, action: str | None, facts: dict[str, Any], text: str, status: int
) -> None:
    with site.writing() as rows:
        rows.order(None, **facts)
        if facts.get("is_processing", True) is None:  # the column's default stands for a null
            rows.db.get(model.AcmeOrder, 1).is_processing = None
    body = {"action": action} if action else ""
    answer = site.post("/acme-order/1/mark.json", body, status=status).json
    assert answer == {"result": "error", "operation": "mark", "error": text}
    at = site.location(site.post("/acme-order/1/mark", body, status=303))
    said = text.replace(" ", "+")
    assert at.removeprefix(f"/acme-order/1?result=error&error={said}&operation=mark") == (
        f"&action={action}" if action else ""
    )


def test_renewal_marks_are_logged(site: Site) -> None:
    pending(site)
    site.post("/acme-order/1/mark.json", {"action": "renew_manual"})
    with site.database.session() as db:
        words = db.scalars(select(model.OperationsEvent.operations_event_type)).all()
    assert OperationsEventType.ACME_ORDER_MARK_RENEW_MANUAL in words


@pytest.mark.parametrize(
    ("path", "operation", "text"),
    [
        ("acme-process", "acme-process", "ACME Process is not allowed for this AcmeOrder"),
        ("acme-finalize", "finalize-order", "ACME Finalize is not allowed for this AcmeOrder"),
        (
            "acme-server/sync",
            "acme-server/sync",
            "ACME Server Sync is not allowed for this AcmeOrder",
        ),
        (
            "acme-server/download-certificate",
            "acme-server/download-certificate",
            "This AcmeOrder is not eligible for download",
        ),
        (
            "acme-server/sync-authorizations",
            "acme-server/sync-authorizations",
            "ACME Server Sync is not allowed for this AcmeOrder",
        ),
        (
            "acme-server/deactivate-authorizations",
            "acme-server/deactivate-authorizations",
            "ACME Server Deactivate Authorizations is not allowed for this AcmeOrder",
        ),
    ],
)
def test_action_out_of_season(site: Site, path: str, operation: str, text: str) -> None:
    with site.writing() as rows:
        rows.order(order_url=None, acme_status_order=OrderStatus.INVALID)
    answer = site.post(f"/acme-order/1/{path}.json", status=409).json
    assert answer == {"result": "error", "operation": operation, "error": text}
    page = site.location(site.post(f"/acme-order/1/{path}", status=303))
    words = {"acme-process": "process+order"}.get(path, path.replace("/", "+").replace("-", "+"))
    said = text.replace(" ", "+")
    assert page == f"/acme-order/1?result=error&error={said}&operation={words}"


@pytest.mark.parametrize(
    "path",
    [
        "acme-process",
        "acme-finalize",
        "acme-server/sync",
        "acme-server/sync-authorizations",
        "acme-server/deactivate-authorizations",
        "acme-server/download-certificate",
    ],
)
def test_order_that_somebody_works_on_is_left_to_him(site: Site, path: str) -> None:
    pending(site)
    with site.writing() as rows:
        order = rows.db.get(model.AcmeOrder, 1)
        order.lease_owner, order.lease_until = leases.owner(), utc_now() + timedelta(minutes=1)
    answer = site.post(f"/acme-order/1/{path}.json", status=409).json
    assert answer["error"] == "AcmeOrder 1 is being processed by another request; ask again later"
    page = site.location(site.post(f"/acme-order/1/{path}", status=303))
    assert page.startswith("/acme-order/1?result=error&error=AcmeOrder+1+is+being+processed+by")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("acme-process", "acme+process"),
        ("acme-finalize", "acme+finalize"),
        ("acme-server/sync", "acme+server+sync"),
        ("acme-server/download-certificate", "acme+server+download+certificate"),
        ("acme-server/sync-authorizations", "acme+server+sync+authorizations"),
        ("acme-server/deactivate-authorizations", "acme+server+deactivate+authorizations"),
        ("retry", "retry+order"),
        ("mark", "mark"),
    ],
)
def test_get_of_an_action_explains_it(site: Site, path: str, words: str) -> None:
    pending(site)
    answer = site.get(f"/acme-order/1/{path}", status=303)
    assert site.location(answer) == (
        f"/acme-order/1?result=error&operation={words}&message=HTTP+POST+required"
    )
    document = site.json(f"/acme-order/1/{path}.json")
    assert document["instructions"][-1] == "HTTP POST required"
    assert document["example"]


@pytest.mark.parametrize(
    ("path", "back", "words"),
    [
        ("/acme-authorization/1/acme-server/sync", "/acme-authorization/1", "sync"),
        ("/acme-authorization/1/acme-server/deactivate", "/acme-authorization/1", "deactivate"),
        ("/acme-challenge/1/acme-server/sync", "/acme-challenge/1", "sync"),
        ("/acme-challenge/1/acme-server/trigger", "/acme-challenge/1", "trigger"),
        ("/acme-orders/active/acme-server/sync", "/acme-orders/active", "sync"),
    ],
)
def test_get_of_an_action_on_what_belongs_to_orders(
    site: Site, path: str, back: str, words: str
) -> None:
    pending(site)
    assert site.location(site.get(path, status=303)) == (
        f"{back}?result=error&operation=acme+server+{words}&message=HTTP+POST+required"
    )
    assert site.json(f"{path}.json")["instructions"][-1] == "HTTP POST required"


def test_page_offers_what_the_order_allows(site: Site) -> None:
    pending(site)
    page = site.get("/acme-order/1").text
    for form in ("form-acme_server-sync_authorizations", "form-acme_process"):
        assert f'id="{form}"' in page
    assert 'id="btn-deactivate_authorizations"' in page
    assert 'id="acme_order-retry"' not in page
    site.post("/acme-order/1/mark", {"action": "invalid"})
    assert 'id="acme_order-retry"' in site.get("/acme-order/1").text
    assert 'id="acme_orders-acme_server_sync"' in site.get("/acme-orders/active").text


def test_page_offers_what_the_challenge_allows(site: Site) -> None:
    pending(site)
    assert 'id="form-acme_server-trigger"' in site.get("/acme-challenge/1").text
    page = site.get("/acme-challenge/2")  # dns-01, for which nothing is set up
    assert 'id="form-acme_server-trigger"' not in page.text
    (link,) = re.findall(r'href="([^"]*/acme-server/trigger[^"]*)"', page.text)
    assert 'name="token"' in site.http.get(link.replace("&amp;", "&")).text


def test_mark_names_its_words(site: Site) -> None:
    pending(site)
    options = site.json("/acme-order/1/mark.json")["valid_options"]
    assert options == {"action": ["invalid", "deactivate", "renew_auto", "renew_manual"]}


def test_unknown_order_is_not_found(site: Site) -> None:
    for path in ("/acme-order/7", "/acme-order/7/audit"):
        assert site.get(f"{path}.json", status=404).json["code"] == "404 Not Found"


def test_authorization_that_expired_is_listed_with_the_order(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com")
        rows.authorization(
            order,
            "a.example.com",
            acme_status_authorization=AuthorizationStatus.EXPIRED,
            timestamp_expires=NOW - timedelta(days=1),
        )
    found = site.json("/acme-order/1/acme-authorizations.json")["AcmeAuthorizations"]
    assert found["1"]["acme_status_authorization"] == "expired"
