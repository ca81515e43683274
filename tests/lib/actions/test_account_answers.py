"""What becomes of an account and its keys, whatever its CA says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from peter_sslers.errors import Failed, FieldErrors, SslersError
from peter_sslers.lib.actions import account_key_change, account_server
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeAccountKey

from ..acme_v2.hostile import Say
from .ca import Ca, problem

SOON = (("Retry-After", "0"),)
OVERLOADED = Say(503, b"<h1>Service Unavailable", SOON, "text/html")
LIMITED = replace(problem(429, "rateLimited"), headers=SOON)
REFUSED = problem(400, "malformed")


def change_key(ctx: Context, account: AcmeAccount) -> None:
    key = account.acme_account_key
    assert key is not None
    account_key_change.key_change(ctx, account, key.key_pem_md5)


def keys(ctx: Context) -> list[bool]:
    """Of each key whether it is active."""
    found = ctx.db.scalars(select(AcmeAccountKey).order_by(AcmeAccountKey.id))
    return [bool(key.is_active) for key in found]


def known_by_its_new_key(ca: Ca) -> None:
    ca.says("/newAccount", Say(200, {"status": "valid"}, (("Location", "/acct"),)))


def test_a_key_change_that_is_refused_leaves_no_key(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    ca.says("/keyChange", REFUSED)
    with pytest.raises(FieldErrors, match="malformed"):
        change_key(ctx, acme_account)
    assert keys(ctx) == [True]
    assert acme_account.timestamp_key_change_began is None


@pytest.mark.parametrize(
    "first",
    [problem(400, "badNonce"), LIMITED],
    ids=["a gateway sent it twice", "limited"],
)
def test_a_key_change_that_is_refused_the_second_time_may_be_done(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, first: Say
) -> None:
    ca.says("/keyChange", first, REFUSED)
    with pytest.raises(Failed, match="when the account is next used") as caught:
        change_key(ctx, acme_account)
    assert caught.value.obj is acme_account
    assert ca.asked("/keyChange") == 2
    assert keys(ctx) == [True, False]
    known_by_its_new_key(ca)
    ca.says("/acct", {"status": "valid"})
    account_server.check(ctx, acme_account)
    assert keys(ctx) == [False, True]


def test_a_key_change_that_the_ca_may_have_done_is_asked_for_once(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    ca.says("/keyChange", OVERLOADED, REFUSED)
    with pytest.raises(Failed) as caught:
        change_key(ctx, acme_account)
    assert (caught.value.status, caught.value.retry_after_s) == (503, 0)
    assert ca.asked("/keyChange") == 1
    assert keys(ctx) == [True, False]


def test_a_key_that_the_ca_does_not_know_is_not_taken_for_the_new_one(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    ca.says("/keyChange", Say(200, b"<p>Please log in", content_type="text/html"))
    with pytest.raises(Failed, match="else than JSON"):
        change_key(ctx, acme_account)
    assert keys(ctx) == [True, False]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["mailto:" + "a" * 300 + "@example.com"], "ops@example.com"),
        (["mailto:" + "a" * 300 + "@example.com", "mailto:b@example.com"], "b@example.com"),
    ],
    ids=["alone", "first"],
)
def test_a_contact_that_no_column_takes_is_not_kept(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, said: list[str], kept: str
) -> None:
    ca.says("/acct", {"status": "valid", "contact": said})
    assert account_server.check(ctx, acme_account).contact == tuple(said)
    assert acme_account.contact == kept


@pytest.mark.parametrize("location", ["http://[", "/" + "1" * 2048], ids=["broken", "long"])
def test_an_account_that_lies_nowhere_is_an_error_of_the_ca(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, location: str
) -> None:
    ca.says("/newAccount", Say(200, {"status": "valid"}, (("Location", location),)))
    with pytest.raises(SslersError, match="no URL of an ACME server"):
        account_server.authenticate(ctx, acme_account)
    assert acme_account.account_url == ca.url("/acct")
