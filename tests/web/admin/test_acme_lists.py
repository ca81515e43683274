"""The lists and objects of the ACME kinds, as the contract describes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peter_sslers import model
from peter_sslers.enums import AcmeEvent, AuthorizationStatus, ChallengeStatus, OrderStatus

from ..queries import recorded
from .acme_site import NOW, ROOT, Site

MOST_QUERIES = 14  # of a page, however many rows it has


def fill(site: Site, orders: int) -> None:
    """Orders of one account, each with all that belongs to one, and as many other accounts."""
    with site.writing() as rows:
        account = rows.account()
        address = rows.address()
        for n in range(orders):
            name = f"n{n}.example.com"
            order = rows.order(account, name)
            authorization = rows.authorization(order, name)
            challenge = authorization.acme_challenges[0]
            rows.log(AcmeEvent.NEW_ORDER, acme_order_id=order.id, acme_account_id=account.id)
            rows.add(
                model.AcmeChallengePoll(
                    acme_challenge=challenge, timestamp_polled=NOW, remote_ip_address=address
                )
            )
            rows.add(
                model.AcmeChallengeUnknownPoll(
                    domain=name,
                    challenge=f"c{n}",
                    timestamp_polled=NOW,
                    timestamp_first=NOW,
                    remote_ip_address=address,
                )
            )
            rows.account(account.acme_account_provider)
            rows.certificate(rows.order(account, name))


LISTS = [
    "/acme-account-providers",
    "/acme-accounts",
    "/acme-account/1/acme-orders",
    "/acme-account/1/acme-authorizations",
    "/acme-account/1/acme-account-keys",
    "/acme-account/1/private-keys",
    "/acme-account/1/certificate-signeds",
    "/acme-account-provider/1/acme-accounts",
    "/acme-orders/all",
    "/acme-orders/active",
    "/acme-orders/finished",
    "/acme-order/1/acme-authorizations",
    "/acme-order/1/acme-event-logs",
    "/acme-authorizations",
    "/acme-authorization/1/acme-challenges",
    "/acme-authorization/1/acme-orders",
    "/acme-challenges",
    "/acme-challenge/1/acme-challenge-polls",
    "/acme-challenge-polls",
    "/acme-challenge-unknown-polls",
    "/acme-event-logs",
]
FOCUSES = [
    "/acme-account-provider/1",
    "/acme-account/1",
    "/acme-order/1",
    "/acme-authorization/1",
    "/acme-challenge/1",
    "/acme-challenge-poll/1",
    "/acme-challenge-unknown-poll/1",
    "/acme-event-log/1",
]


@pytest.mark.parametrize("path", ["/acme-orders/finished", "/acme-orders/all"])
def test_list_links_to_the_certificates(site: Site, path: str) -> None:
    fill(site, orders=2)
    assert f'href="{ROOT}/certificate-signed/2"' in site.get(path)


def test_lists_cost_a_bounded_number_of_queries(site: Site) -> None:
    fill(site, orders=50)
    for path in LISTS:
        for suffix in ("", ".json"):
            with recorded(site.database.engine) as statements:
                site.get(path + suffix)
            assert len(statements) <= MOST_QUERIES, (path + suffix, statements)


@pytest.mark.parametrize("path", [*LISTS, *FOCUSES])
def test_every_page_has_both_faces(site: Site, path: str) -> None:
    fill(site, orders=2)
    assert site.get(path).content_type == "text/html"
    assert site.get(f"{path}.json").content_type == "application/json"


@pytest.mark.parametrize(
    ("path", "key", "shape"),
    [
        ("/acme-accounts", "AcmeAccounts", dict),
        ("/acme-authorizations", "AcmeAuthorizations", dict),
        ("/acme-challenges", "AcmeChallenges", dict),
        ("/acme-challenge-polls", "AcmeChallengePolls", dict),
        ("/acme-challenge-unknown-polls", "AcmeChallengeUnknownPolls", dict),
        ("/acme-event-logs", "AcmeEventLogs", dict),
        ("/acme-orders/active", "AcmeOrders", list),
        ("/acme-account/1/acme-authorizations", "AcmeAuthorizations", list),
        ("/acme-account/1/acme-account-keys", "AcmeAccountKeys", list),
        ("/acme-account/1/acme-orders", "AcmeOrders", list),
    ],
)
def test_shape_of_each_list(site: Site, path: str, key: str, shape: type) -> None:
    fill(site, orders=1)
    found = site.json(f"{path}.json")
    assert isinstance(found[key], shape)
    assert found["pagination"]["total_items"] == len(found[key])


def test_account_providers_are_all_on_one_page(site: Site) -> None:
    with site.writing() as rows:
        rows.provider(is_enabled=False)
    found = site.json("/acme-account-providers.json")
    assert list(found) == ["AcmeAccountProviders"]
    assert set(found["AcmeAccountProviders"]["1"]) >= {
        "id",
        "timestamp_created",
        "name",
        "endpoint",
        "directory",
        "is_default",
        "is_enabled",
        "protocol",
    }


def test_orders_by_their_state(site: Site) -> None:
    with site.writing() as rows:
        for status in OrderStatus:
            rows.order(acme_status_order=status)

    def states(name: str) -> set[str]:
        found = site.json(f"/acme-orders/{name}.json")["AcmeOrders"]
        return {order["acme_status_order"] for order in found}

    assert states("active") == {"pending", "ready", "processing"}
    assert states("finished") == {"valid", "invalid"}
    assert states("all") == {str(status) for status in OrderStatus}


def test_orders_lead_to_the_active_ones(site: Site) -> None:
    assert site.location(site.get("/acme-orders", status=303)) == "/acme-orders/active"
    assert site.location(site.get("/acme-orders.json", status=303)) == "/acme-orders/active.json"


@pytest.mark.parametrize("base", ["/acme-authorizations", "/acme-account/1/acme-authorizations"])
def test_authorizations_by_their_state(site: Site, base: str) -> None:
    with site.writing() as rows:
        order = rows.order(rows.account(), "a.example.com")
        rows.authorization(order, timestamp_expires=NOW - timedelta(days=900))
        rows.authorization(order, "a.example.com")
        rows.authorization(order, acme_status_authorization=AuthorizationStatus.VALID)

    def total(status: str) -> int:
        return site.json(f"{base}.json?status={status}")["pagination"]["total_items"]

    assert [total(s) for s in ("active", "active-expired", "", "nonsense")] == [2, 1, 3, 3]


def test_challenges_by_their_state(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com")
        authorization = rows.authorization(order, "a.example.com")
        for status in ChallengeStatus:
            rows.challenge(
                authorization, authorization.acme_challenges[0].acme_challenge_type
            ).acme_status_challenge = status

    def states(word: str) -> set[str]:
        found = site.json(f"/acme-challenges.json?status={word}")["AcmeChallenges"]
        return {challenge["acme_status_challenge"] for challenge in found.values()}

    assert states("active") == {"*discovered*", "pending", "processing"}
    assert states("resolved") == {"valid", "invalid"}
    assert states("processing") == {"processing"}
    assert states("other") == {str(status) for status in ChallengeStatus}


def test_event_log_by_its_event(site: Site) -> None:
    with site.writing() as rows:
        rows.log(AcmeEvent.NEW_ORDER)
        rows.log(AcmeEvent.NEW_ACCOUNT)
    found = site.json("/acme-event-logs.json?acme_event=v2|newOrder")["AcmeEventLogs"]
    assert [row["acme_event"] for row in found.values()] == ["v2|newOrder"]


def test_authorization_names_its_challenges_and_what_can_be_done(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com")
        rows.authorization(order, "a.example.com")
    found = site.json("/acme-authorization/1.json")
    shown: dict[str, Any] = found["AcmeAuthorization"]
    assert shown["domain"] == {"id": 1, "domain_name": "a.example.com"}
    assert (shown["acme_challenge_http_01_id"], shown["acme_challenge_dns_01_id"]) == (1, 2)
    base = f"http://localhost{ROOT}/acme-authorization/1/acme-server"
    assert shown["url_acme_server_sync"] == f"{base}/sync.json"
    assert shown["url_acme_server_deactivate"] == f"{base}/deactivate.json"
    assert found["AcmeOrder2AcmeChallengeTypeSpecifics"] is None


def test_unread_authorization_has_no_domain(site: Site) -> None:
    with site.writing() as rows:
        rows.authorization(rows.order())
    assert site.json("/acme-authorization/1.json")["AcmeAuthorization"]["domain"] is None
    assert "not read yet" in site.get("/acme-authorizations")


def test_event_log_leads_to_what_it_is_about(site: Site) -> None:
    fill(site, 1)
    row = site.get("/acme-event-logs").html.select_one("tbody tr")
    links = [link["href"].removeprefix(ROOT) for link in row.select("a")]
    assert links[:3] == ["/acme-event-log/1", "/acme-account/1", "/acme-order/1"]


def test_event_log_of_an_order_does_not_repeat_the_order(site: Site) -> None:
    fill(site, 1)
    titles = [th.text for th in site.get("/acme-order/1/acme-event-logs").html.select("thead th")]
    assert "Account" in titles
    assert "Order" not in titles
