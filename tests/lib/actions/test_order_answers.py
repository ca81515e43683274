"""What becomes of an order when its CA refuses, forgets, repeats itself or talks nonsense."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from sqlalchemy import func, select

from peter_sslers.enums import OrderStatus, ProcessingStatus, ProcessingStrategy
from peter_sslers.errors import Failed, InvalidRequest, UpstreamError
from peter_sslers.lib import acme_v2
from peter_sslers.lib.actions import (
    accounts,
    authorizations,
    order_finalization,
    order_marks,
    order_processing,
    order_submission,
    orders,
)
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeAuthorization, AcmeChallenge, AcmeOrder, PrivateKey

from ..acme_v2.hostile import Say
from ..x509.altered import with_serial
from .ca import ORDER_LOST, Ca, problem, wanted, written_down

TEST_DATA = Path(__file__).parents[3] / "test_data"


def placed(ctx: Context, ca: Ca, account: AcmeAccount, status: str = "pending") -> AcmeOrder:
    """An order that the CA has made."""
    ca.says_of_new_orders("/order/1", ca.order(status))
    return orders.new(ctx, wanted(ctx, account))


def same(ctx: Context, order: AcmeOrder) -> AcmeOrder:
    found = ctx.db.get(AcmeOrder, order.id)
    assert found is not None
    return found


def count(ctx: Context, kind: type) -> int:
    return ctx.db.scalar(select(func.count()).select_from(kind)) or 0


# newOrder


def test_an_order_that_is_over_at_once_is_not_being_processed(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account, "invalid")
    assert (order.acme_status_order, order.is_processing) == (OrderStatus.INVALID, None)


def test_an_authorization_that_is_listed_twice_is_one(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    ca.says_of_new_orders("/order/1", ca.order(authorizations=[ca.url("/authz/1")] * 2))
    order = orders.new(ctx, wanted(ctx, acme_account))
    assert len(order.acme_authorizations) == 1


def test_the_url_of_an_order_for_other_names_is_not_taken_for_ours(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    first = placed(ctx, ca, acme_account)
    others = {"b.example.com": orders.ChallengeType.HTTP_01}
    with pytest.raises(Failed, match=f"AcmeOrder {first.id}, which is another") as caught:
        orders.new(ctx, wanted(ctx, acme_account, names=others))
    assert caught.value.obj.id != first.id
    assert caught.value.obj.order_url is None


def test_an_order_that_two_have_sent_keeps_the_first_answer(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    mine = written_down(ctx, wanted(ctx, acme_account))
    assert mine.acme_authorizations == []  # read before the other one stores it
    ca.says_of_new_orders("/order/1", ca.order())
    order_submission.submit(other, same(other, mine))
    ca.says_of_new_orders("/order/2", ca.order())
    assert order_submission.submit(ctx, mine).order_url == ca.url("/order/1")
    assert count(ctx, AcmeAuthorization) == 1


def test_an_account_without_a_key_leaves_no_order_behind(
    ctx: Context, acme_account: AcmeAccount
) -> None:
    with ctx.commit():
        for key in acme_account.acme_account_keys_all:
            key.is_active = None
        ctx.db.flush()
        ctx.db.refresh(acme_account)
    with pytest.raises(InvalidRequest, match="no active key"):
        orders.new(ctx, wanted(ctx, acme_account))
    assert count(ctx, AcmeOrder) == 0


@pytest.mark.parametrize(
    ("location", "change"),
    [("http://[", {}), ("/" + "1" * 2048, {}), ("/order/1", {"replaces": "a" * 300})],
    ids=["broken location", "long location", "long replaces"],
)
def test_what_no_column_takes_is_an_error_of_the_ca(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, location: str, change: dict[str, str]
) -> None:
    ca.says_of_new_orders(location, ca.order(**change))
    with pytest.raises(Failed, match=r"no URL|`replaces`") as caught:
        orders.new(ctx, wanted(ctx, acme_account))
    assert same(ctx, caught.value.obj).order_url is None


def test_a_new_order_that_the_ca_may_have_made_is_sent_once(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    overloaded = Say(503, b"<h1>Service Unavailable", (("Retry-After", "0"),), "text/html")
    second = Say(201, ca.order(), (("Location", "/order/2"),))
    ca.says("/newOrder", overloaded, second)
    with pytest.raises(Failed) as caught:
        orders.new(ctx, wanted(ctx, acme_account))
    assert (caught.value.status, caught.value.retry_after_s) == (503, 0)
    assert ca.asked("/newOrder") == 1
    ca.says("/acct", {"status": "valid", "orders": ca.url("/orders")})
    ca.says("/orders", {"orders": [ca.url("/order/1")]})
    ca.says("/order/1", ca.order())
    order_processing.process(ctx, caught.value.obj)
    assert caught.value.obj.order_url == ca.url("/order/1")
    assert ca.asked("/newOrder") == 1


# resuming an order whose newOrder got lost


def test_a_resumed_order_that_the_ca_refuses_has_failed_and_stays(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = written_down(ctx, wanted(ctx, acme_account))
    ca.says("/newOrder", problem(403, "rejectedIdentifier"))
    with pytest.raises(Failed, match="rejectedIdentifier") as caught:
        order_processing.process(ctx, order)
    assert caught.value.obj is same(ctx, order)
    assert (order.acme_status_order, order.is_processing) == (OrderStatus.INVALID, None)


def test_a_resumed_order_waits_on_while_the_ca_wants_to_be_left_alone(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = written_down(ctx, wanted(ctx, acme_account))
    ca.says("/newOrder", problem(429, "rateLimited"))
    with pytest.raises(Failed, match="rateLimited"):
        order_processing.process(ctx, order)
    assert order.acme_status_order is OrderStatus.PENDING


def test_a_resumed_order_that_we_have_already_is_told(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    lost = written_down(ctx, wanted(ctx, acme_account))
    kept = placed(ctx, ca, acme_account)
    with pytest.raises(Failed, match=f"the same as AcmeOrder {kept.id}") as caught:
        order_processing.process(ctx, lost)
    assert caught.value.obj is kept
    assert count(ctx, AcmeOrder) == 1


def test_a_marked_order_that_we_have_already_is_told_too(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    kept = placed(ctx, ca, acme_account)
    lost = written_down(ctx, wanted(ctx, acme_account))
    order_marks.mark(ctx, lost, order_marks.Mark.RENEW_MANUAL)
    with pytest.raises(Failed, match=f"the same as AcmeOrder {kept.id}"):
        order_processing.process(ctx, lost)
    assert ctx.db.scalars(select(AcmeOrder)).all() == [kept]


def test_a_marked_order_that_the_ca_refuses_leaves_no_row(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = written_down(ctx, wanted(ctx, acme_account))
    order_marks.mark(ctx, order, order_marks.Mark.RENEW_MANUAL)
    ca.says("/newOrder", problem(403, "rejectedIdentifier"))
    with pytest.raises(UpstreamError, match="rejectedIdentifier"):
        order_submission.submit(ctx, order)
    assert count(ctx, AcmeOrder) == 0


def test_no_second_order_is_made_while_the_list_of_orders_is_too_long(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest ones come last, or first: nobody says which."""
    monkeypatch.setattr(acme_v2.accounts, "PAGES", 2)
    order = written_down(ctx, wanted(ctx, acme_account))
    ca.says("/acct", {"status": "valid", "orders": ca.url("/orders/1")})
    for page in (1, 2):
        following = (("Link", f'</orders/{page + 1}>;rel="next"'),)
        ca.says(f"/orders/{page}", Say(200, {"orders": [ca.url(f"/order/{page}")]}, following))
    with pytest.raises(Failed, match="over 2 pages"):
        order_processing.process(ctx, order)
    assert ca.asked("/newOrder") == 0
    assert order.acme_status_order is OrderStatus.PENDING
    ca.says("/orders/2", {"orders": [ca.url("/order/2")]})
    ca.says("/order/2", ca.order())
    order_processing.process(ctx, order)
    assert order.order_url == ca.url("/order/2")


def test_an_unreadable_order_in_the_list_does_not_hide_the_lost_one(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = written_down(ctx, wanted(ctx, acme_account))
    ca.says("/acct", {"status": "valid", "orders": ca.url("/orders")})
    ca.says("/orders", {"orders": [ca.url("/order/1"), ca.url("/order/2")]})
    ca.says("/order/1", ca.order())
    ca.says("/order/2", ORDER_LOST)
    order_processing.process(ctx, order)
    assert order.order_url == ca.url("/order/1")


# authorizations


def test_two_that_read_an_authorization_store_its_challenge_once(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account)
    ca.says("/authz/1", ca.authorization())
    (mine,) = order.acme_authorizations
    assert mine.acme_challenges == []  # read before the other one stores it
    theirs = same(other, order)
    authorizations.read(other, theirs, theirs.acme_authorizations[0])
    authorizations.read(ctx, order, mine)
    assert count(ctx, AcmeChallenge) == 1
    assert [c.token for c in mine.acme_challenges] == ["token"]


def test_one_challenge_for_two_authorizations_is_a_bad_answer(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    both = [ca.url("/authz/1"), ca.url("/authz/2")]
    ca.says_of_new_orders("/order/1", ca.order(authorizations=both))
    order = orders.new(ctx, wanted(ctx, acme_account))
    first, second = order.acme_authorizations
    ca.says("/authz/1", ca.authorization())
    ca.says("/authz/2", ca.authorization())
    authorizations.read(ctx, order, first)
    with pytest.raises(UpstreamError, match="contradicts"):
        authorizations.read(ctx, order, second)


def test_a_challenge_that_is_listed_twice_is_one(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account)
    listed = ca.authorization()["challenges"] * 2
    ca.says("/authz/1", ca.authorization(challenges=listed))
    authorizations.read(ctx, order, order.acme_authorizations[0])
    assert count(ctx, AcmeChallenge) == 1


def test_an_authorization_for_a_name_of_another_order_is_not_answered(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    written_down(
        ctx, wanted(ctx, acme_account, names={"b.example.com": orders.ChallengeType.HTTP_01})
    )
    order = placed(ctx, ca, acme_account)
    ca.says("/authz/1", ca.authorization(identifier={"type": "dns", "value": "b.example.com"}))
    authorizations.read(ctx, order, order.acme_authorizations[0])
    assert count(ctx, AcmeChallenge) == 0


# finalize


def test_a_second_process_sends_the_first_one_s_csr(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account, "ready")
    assert order.certificate_request is None  # read before the other one stores it
    theirs = order_finalization.csr_of(other, same(other, order))
    mine = order_finalization.csr_of(ctx, order)
    assert mine.id == theirs.id
    assert order.private_key.id == theirs.private_key_id
    assert count(ctx, PrivateKey) == 2  # the placeholder, and one


def test_a_refused_csr_that_ends_the_order_is_recorded(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account, "ready")
    ca.says("/finalize/1", problem(403, "caa"))
    ca.says("/order/1", ca.order("invalid"))
    with pytest.raises(Failed, match="caa"):
        order_processing.process(ctx, order)
    assert order.acme_status_order is OrderStatus.INVALID
    assert order.acme_order_processing_status is ProcessingStatus.COMPLETED_FAILURE
    assert order.error == "caa: so it is"


def test_a_refused_csr_that_may_be_sent_again_leaves_the_order_ready(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account, "ready")
    ca.says("/finalize/1", problem(429, "rateLimited"))
    ca.says("/order/1", ca.order("ready"))
    with pytest.raises(Failed, match="rateLimited"):
        order_processing.process(ctx, order)
    assert order.acme_status_order is OrderStatus.READY


@pytest.mark.parametrize("status", ["ready", "processing"])
def test_an_order_that_the_ca_has_lost_is_404(
    ctx: Context, ca: Ca, acme_account: AcmeAccount, status: str
) -> None:
    order = placed(ctx, ca, acme_account, status)
    ca.says("/finalize/1", ORDER_LOST)
    ca.says("/order/1", ORDER_LOST)
    # Waiting for an order that is gone tells its status; finalizing it has failed.
    with pytest.raises(Failed) if status == "ready" else contextlib.nullcontext():
        order_processing.process(ctx, order)
    assert (order.acme_status_order, order.is_processing) == (OrderStatus.GONE, None)


def test_a_ca_that_leads_in_circles_is_not_followed(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account, "ready")
    ca.says("/finalize/1", ca.order("pending"))
    ca.says("/order/1", ca.order("ready"))
    ca.says("/authz/1", ca.authorization("valid"))
    order_processing.carry_through(ctx, order)
    assert ca.asked("/finalize/1") == 1
    assert order.is_processing is None


def test_a_certificate_that_nobody_asked_for_is_not_ours(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    issued = ca.order("valid", certificate=ca.url("/cert/1"))
    ca.says_of_new_orders("/order/1", issued)
    pem = (TEST_DATA / "certificates" / "ec256.pem").read_bytes()
    ca.says("/cert/1", Say(body=pem, content_type="application/pem-certificate-chain"))
    with pytest.raises(Failed, match="never had a CSR") as caught:
        orders.new(ctx, wanted(ctx, acme_account, strategy=ProcessingStrategy.PROCESS_SINGLE))
    assert caught.value.obj.is_processing is None


def test_a_certificate_whose_serial_number_no_column_takes_is_an_error_of_the_ca(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    ca.says_of_new_orders("/order/1", ca.order("valid", certificate=ca.url("/cert/1")))
    pem = with_serial((TEST_DATA / "certificates" / "ec256.pem").read_text(), 2**400)
    ca.says("/cert/1", Say(body=pem.encode(), content_type="application/pem-certificate-chain"))
    with pytest.raises(Failed, match="serial number is longer than 32 bytes"):
        orders.new(ctx, wanted(ctx, acme_account, strategy=ProcessingStrategy.PROCESS_SINGLE))


# what the CA says of why


def test_the_order_s_own_error_is_kept(ctx: Context, ca: Ca, acme_account: AcmeAccount) -> None:
    order = placed(ctx, ca, acme_account, "processing")
    error = {"type": "urn:ietf:params:acme:error:caa", "detail": "issuance is forbidden"}
    ca.says("/order/1", ca.order("invalid", error=error))
    ca.says("/authz/1", ca.authorization("valid"))
    with pytest.raises(Failed):
        order_processing.process(ctx, order)
    assert order.error == "caa: issuance is forbidden"


# accounts


def test_the_key_of_an_account_that_may_exist_is_kept(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    ca.says("/newAccount", problem(500, "serverInternal"))
    new = accounts.NewAccount(acme_account.acme_account_provider, "second@example.com")
    with pytest.raises(Failed) as caught:
        accounts.new(ctx, new)
    assert caught.value.obj.acme_account_key.key_pem
    assert count(ctx, AcmeAccount) == 2
