"""Each action that a CA has a part in succeeds, on the page and in JSON: one walk through all."""

from __future__ import annotations

from typing import Any

import pytest

from peter_sslers import model

from ...services.http01 import Http01
from ...services.pebble import Pebble
from ...services.peter import unused_name
from .acme_site import Site
from .ordering import Ordering
from .test_every_acme_action import TABLE, at

pytestmark = pytest.mark.service("pebble")

OBJECTS = {
    "acme-account": "AcmeAccount",
    "acme-account-provider": "AcmeAccountProvider",
    "acme-order": "AcmeOrder",
    "acme-authorization": "AcmeAuthorization",
    "acme-challenge": "AcmeChallenge",
}
ORDER = "/acme-order/{id}"
AUTHORIZATION = "/acme-authorization/{id}"
CHALLENGE = "/acme-challenge/{id}"
ACCOUNT = "/acme-account/{id}/acme-server"
CREATE = {"processing_strategy": "create_order"}


class Walk:
    """Does actions over one face, and notes which. `face` is "page" or "json"."""

    def __init__(self, ordering: Ordering, face: str) -> None:
        self.ordering = ordering
        self.face = face
        self.done: set[str] = set()
        self.last = 0  # the number of the order that was made last

    def do(
        self, path: str, number: int = 0, query: str = "", to: str = "", **fields: str
    ) -> dict[str, Any]:
        """`query` is what the page's has after `operation`; `to` where it leads, if elsewhere."""
        self.done.add(path)
        where, deed = at(path, number), TABLE[path]
        if self.face == "page":
            back = to or at(path.partition("{id}")[0] + "{id}", number)
            sign = "&" if "?" in back else "?"
            stray = "&" if path.endswith("key-change") else ""
            said = f"{back}{sign}{stray}result=success&operation={deed.words}{query}"
            assert self.ordering.page(where, fields) == said
            return {}
        answer: dict[str, Any] = self.ordering.post(where, fields)
        assert answer["result"] == "success"
        assert answer.get("operation", "") == deed.operation
        name = OBJECTS.get(path.split("/")[1])
        assert name is None or answer[name]["id"] == (number or 1)
        return answer

    def makes_order(self, path: str, number: int = 0, **fields: str) -> int:
        """An action whose answer is another order; its number."""
        self.done.add(path)
        self.last += 1
        if self.face == "page":
            words = TABLE[path].words
            query = f"?result=success&operation={words}" if number else ""
            assert self.ordering.page(at(path, number), fields) == f"/acme-order/{self.last}{query}"
        else:
            answer = self.ordering.post(at(path, number), fields)
            assert set(answer) == {"result", "AcmeOrder"}
            assert answer["AcmeOrder"]["id"] == self.last
        return self.last

    def order(self) -> int:
        fields = self.ordering.fields(unused_name())
        return self.makes_order("/acme-order/new/freeform", 0, **fields)

    def parts(self, order: int) -> tuple[int, int]:
        """The numbers of an order's authorization and of its http-01 challenge."""
        self.do(f"{ORDER}/acme-server/sync-authorizations", order)
        (number,) = self.ordering.shown("acme-order", order)["acme_authorization_ids"]
        authorization = self.ordering.shown("acme-authorization", number)
        return number, authorization["acme_challenge_http_01_id"]

    def account_key(self) -> str:
        account = self.ordering.shown("acme-account", 1)
        return str(account["AcmeAccountKey"]["key_pem_md5"])


@pytest.mark.parametrize("face", ["page", "json"])
def test_each_action_succeeds_on_page_and_in_json(
    site: Site, pebble: Pebble, http01: Http01, face: str
) -> None:
    site.settings.block_competing_challenges = False
    walk = Walk(Ordering(site, pebble, http01), face)
    talk_about_the_account(walk)
    issued = order_by_hand(walk)
    order_again(walk, issued)
    give_up(walk)
    end_the_account(walk)
    assert walk.done == {path for path, deed in TABLE.items() if deed.asks or deed.proofs}


def talk_about_the_account(walk: Walk) -> None:
    walk.done.add("/acme-account/new")  # Ordering has done it
    new = TABLE["/acme-account/new"].right
    fields = {**new, "acme_account_provider_id": "1", "account__contact": "b@example.com"}
    if walk.face == "page":
        made = "/acme-account/2?result=success&operation=new&is_created=1"
        assert walk.ordering.page("/acme-account/new", fields) == made
    walk.do(f"{ACCOUNT}/authenticate", 1, "&is_authenticated=True")
    walk.do(f"{ACCOUNT}/check", 1, "&status=valid")
    walk.do(f"{ACCOUNT}/update-contact", 1, account__contact="other@example.com")
    walk.do("/acme-account-provider/{id}/acme-server/directory", 1)


def order_by_hand(walk: Walk) -> int:
    order = walk.order()
    walk.do(f"{ORDER}/acme-server/sync", order)
    authorization, challenge = walk.parts(order)
    walk.do(f"{AUTHORIZATION}/acme-server/sync", authorization)
    walk.do(f"{CHALLENGE}/acme-server/sync", challenge)
    walk.do(f"{CHALLENGE}/acme-server/trigger", challenge)
    walk.do(f"{ORDER}/acme-server/sync", order)
    walk.do(f"{ORDER}/acme-finalize", order)
    with walk.ordering.changing(model.AcmeOrder, order) as row:
        row.certificate_signed_id = None
    walk.do(f"{ORDER}/acme-server/download-certificate", order)
    assert walk.ordering.shown("acme-order", order)["certificate_signed_id"]
    walk.ordering.forget_proofs({"id": order})
    return order


def order_again(walk: Walk, issued: int) -> None:
    walk.makes_order(f"{ORDER}/renew/quick", issued, **CREATE)
    again = walk.ordering.fields(**CREATE, private_key_cycle__renewal="account_key_default")
    del again["domain_names_http01"]
    last = walk.makes_order(f"{ORDER}/renew/custom", issued, **again)
    walk.do(f"{ORDER}/acme-process", last)


def give_up(walk: Walk) -> None:
    first = walk.order()
    authorization, _ = walk.parts(first)
    walk.do(f"{AUTHORIZATION}/acme-server/deactivate", authorization)
    again = walk.makes_order(f"{ORDER}/retry", first)
    walk.do(f"{ORDER}/acme-server/deactivate-authorizations", again)
    authorization, _ = walk.parts(walk.order())
    list_ = "/acme-account/1/acme-authorizations?status=active"
    path = f"{ACCOUNT}/deactivate-pending-authorizations"
    answer = walk.do(path, 1, to=list_, acme_authorization_id=str(authorization))
    assert not answer or answer["results"] == {str(authorization): True}
    alive = [number for number in (2, 3) if number != first]  # the renewals
    ids = ",".join(map(str, alive))
    words = f"&acme_order_ids.success={ids}&acme_order_ids.error="
    answer = walk.do("/acme-orders/active/acme-server/sync", query=words, to="/acme-orders/active")
    assert not answer or answer["AcmeOrderIds.success"] == alive


def end_the_account(walk: Walk) -> None:
    walk.do(f"{ACCOUNT}/key-change", 1, key_pem_existing=walk.account_key())
    walk.do(f"{ACCOUNT}/deactivate", 1, key_pem=walk.account_key())
