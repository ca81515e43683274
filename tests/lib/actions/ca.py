"""An ACME server for one order, whose answers a test may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peter_sslers.enums import (
    AccountKeySource,
    KeyTechnology,
    PrivateKeyStrategy,
    ProcessingStrategy,
)
from peter_sslers.lib.actions import accounts, orders
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeOrder, PrivateKey

from ... import factories as make
from ..acme_v2.hostile import Hostile, Say

NAME = "a.example.com"
ORDER_LOST = Say(404, {"detail": "no such order"}, content_type="application/problem+json")


@dataclass
class Ca:
    """`server.says` has its answers; these are the ones that RFC 8555 wants."""

    server: Hostile

    def url(self, path: str) -> str:
        return f"{self.server.url}{path}"

    def order(self, status: str = "pending", **change: Any) -> dict[str, Any]:
        good = {
            "status": status,
            "identifiers": [{"type": "dns", "value": NAME}],
            "authorizations": [self.url("/authz/1")],
            "finalize": self.url("/finalize/1"),
        }
        return {**good, **change}

    def authorization(self, status: str = "pending", **change: Any) -> dict[str, Any]:
        challenge = {
            "type": "http-01",
            "status": "pending",
            "url": self.url("/chall/1"),
            "token": "token",
        }
        good = {
            "status": status,
            "identifier": {"type": "dns", "value": NAME},
            "challenges": [challenge],
        }
        return {**good, **change}

    def says(self, path: str, *answers: Say | dict[str, Any]) -> None:
        """The answers to come at a path; the last one stays."""
        self.server.says[path] = [a if isinstance(a, Say) else Say(body=a) for a in answers]

    def says_of_new_orders(self, path: str, document: dict[str, Any]) -> None:
        self.says("/newOrder", Say(201, document, (("Location", path),)))

    def asked(self, path: str) -> int:
        return self.server.asked.count(("POST", path))


def problem(status: int, kind: str) -> Say:
    document = {"type": f"urn:ietf:params:acme:error:{kind}", "detail": "so it is"}
    return Say(status, document, content_type="application/problem+json")


def account(ctx: Context, ca: Ca) -> AcmeAccount:
    """Registered, with EC for its orders' keys."""
    with ctx.commit():
        provider = make.provider(ctx.db, directory=ca.url("/dir"))
        wanted = accounts.NewAccount(
            provider, "ops@example.com", technology=KeyTechnology.EC, account_url=ca.url("/acct")
        )
        pem = ctx.x509.new_key(KeyTechnology.EC, 256)
        return accounts.insert(ctx, wanted, pem, AccountKeySource.GENERATED)


def wanted(ctx: Context, of: AcmeAccount, **change: Any) -> orders.OrderRequest:
    key = ctx.db.get(PrivateKey, 0)
    assert key is not None
    names = {NAME: orders.ChallengeType.HTTP_01}
    given = {
        "account": of,
        "private_key": key,
        "key_strategy": PrivateKeyStrategy.DEFERRED_GENERATE,
        "names": names,
        "strategy": ProcessingStrategy.CREATE_ORDER,
        **change,
    }
    return orders.OrderRequest(**given)


def written_down(ctx: Context, request: orders.OrderRequest) -> AcmeOrder:
    """An order whose process died before newOrder."""
    with ctx.commit():
        order = orders.write_down(ctx, request)
        order.lease_owner = order.lease_until = None
        return order
