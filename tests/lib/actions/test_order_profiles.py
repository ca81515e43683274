"""Which profile an order asks for: its own, its account's, or none on purpose."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from peter_sslers.enums import OrderStatus, ProcessingStrategy
from peter_sslers.errors import FieldErrors
from peter_sslers.lib.actions import orders, renewals
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeOrder

from ..acme_v2.hostile import Say
from .ca import Ca, wanted

CREATE = ProcessingStrategy.CREATE_ORDER


@pytest.fixture
def classic(ctx: Context, ca: Ca, acme_account: AcmeAccount) -> AcmeAccount:
    """An account whose orders are to have the profile `classic`, at a CA that has two."""
    directory = ca.server.says["/dir"][0].body
    profiles = {"classic": "the usual", "short": "for a week"}
    ca.says("/dir", {**directory, "meta": {"profiles": profiles}})
    with ctx.commit():
        acme_account.profile = "classic"
    return acme_account


def placed(ctx: Context, ca: Ca, account: AcmeAccount, profile: str | None) -> AcmeOrder:
    number = ca.asked("/newOrder") + 1
    ca.says("/newOrder", Say(201, ca.order("invalid"), (("Location", f"/order/{number}"),)))
    return orders.new(ctx, wanted(ctx, account, profile=profile))


def asked(ca: Ca) -> dict[str, Any]:
    """What the last newOrder said."""
    at = max(i for i, (_, path) in enumerate(ca.server.asked) if path == "/newOrder")
    payload = json.loads(ca.server.bodies[at])["payload"]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=="))
    return found


@pytest.mark.parametrize(
    ("profile", "stored", "sent"),
    [(None, "classic", "classic"), ("short", "short", "short"), ("-", "-", None)],
)
def test_is_what_the_order_says_else_the_account_s(
    ctx: Context, ca: Ca, classic: AcmeAccount, profile: str | None, stored: str, sent: str | None
) -> None:
    order = placed(ctx, ca, classic, profile)
    assert (order.profile, asked(ca).get("profile")) == (stored, sent)


def test_none_on_purpose_stays_none_when_it_is_ordered_again(
    ctx: Context, ca: Ca, classic: AcmeAccount
) -> None:
    order = placed(ctx, ca, classic, "-")
    ca.says("/newOrder", Say(201, ca.order("invalid"), (("Location", "/order/9"),)))
    assert renewals.retry(ctx, order).profile == "-"
    assert "profile" not in asked(ca)
    with ctx.commit():
        order.acme_status_order = OrderStatus.VALID
    ca.says("/newOrder", Say(201, ca.order("invalid"), (("Location", "/order/10"),)))
    assert renewals.renew_quick(ctx, order, CREATE).profile == "-"
    assert "profile" not in asked(ca)


def test_none_needs_no_ca_that_has_profiles(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    assert placed(ctx, ca, acme_account, "-").profile == "-"
    with pytest.raises(FieldErrors, match="It offers: none"):
        placed(ctx, ca, acme_account, "classic")
