"""Two accounts that are one to their CA become one, where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers.enums import AccountKeySource, KeyTechnology
from peter_sslers.errors import Conflict
from peter_sslers.lib.acme_v2 import ExternalAccountBinding
from peter_sslers.lib.actions import account_binding, account_server, accounts, orders
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeAccountKey

from ... import factories as make
from ..acme_v2.hostile import Say
from .ca import Ca, wanted

BINDING = ExternalAccountBinding("kid-2", "c2VjcmV0")
OWNED: dict[str, Callable[[Context, AcmeAccount], Any]] = {
    "AcmeOrders": lambda ctx, account: make.order(ctx.db, acme_account=account),
    "AcmeOrderless": lambda ctx, account: make.orderless(ctx.db, acme_account=account),
    "PrivateKeys": lambda ctx, account: make.private_key(ctx.db, acme_account__owner=account),
    "QueueCertificates": lambda ctx, account: make.queue_certificate(ctx.db, acme_account=account),
}


@pytest.fixture
def newer(ctx: Context, ca: Ca, acme_account: AcmeAccount) -> AcmeAccount:
    """Brought along, never registered; its CA knows it as `acme_account`."""
    ca.says("/newAccount", Say(200, {"status": "valid"}, (("Location", "/acct"),)))
    given = accounts.NewAccount(
        acme_account.acme_account_provider, "b@example.com", binding=BINDING
    )
    with ctx.commit():
        pem = ctx.x509.new_key(KeyTechnology.EC, 256)
        account = accounts.insert(ctx, given, pem, AccountKeySource.IMPORTED)
        account.is_global_default = True
    return account


def defaults(ctx: Context) -> list[int]:
    return list(ctx.db.scalars(select(AcmeAccount.id).where(AcmeAccount.is_global_default)))


def test_the_older_gets_key_and_binding_and_is_the_default(
    ctx: Context, acme_account: AcmeAccount, newer: AcmeAccount
) -> None:
    key = newer.acme_account_key
    assert account_server.authenticate(ctx, newer) is acme_account
    assert acme_account.acme_account_key is key
    assert account_binding.of(acme_account) == BINDING
    assert defaults(ctx) == [acme_account.id]
    assert list(ctx.db.scalars(select(AcmeAccount.id))) == [acme_account.id]


def test_one_that_is_not_in_use_does_not_become_the_default(
    ctx: Context, acme_account: AcmeAccount, newer: AcmeAccount
) -> None:
    with ctx.commit():
        acme_account.is_active = False
    account_server.authenticate(ctx, newer)
    assert defaults(ctx) == []


def test_retired_keys_go_along(ctx: Context, acme_account: AcmeAccount, newer: AcmeAccount) -> None:
    with ctx.commit():
        retired = make.account_key(ctx.db, acme_account=newer, is_active=None)
    account_server.authenticate(ctx, newer)
    assert retired.acme_account_id == acme_account.id


@pytest.mark.parametrize("what", OWNED)
def test_an_account_that_has_something_stays_with_the_reason(
    ctx: Context, acme_account: AcmeAccount, newer: AcmeAccount, what: str
) -> None:
    with ctx.commit():
        OWNED[what](ctx, newer)
    for _ in range(2):
        with pytest.raises(Conflict, match=f"as AcmeAccount {acme_account.id}; .* has {what}$"):
            account_server.authenticate(ctx, newer)
    assert defaults(ctx) == [newer.id]
    keys = select(AcmeAccountKey.acme_account_id).where(AcmeAccountKey.is_active)
    assert sorted(ctx.db.scalars(keys)) == sorted([acme_account.id, newer.id])


def test_an_account_that_its_ca_takes_for_another_orders_nothing_and_says_why(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, newer: AcmeAccount
) -> None:
    with ctx.commit():
        make.order(ctx.db, acme_account=newer)
    with pytest.raises(Conflict, match="can not become one"):
        orders.new(ctx, wanted(ctx, newer))
    assert ca.asked("/newOrder") == 0
