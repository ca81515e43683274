"""Every page of the ACME kinds, as HTML and as JSON, with the contract's keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from peter_sslers import model
from peter_sslers.enums import AcmeEvent

from ...routes import routes
from .acme_site import NOW, Site
from .test_every_acme_action import TABLE
from .world import World

# The keys of each page's JSON. A list has pages, which have the same keys.
LISTS = {
    "/acme-accounts": "AcmeAccounts pagination",
    "/acme-account/{id}/acme-orders": "AcmeOrders pagination",
    "/acme-account/{id}/acme-authorizations": "AcmeAuthorizations pagination",
    "/acme-account/{id}/certificate-signeds": "CertificateSigneds pagination",
    "/acme-account/{id}/private-keys": "PrivateKeys pagination",
    "/acme-account/{id}/acme-account-keys": "AcmeAccountKeys pagination",
    "/acme-account-provider/{id}/acme-accounts": "AcmeAccounts pagination",
    "/acme-orders/active": "AcmeOrders pagination",
    "/acme-orders/finished": "AcmeOrders pagination",
    "/acme-orders/all": "AcmeOrders pagination",
    "/acme-order/{id}/acme-authorizations": "AcmeAuthorizations pagination",
    "/acme-order/{id}/acme-event-logs": "AcmeEventLogs pagination",
    "/acme-authorizations": "AcmeAuthorizations pagination",
    "/acme-authorization/{id}/acme-challenges": "AcmeChallenges pagination",
    "/acme-authorization/{id}/acme-orders": "AcmeOrders pagination",
    "/acme-challenges": "AcmeChallenges pagination",
    "/acme-challenge/{id}/acme-challenge-polls": "AcmeChallengePolls pagination",
    "/acme-challenge-polls": "AcmeChallengePolls pagination",
    "/acme-challenge-unknown-polls": "AcmeChallengeUnknownPolls pagination",
    "/acme-event-logs": "AcmeEventLogs pagination",
}
PAGES = {
    "/acme-account/{id}": "AcmeAccount raw request_counts rate_limits",
    "/acme-account-providers": "AcmeAccountProviders",
    "/acme-account-provider/{id}": "AcmeAccountProvider",
    "/acme-order/{id}": "AcmeOrder",
    "/acme-order/{id}/audit": "result AuditReport",
    "/acme-authorization/{id}": "AcmeAuthorization AcmeOrder2AcmeChallengeTypeSpecifics",
    "/acme-challenge/{id}": "AcmeChallenge",
    "/acme-challenge-poll/{id}": "AcmeChallengePoll",
    "/acme-challenge-unknown-poll/{id}": "AcmeChallengeUnknownPoll",
    "/acme-event-log/{id}": "AcmeEventLog",
}
# In other forms than these two, or elsewhere: tested where this says.
OTHERS = {
    "/acme-account/{id}/key.{format:(pem|pem.txt|key)}": "test_acme_account",
    "/acme-account/{id}/parse": "test_acme_account",
    "/acme-account-providers/{page}": "not paged",
    "/acme-orders": "a redirect",
}
# A kind of a row each, in no state that matters.
FIRST = {"acme-challenge-poll": 1, "acme-challenge-unknown-poll": 1, "acme-event-log": 1}
NAMED = {
    "acme-account": "default account",
    "acme-account-provider": "default provider",
    "acme-order": "pending order",
    "acme-authorization": "pending authorization",
    "acme-challenge": "pending challenge",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    site = Site(tmp_path_factory.mktemp("world"))
    made = World(site)
    with site.writing() as rows:
        rows.log(AcmeEvent.NEW_ORDER, acme_order_id=made.ids["pending order"])
        polled = {"timestamp_polled": NOW, "remote_ip_address": rows.address()}
        challenge = rows.db.get(model.AcmeChallenge, made.ids["pending challenge"])
        rows.add(model.AcmeChallengePoll(acme_challenge=challenge, **polled))
        rows.add(
            model.AcmeChallengeUnknownPoll(
                domain="a.example.com", challenge="x", timestamp_first=NOW, **polled
            )
        )
    yield made
    site.close()


def filled(world: World, path: str) -> str:
    kind = path.split("/")[1]
    number = FIRST.get(kind) or world.ids.get(NAMED.get(kind, ""))
    return path.replace("{id}", str(number))


def test_every_route_of_the_acme_kinds_is_here_or_an_action() -> None:
    found = {
        re.sub(r"\.json$", "", path.removeprefix("{ADMIN}"))
        for path in routes()
        if path.startswith("{ADMIN}/acme-")
    }
    pages = {f"{path}/{{page}}" for path in LISTS}
    assert found == {*LISTS, *pages, *PAGES, *OTHERS, *TABLE}


@pytest.mark.parametrize("path", [*LISTS, *PAGES])
def test_page_and_json(world: World, path: str) -> None:
    where = filled(world, path)
    keys = {**LISTS, **PAGES}[path].split()
    page = world.site.get(where)
    assert page.content_type == "text/html"
    assert len(page.html.select("h1")) == 1
    assert f'href="/.well-known/admin{where}.json"' in page
    document = world.site.get(f"{where}.json")
    assert document.content_type == "application/json"
    assert list(document.json) == keys


@pytest.mark.parametrize("path", LISTS)
def test_pages_beyond_the_end_lead_to_the_last(world: World, path: str) -> None:
    where = filled(world, path)
    for face in ("", ".json"):
        first = world.site.get(f"{where}/1{face}")
        assert first.status_int == 200
        for number in ("0", "7", "9" * 30):
            there = world.site.get(f"{where}/{number}{face}?status=active", status=303)
            assert world.site.location(there) == f"{where}/1{face}?status=active"


@pytest.mark.parametrize("path", [p for p in [*LISTS, *PAGES] if "{id}" in p])
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    where = path.replace("{id}", "999999")
    assert "#999999" in world.site.get(where, status=404)
    assert world.site.get(f"{where}.json", status=404).json["code"] == "404 Not Found"


def test_orders_lead_to_the_active_ones(world: World) -> None:
    for face in ("", ".json"):
        there = world.site.get(f"/acme-orders{face}", status=303)
        assert world.site.location(there) == f"/acme-orders/active{face}"


def test_pending_authorizations_are_chosen_by_check_boxes(world: World) -> None:
    page = world.site.get(f"/acme-account/{world.ids['default account']}/acme-authorizations")
    boxes = page.html.select("input[name=acme_authorization_id]")
    assert [box["value"] for box in boxes] == [str(world.ids["pending authorization"])]
    assert {"_select_all", "sure"} <= page.form.fields.keys()
    assert page.form.action.endswith("/acme-server/deactivate-pending-authorizations")
    none = world.site.get(f"/acme-account/{world.ids['spare account']}/acme-authorizations")
    assert "acme_authorization_id" not in none


def test_forms_suggest_the_profiles_that_are_known(site: Site) -> None:
    world = World(site)
    for form in (
        "/acme-account/new",
        f"/acme-account/{world.ids['default account']}/edit",
        "/acme-order/new/freeform",
        f"/acme-order/{world.ids['issued order']}/renew/custom",
    ):
        assert "<datalist" not in site.get(form)
    with site.writing() as rows:
        for name in ("default provider", "other provider"):
            provider = rows.db.get(model.AcmeAccountProvider, world.ids[name])
            provider.profiles = '{"classic": "the usual one"}'
        provider.profiles = '{"classic": "as ever", "shortlived": "six days"}'
    for form, field in (
        ("/acme-account/new", "account__profile"),
        (f"/acme-account/{world.ids['default account']}/edit", "account__profile"),
        ("/acme-order/new/freeform", "profile"),
        (f"/acme-order/{world.ids['issued order']}/renew/custom", "profile"),
    ):
        page = site.get(form)
        options = page.html.select(f"datalist#l-{field} option")
        assert {o["value"]: o.text for o in options} == {"classic": "ca1, ca2", "shortlived": "ca2"}
        assert page.html.select_one(f"input[name={field}]")["list"] == f"l-{field}"


def test_new_account_is_for_the_default_ca_and_says_what_it_needs(world: World) -> None:
    page = world.site.get("/acme-account/new")
    assert page.form["acme_account_provider_id"].value == str(world.ids["default provider"])
    labels = [label.text for label in page.html.select("label")]
    assert {"CA", "Contact", "Profile (optional)"} <= set(labels)


def test_key_that_is_not_made_yet_is_told_so(world: World) -> None:
    page = world.site.get(f"/acme-order/{world.ids['pending order']}")
    assert "it is made, or chosen, when the order is finalized" in page
    assert "Private key #0" not in page
    assert "none was made" in world.site.get(f"/acme-order/{world.ids['failed order']}")
