"""An order that is marked `invalid` or cancelled while somebody is at it stays so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peter_sslers.enums import OrderStatus, ProcessingStatus, ProcessingStrategy
from peter_sslers.errors import Failed
from peter_sslers.lib import acme_v2
from peter_sslers.lib.actions import (
    authorizations,
    challenges,
    order_finalization,
    order_marks,
    order_processing,
    order_sync,
    orders,
)
from peter_sslers.lib.actions.order_marks import Mark
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeAccount, AcmeOrder

from .ca import Ca, problem, wanted

CANCELLED = {Mark.INVALID: (OrderStatus.INVALID, None), Mark.DEACTIVATE: (None, False)}
MEANWHILE = "was marked `invalid` or cancelled meanwhile"

Meanwhile = Callable[[Any, str, Mark], None]


@pytest.fixture
def meanwhile(other: Context, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have an operator mark the only order as soon as a function has returned."""

    def arrange(module: Any, name: str, mark: Mark) -> None:
        real = getattr(module, name)

        def marked(*args: Any, **more: Any) -> Any:
            said = real(*args, **more)
            monkeypatch.setattr(module, name, real)
            order_marks.mark(other, other.db.get_one(AcmeOrder, 1), mark)
            return said

        monkeypatch.setattr(module, name, marked)

    return arrange


def placed(ctx: Context, ca: Ca, account: AcmeAccount, status: str = "pending") -> AcmeOrder:
    """At a CA that would carry it on."""
    ca.says_of_new_orders("/order/1", ca.order(status))
    ca.says("/authz/1", ca.authorization())
    ca.says("/chall/1", {**ca.authorization()["challenges"][0], "status": "processing"})
    ca.says("/order/1", ca.order("ready"))
    ca.says("/finalize/1", ca.order("processing"))
    return orders.new(ctx, wanted(ctx, account))


def is_as_marked(other: Context, mark: Mark) -> bool:
    order = other.db.get_one(AcmeOrder, 1, populate_existing=True)
    status, is_processing = CANCELLED[mark]
    return order.acme_status_order is (status or order.acme_status_order) and (
        order.is_processing is is_processing
    )


@pytest.mark.parametrize("mark", list(CANCELLED))
@pytest.mark.parametrize(
    ("module", "name"),
    [(challenges, "tell"), (acme_v2.orders, "fetch")],
    ids=["while it waits", "by the answer"],
)
def test_nothing_more_is_asked_of_the_ca(
    ctx: Context,
    other: Context,
    ca: Ca,
    acme_account: AcmeAccount,
    meanwhile: Meanwhile,
    module: Any,
    name: str,
    mark: Mark,
) -> None:
    order = placed(ctx, ca, acme_account)
    meanwhile(module, name, mark)
    with pytest.raises(Failed, match=MEANWHILE):
        order_processing.go_on(ctx, order)
    assert ca.asked("/finalize/1") == 0
    assert is_as_marked(other, mark)
    assert other.db.get_one(AcmeOrder, 1).lease_owner is None


@pytest.mark.parametrize("mark", list(CANCELLED))
def test_a_csr_that_was_made_before_is_not_sent_again(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount, mark: Mark
) -> None:
    order = placed(ctx, ca, acme_account, "ready")
    order_finalization.csr_of(ctx, order)
    order_marks.mark(other, other.db.get_one(AcmeOrder, 1), mark)
    with pytest.raises(Failed, match=MEANWHILE):
        order_finalization.finalize(ctx, order)
    assert ca.asked("/finalize/1") == 0


def test_the_answer_to_finalize_does_not_bring_it_back(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount, meanwhile: Meanwhile
) -> None:
    order = placed(ctx, ca, acme_account, "ready")
    meanwhile(acme_v2.orders, "finalize", Mark.INVALID)
    with pytest.raises(Failed, match=MEANWHILE):
        order_processing.process(ctx, order)
    assert is_as_marked(other, Mark.INVALID)


def test_the_answer_to_new_order_does_not_bring_it_back(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount, meanwhile: Meanwhile
) -> None:
    ca.says_of_new_orders("/order/1", ca.order())
    meanwhile(acme_v2.orders, "new", Mark.INVALID)
    order = orders.new(ctx, wanted(ctx, acme_account, strategy=ProcessingStrategy.PROCESS_SINGLE))
    assert order.order_url == ca.url("/order/1")
    assert is_as_marked(other, Mark.INVALID)
    assert ca.asked("/authz/1") == 0


def test_a_sync_that_was_under_way_does_not_bring_it_back_and_the_next_one_does(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount, meanwhile: Meanwhile
) -> None:
    order = placed(ctx, ca, acme_account)
    meanwhile(acme_v2.orders, "fetch", Mark.INVALID)
    order_sync.sync(ctx, order)
    assert is_as_marked(other, Mark.INVALID)
    order_sync.sync(ctx, order)
    assert order.acme_status_order is OrderStatus.READY


def test_an_order_that_was_cancelled_before_is_processed_by_hand(
    ctx: Context, ca: Ca, acme_account: AcmeAccount
) -> None:
    order = placed(ctx, ca, acme_account)
    order_marks.mark(ctx, order, Mark.DEACTIVATE)
    order_processing.process(ctx, order)
    assert (order.acme_status_order, order.is_processing) == (OrderStatus.READY, False)


def test_an_order_that_another_request_saw_fail_is_cleaned_up_all_the_same(
    ctx: Context,
    other: Context,
    ca: Ca,
    acme_account: AcmeAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = placed(ctx, ca, acme_account)
    ca.says("/order/1", ca.order("invalid"))
    real = challenges.tell

    def tell(*args: Any) -> None:
        real(*args)
        ca.says("/authz/1", ca.authorization("invalid"))
        theirs = other.db.get_one(AcmeOrder, 1)
        authorizations.read(other, theirs, theirs.acme_authorizations[0])
        with other.commit():
            authorizations.fell(other, theirs.acme_authorizations[0])

    monkeypatch.setattr(challenges, "tell", tell)
    with pytest.raises(Failed, match=order_processing.PENDING_FAILED):
        order_processing.go_on(ctx, order)
    assert order.acme_order_processing_status is ProcessingStatus.DEACTIVATED


def test_work_that_fails_leaves_a_cancelled_order_cancelled(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount, meanwhile: Meanwhile
) -> None:
    order = placed(ctx, ca, acme_account)
    ca.says("/order/1", problem(500, "serverInternal"))
    meanwhile(challenges, "tell", Mark.DEACTIVATE)
    with pytest.raises(Failed, match="serverInternal"):
        order_processing.go_on(ctx, order)
    assert is_as_marked(other, Mark.DEACTIVATE)
