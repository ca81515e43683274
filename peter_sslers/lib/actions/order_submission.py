"""newOrder: sending an order that is only a row, and finding it again when the answer was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import delete, select

from ...enums import (
    AcmeEvent,
    AuthorizationStatus,
    OrderStatus,
    ProcessingStatus,
)
from ...errors import Failed, UpstreamError
from ...model import (
    AcmeAuthorization,
    AcmeEventLog,
    AcmeOrder,
    AcmeOrder2AcmeAuthorization,
    AcmeOrder2AcmeChallengeTypeSpecific,
    AcmeOrderSubmission,
)
from .. import acme_v2
from ..context import Context
from ..journal import Subject
from .acme import client_of
from .order_state import store_order

log = logging.getLogger(__name__)

# How many of the account's newest orders are read to find one whose newOrder answer was lost.
LOOK_BACK = 25


def submit(ctx: Context, order: AcmeOrder) -> AcmeOrder:
    """Send newOrder (RFC 8555 section 7.4) for an order that is only a row yet.

    A refusal removes the row again. When the answer was lost the row stays: what became of it is
    found out by the next `acme-process`.
    """
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(Subject(AcmeEvent.NEW_ORDER, order.acme_account, order))
    names = order.domains_as_list
    try:
        answer = acme_v2.orders.new(client, names, profile=order.profile)
    except UpstreamError as exc:
        refused = isinstance(exc, acme_v2.Problem) and exc.code < 500
        with ctx.commit():
            if refused:
                forget(ctx, order)
            else:
                order.error = str(exc)
        if refused:
            raise
        raise Failed(str(exc), order, exc.status) from exc
    with ctx.commit():
        known = ctx.db.scalar(select(AcmeOrder).where(AcmeOrder.order_url == answer.url))
        if known is None:
            accepted(ctx, order, answer)
        else:
            forget(ctx, order)
            again(ctx, known, answer)
    return known or order


def accepted(ctx: Context, order: AcmeOrder, answer: acme_v2.Order) -> None:
    """Store what newOrder said: the order's URLs, and its authorizations' as yet unread."""
    event_log_id = ctx.journal.written_now(ctx.db)
    link_authorizations(ctx, order, answer.authorizations, on_new_order=True)
    order.acme_event_log_id = event_log_id
    order.order_url = answer.url
    order.finalize_url = answer.finalize
    order.certificate_url = answer.certificate
    order.timestamp_expires = answer.expires
    order.timestamp_updated = ctx.now
    order.acme_order_processing_status = ProcessingStatus.CREATED_ACME
    order.acme_status_order = answer.status
    order.error = None
    ctx.db.add(AcmeOrderSubmission(acme_order=order, timestamp_created=ctx.now))


def link_authorizations(
    ctx: Context, order: AcmeOrder, urls: Iterable[str], *, on_new_order: bool | None
) -> None:
    """Tie an order to its authorizations; a CA may hand out one that another order has."""
    urls = list(urls)
    query = select(AcmeAuthorization).where(AcmeAuthorization.authorization_url.in_(urls))
    known = {a.authorization_url: a for a in ctx.db.scalars(query)}
    tied = {a.authorization_url for a in order.acme_authorizations}
    for url in urls:
        if url in tied:
            continue
        authorization = known.get(url) or AcmeAuthorization(
            authorization_url=url,
            timestamp_created=ctx.now,
            acme_status_authorization=AuthorizationStatus.DISCOVERED,
            acme_order_created=order,
        )
        order.to_acme_authorizations.append(
            AcmeOrder2AcmeAuthorization(
                acme_authorization=authorization, is_present_on_new_order=on_new_order
            )
        )


def again(ctx: Context, known: AcmeOrder, answer: acme_v2.Order) -> None:
    """The CA answered newOrder with an order that it had given us before."""
    log.info("newOrder gave AcmeOrder %s again: %s", known.id, answer.url)
    ctx.db.add(AcmeOrderSubmission(acme_order=known, timestamp_created=ctx.now))
    store_order(ctx, known, answer)


def forget(ctx: Context, order: AcmeOrder) -> None:
    """Remove an order that never came to be. Its log rows stay, without it."""
    ctx.journal.moved("acme_order_id", order.id, None)
    for row in ctx.db.scalars(select(AcmeEventLog).where(AcmeEventLog.acme_order_id == order.id)):
        row.acme_order_id = None
    ctx.db.flush()
    ctx.db.execute(
        delete(AcmeOrder2AcmeChallengeTypeSpecific).where(
            AcmeOrder2AcmeChallengeTypeSpecific.acme_order_id == order.id
        )
    )
    ctx.db.delete(order)
    ctx.db.flush()


def resume(ctx: Context, order: AcmeOrder) -> AcmeOrder:
    """Submit an order whose process died before we learned what the CA said to newOrder.

    If the CA lists the account's orders (RFC 8555 section 7.1.2.1) and one of the newest is for
    the same names and unknown to us, that is the one; else it is sent again, to which a CA may
    answer with the order that it made the first time.
    """
    found = lost_answer(ctx, order)
    if found is None:
        return submit(ctx, order)
    with ctx.commit():
        accepted(ctx, order, found)
    return order


def lost_answer(ctx: Context, order: AcmeOrder) -> acme_v2.Order | None:
    client = client_of(ctx, order.acme_account)
    wanted = set(order.domains_as_list)
    try:
        urls = list(acme_v2.accounts.orders(client))[-LOOK_BACK:]
    except UpstreamError as exc:  # most CAs keep no such list
        log.info("no list of orders: %s", exc)
        return None
    known = set(ctx.db.scalars(select(AcmeOrder.order_url).where(AcmeOrder.order_url.in_(urls))))
    for url in reversed(urls):
        if url in known:
            continue
        found = acme_v2.orders.fetch(client, url)
        alive = found.status in {OrderStatus.PENDING, OrderStatus.READY}
        if alive and {i.value for i in found.identifiers} == wanted:
            return found
    return None
