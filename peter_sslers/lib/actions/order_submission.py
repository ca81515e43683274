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
    ProcessingStrategy,
)
from ...errors import Conflict, Failed, UpstreamError
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
from ..store import events
from . import leases, profiles, rate_limits, renewal_info
from .acme import client_of, stored
from .order_state import fail, set_status, store_order

log = logging.getLogger(__name__)

# How many of the account's newest orders are read to find one whose newOrder answer was lost.
LOOK_BACK = 25


def submit(ctx: Context, order: AcmeOrder) -> AcmeOrder:
    """Send newOrder (RFC 8555 section 7.4) for an order that is only a row yet.

    Returns the order, or the one of ours that the CA holds to be the same; then the row goes. A
    refusal removes it, too. When the answer was lost the row stays: what became of it is found out
    by the next `acme-process`.
    """
    try:
        return send(ctx, order)
    except UpstreamError as exc:
        refused = is_refusal(exc)
        with ctx.commit():
            if refused:
                forget(ctx, order)
            else:
                order.error = str(exc)
        if refused:
            raise
        raise rate_limits.failed(order, exc) from exc


def is_refusal(exc: UpstreamError) -> bool:
    """The CA has said no; after any other error nobody knows whether it has made the order.

    A limit is no refusal: the order is sent again when the CA wants to hear of it.
    """
    is_limit = isinstance(exc, acme_v2.RateLimited)
    return isinstance(exc, acme_v2.Problem) and exc.is_no and not is_limit


def send(ctx: Context, order: AcmeOrder) -> AcmeOrder:
    """newOrder; of a renewal with what it replaces, and without if the CA does not like that."""
    client = client_of(ctx, order.acme_account)
    replaces = renewal_info.replaced_by(ctx, order)
    try:
        answer = ask(ctx, client, order, replaces)
    except acme_v2.Problem as exc:
        if replaces is None or not renewal_info.is_refused(exc):
            raise
        log.info("AcmeOrder %s is sent again without `replaces`: %s", order.id, exc)
        replaces = None
        answer = ask(ctx, client, order, None)
    return stored(ctx, lambda: store(ctx, order, answer, replaces), fresh=order)


def ask(
    ctx: Context, client: acme_v2.Client, order: AcmeOrder, replaces: str | None
) -> acme_v2.Order:
    ctx.journal.asking(Subject(AcmeEvent.NEW_ORDER, order.acme_account, order))
    names = order.domains_as_list
    return acme_v2.orders.new(client, names, profile=profiles.sent(order), replaces=replaces)


def store(
    ctx: Context, order: AcmeOrder, answer: acme_v2.Order, replaces: str | None = None
) -> AcmeOrder:
    """Take over what the CA has made of our newOrder; inside a commit that has read `order`."""
    if order.order_url is not None:
        log.warning("AcmeOrder %s was sent by two; %s is not used", order.id, answer.url)
        return order
    found = ctx.db.scalar(select(AcmeOrder.id).where(AcmeOrder.order_url == answer.url))
    if found is None:
        order.replaces = answer.replaces or replaces
        accepted(ctx, order, answer)
        return order
    known = ctx.db.get_one(AcmeOrder, found)
    if not is_same(known, order):
        raise acme_v2.BadAnswer(f"newOrder gave the URL of AcmeOrder {known.id}, which is another")
    forget(ctx, order)
    again(ctx, known, answer)
    return known


def is_same(known: AcmeOrder, order: AcmeOrder) -> bool:
    """Of the same account for the same names."""
    same_account = known.acme_account_id == order.acme_account_id
    return same_account and known.unique_fqdn_set_id == order.unique_fqdn_set_id


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
    if order.acme_status_order is not OrderStatus.INVALID:  # else it was marked so meanwhile
        set_status(ctx, order, answer.status)
    order.error = None
    ctx.db.add(AcmeOrderSubmission(acme_order=order, timestamp_created=ctx.now))
    if order.acme_order_processing_strategy is not ProcessingStrategy.PROCESS_SINGLE:
        leases.release(ctx, order)  # its work ends here


def link_authorizations(
    ctx: Context, order: AcmeOrder, urls: Iterable[str], *, on_new_order: bool | None
) -> None:
    """Tie an order to its authorizations; a CA may hand out one that another order has."""
    urls = list(dict.fromkeys(urls))
    query = select(AcmeAuthorization).where(AcmeAuthorization.authorization_url.in_(urls))
    with ctx.db.no_autoflush:  # what is new of the order is not what they look for
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
            acme_challenges=[],  # not looked up then
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
    events.forget_object(ctx, order)  # it may have been marked
    ctx.db.execute(
        delete(AcmeOrder2AcmeChallengeTypeSpecific).where(
            AcmeOrder2AcmeChallengeTypeSpecific.acme_order_id == order.id
        )
    )
    ctx.db.delete(order)
    ctx.db.flush()


def resume(ctx: Context, order: AcmeOrder) -> None:
    """Submit an order whose process died before we learned what the CA said to newOrder.

    If the CA lists the account's orders (RFC 8555 section 7.1.2.1) and one of the newest is for
    the same names and unknown to us, that is the one; else it is sent again, to which a CA may
    answer with the order that it made the first time. A refusal ends the order. Raises Failed with
    the order of ours that took its place, if there is one.
    """
    found = lost_answer(ctx, order)
    if found is not None:
        stored(ctx, lambda: store(ctx, order, found), fresh=order)
        return
    try:
        known = send(ctx, order)
    except UpstreamError as exc:
        if is_refusal(exc):
            fail(ctx, order, str(exc))
        raise
    if known is not order:
        raise Failed(
            f"The CA holds AcmeOrder {order.id} to be the same as AcmeOrder {known.id}, which "
            "stays.",
            known,
            Conflict.status,
        )


def lost_answer(ctx: Context, order: AcmeOrder) -> acme_v2.Order | None:
    """The order at the CA that we know nothing of; None if there is none, or no list of them.

    Raises UpstreamError while that can not be found out: a second order would be worse.
    """
    client = client_of(ctx, order.acme_account)
    wanted = set(order.domains_as_list)
    try:
        urls = list(acme_v2.accounts.orders(client))[-LOOK_BACK:]
    except acme_v2.Problem as exc:
        if not is_refusal(exc):
            raise
        log.info("no list of orders: %s", exc)  # most CAs keep none
        return None
    known = set(ctx.db.scalars(select(AcmeOrder.order_url).where(AcmeOrder.order_url.in_(urls))))
    for url in reversed(urls):
        if url in known:
            continue
        try:
            found = acme_v2.orders.fetch(client, url)
        except acme_v2.Problem as exc:
            if not is_refusal(exc):
                raise
            log.info("an order in the list can not be read: %s", exc)
            continue
        alive = found.status in {OrderStatus.PENDING, OrderStatus.READY}
        if alive and {i.value for i in found.identifiers} == wanted:
            return found
    return None
