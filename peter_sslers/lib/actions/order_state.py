"""What the CA says of an order, and what follows from it, put into the rows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from ...enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeStatus,
    OrderStatus,
    ProcessingStatus,
)
from ...errors import Conflict, Failed, SslersError
from ...model import AcmeOrder
from ...model.acme_order import ENDED
from .. import acme_v2
from ..context import Context
from ..journal import Subject
from . import rate_limits
from .order_steps import open_authorizations
from .races import commit_anew

T = TypeVar("T")

# An order in one of these has proved its names.
PROVED = {OrderStatus.READY, OrderStatus.VALID, OrderStatus.PROCESSING}


def unless_given_up(ctx: Context, order: AcmeOrder, work: Callable[[], T]) -> T | None:
    """Do it in a commit, with the order as it is now.

    None, and nothing is done, when somebody has marked the order `invalid` or cancelled it since we
    looked last: what the CA said meanwhile does not bring it back.
    """
    before = order.acme_status_order, order.is_processing

    def in_commit() -> T | None:
        now = order.acme_status_order, order.is_processing
        is_over = order.acme_status_order is OrderStatus.INVALID or order.is_processing is False
        return None if is_over and now != before else work()

    return commit_anew(ctx, in_commit, fresh=order)


def at_work(ctx: Context, order: AcmeOrder, work: Callable[[], T]) -> T:
    """As `unless_given_up`, for steps that lead to a certificate: else it is Failed."""
    done = unless_given_up(ctx, order, work)
    if done is None:
        raise Failed(
            f"AcmeOrder {order.id} was marked `invalid` or cancelled meanwhile",
            order,
            Conflict.status,
        )
    return done


def store_order(ctx: Context, order: AcmeOrder, said: acme_v2.Order) -> acme_v2.Order:
    """Take over what the CA says of an order, and what follows of its names; inside a commit."""
    set_status(ctx, order, said.status)
    order.finalize_url = said.finalize or order.finalize_url
    order.certificate_url = said.certificate or order.certificate_url
    order.timestamp_expires = said.expires or order.timestamp_expires
    if said.status in PROVED:
        derive_valid(ctx, order)
    return said


def set_status(ctx: Context, order: AcmeOrder, status: OrderStatus) -> None:
    if order.acme_status_order is not status:
        order.acme_status_order = status
        order.timestamp_updated = ctx.clock()
    if status in ENDED and order.is_processing:
        order.is_processing = None
    if status is OrderStatus.VALID and order.timestamp_finalized is None:
        order.timestamp_finalized = ctx.clock()


def derive_valid(ctx: Context, order: AcmeOrder) -> None:
    """A `ready` order has only valid authorizations (RFC 8555 section 7.1.6): no need to ask."""
    for authorization in open_authorizations(order):
        if authorization.acme_status_authorization is AuthorizationStatus.DISCOVERED:
            continue  # never read: we know no domain and no challenge of it yet
        authorization.acme_status_authorization = AuthorizationStatus.VALID
        authorization.timestamp_updated = ctx.clock()
        for challenge in authorization.acme_challenges:
            if challenge.acme_status_challenge is ChallengeStatus.PROCESSING:
                challenge.acme_status_challenge = ChallengeStatus.VALID
                challenge.timestamp_updated = ctx.clock()
                ctx.journal.note(
                    Subject(
                        AcmeEvent.CHALLENGE_PASS,
                        order.acme_account,
                        order,
                        authorization,
                        challenge,
                    )
                )


def fail(ctx: Context, order: AcmeOrder, error: str) -> None:
    """The order can not succeed any more; in a commit of its own."""
    with ctx.commit():
        set_status(ctx, order, OrderStatus.INVALID)
        order.is_processing = None
        order.error = error
        order.acme_order_processing_status = ProcessingStatus.COMPLETED_FAILURE


@contextlib.contextmanager
def asked_for(ctx: Context, order: AcmeOrder) -> Iterator[None]:
    """Around a request for the order itself: one that the CA does not know any more is `*404*`."""
    try:
        yield
    except acme_v2.Gone:
        with ctx.commit():
            set_status(ctx, order, OrderStatus.GONE)
        raise


@contextlib.contextmanager
def asking(ctx: Context, order: AcmeOrder) -> Iterator[None]:
    """As `reported`, around what asks the CA: not while it wants to be left alone."""
    with reported(ctx, order):
        rate_limits.require_none_for(ctx, order)
        yield


@contextlib.contextmanager
def reported(ctx: Context, order: AcmeOrder) -> Iterator[None]:
    """What goes wrong is kept with the order and told together with it."""
    try:
        yield
    except Failed:
        raise
    except SslersError as exc:
        with ctx.commit():
            order.error = str(exc)
        raise rate_limits.failed(order, exc) from exc
