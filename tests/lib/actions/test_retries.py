"""A retry is what the order was that it repeats, however often it was tried."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from peter_sslers.enums import OrderStatus, OrderType, PrivateKeyCycle
from peter_sslers.lib.actions import orders, private_key_cycles, renewal_info, renewals, retries
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeOrder

from ... import factories as make
from ..acme_v2.hostile import Say
from .ca import Ca, problem, wanted

CERTIFICATE = Path(__file__).parents[3] / "test_data" / "certificates" / "ec256.pem"


def replaced(ca: Ca) -> list[str | None]:
    """What each newOrder has said that it replaces."""
    found = []
    for (_, path), body in zip(ca.server.asked, ca.server.bodies, strict=True):
        if path == "/newOrder":
            payload = json.loads(body)["payload"]
            said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            found.append(said.get("replaces"))
    return found


def renewed(ctx: Context, ca: Ca, account: AcmeAccount) -> AcmeOrder:
    """An order with a certificate, of a CA that has renewal information."""
    ca.server.says["/dir"][0].body["renewalInfo"] = ca.url("/ari")
    with ctx.commit():
        certificate = make.certificate(ctx.db, cert_pem=CERTIFICATE.read_text())
        return make.order(
            ctx.db,
            acme_account=account,
            acme_status_order=OrderStatus.VALID,
            certificate_signed=certificate,
            unique_fqdn_set=certificate.unique_fqdn_set,
        )


def test_the_retry_of_a_renewal_replaces_the_same_certificate(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    former = renewed(ctx, ca, acme_account)
    ca.says_of_new_orders("/order/1", ca.order("invalid"))
    change = {"type": OrderType.RENEW_QUICK, "renewal_of": former}
    first = orders.new(ctx, wanted(ctx, acme_account, **change))
    ca.says_of_new_orders("/order/2", ca.order("invalid"))
    second = renewals.retry(ctx, first)
    ca.says_of_new_orders("/order/3", ca.order())
    third = renewals.retry(ctx, second)
    assert third.acme_order__renewal_of is None
    assert retries.renewed_by(third) is former
    assert former.certificate_signed is not None
    name = renewal_info.identifier(ctx, former.certificate_signed)
    assert replaced(ca) == [name] * 3
    assert third.replaces == name


def test_the_retry_of_a_renewal_is_sent_without_it_if_the_ca_does_not_like_that(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    former = renewed(ctx, ca, acme_account)
    ca.says_of_new_orders("/order/1", ca.order("invalid"))
    change = {"type": OrderType.RENEW_QUICK, "renewal_of": former}
    first = orders.new(ctx, wanted(ctx, acme_account, **change))
    made = Say(201, ca.order(), (("Location", "/order/2"),))
    ca.says("/newOrder", problem(409, "alreadyReplaced"), made)
    second = renewals.retry(ctx, first)
    assert [bool(name) for name in replaced(ca)] == [True, True, False]
    assert second.replaces is None


def test_the_retry_of_what_is_no_renewal_replaces_nothing(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    renewed(ctx, ca, acme_account)
    ca.says_of_new_orders("/order/1", ca.order("invalid"))
    first = orders.new(ctx, wanted(ctx, acme_account))
    ca.says_of_new_orders("/order/2", ca.order())
    second = renewals.retry(ctx, first)
    assert replaced(ca) == [None, None]
    assert retries.renewed_by(second) is None


@pytest.mark.parametrize(
    ("kind", "cycle"),
    [
        (OrderType.RENEW_QUICK, PrivateKeyCycle.GLOBAL_WEEKLY),
        (OrderType.RENEW_CUSTOM, PrivateKeyCycle.ACCOUNT_DAILY),
    ],
    ids=["quick", "custom"],
)
def test_what_was_tried_again_a_thousand_times_is_still_a_renewal(
    kind: OrderType, cycle: PrivateKeyCycle
) -> None:
    account = AcmeAccount(private_key_cycle=PrivateKeyCycle.ACCOUNT_DAILY)
    former = AcmeOrder(private_key_cycle__renewal=PrivateKeyCycle.GLOBAL_WEEKLY)
    first = order = AcmeOrder(
        acme_account=account, acme_order_type=kind, acme_order__renewal_of=former
    )
    for _ in range(1100):
        order = AcmeOrder(
            acme_account=account, acme_order_type=OrderType.RETRY, acme_order__retry_of=order
        )
    assert retries.first_try(order) is first
    assert retries.renewed_by(order) is former
    assert private_key_cycles.cycle_of(order) is cycle
