"""What the CA says of orders now, and what an operator may do with one by hand."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from sqlalchemy import select

from ...enums import AcmeEvent
from ...errors import InvalidRequest, SslersError
from ...model import AcmeOrder
from ...model.acme_order import ACTIVE
from .. import acme_v2
from ..context import Context
from ..journal import Subject
from . import leases, order_finalization
from .acme import client_of
from .order_state import asked_for, asking, store_order, unless_given_up

log = logging.getLogger(__name__)

NO_SYNC = "ACME Server Sync is not allowed for this AcmeOrder"


def sync(ctx: Context, order: AcmeOrder) -> None:
    """POST-as-GET the order and store its status. One that the CA lost becomes `*404*`."""
    with leases.held(ctx, order):
        read(ctx, order)


def read(ctx: Context, order: AcmeOrder) -> acme_v2.Order | None:
    """As `sync`, for who holds the order; what the CA said, None when it knows nothing of it."""
    if not order.is_can_acme_server_sync:
        raise InvalidRequest(NO_SYNC)
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(Subject(AcmeEvent.ORDER_LOCATION, order.acme_account, order))
    try:
        with asked_for(ctx, order):
            said = acme_v2.orders.fetch(client, order.order_url or "")
    except acme_v2.Gone:
        return None
    unless_given_up(ctx, order, lambda: store_order(ctx, order, said))
    return said


@dataclass
class Synced:
    """The ids of the orders that were synced, and of those that could not be."""

    success: list[int] = field(default_factory=list)
    error: list[int] = field(default_factory=list)


def sync_active(ctx: Context) -> Synced:
    """Sync every active order, each with commits of its own; errors are only collected.

    Of a CA that does not answer, or that asks us to slow down, the other orders are left alone.
    """
    found = Synced()
    silent: set[int] = set()
    query = select(AcmeOrder).where(AcmeOrder.acme_status_order.in_(ACTIVE)).order_by(AcmeOrder.id)
    for order in ctx.db.scalars(query).all():
        provider = order.acme_account.acme_account_provider_id
        try:
            if provider in silent:
                raise acme_v2.Unreachable("the CA did not answer before")
            sync(ctx, order)
            found.success.append(order.id)
        except SslersError as exc:
            log.info("AcmeOrder %s is not synced: %s", order.id, exc)
            found.error.append(order.id)
            if isinstance(exc, acme_v2.Unreachable | acme_v2.RateLimited):
                silent.add(provider)
    return found


def finalize(ctx: Context, order: AcmeOrder) -> None:
    """`acme-finalize`: for an order that is `ready`."""
    with leases.held(ctx, order):
        if not order.is_can_acme_finalize:
            raise InvalidRequest("ACME Finalize is not allowed for this AcmeOrder")
        with asking(ctx, order):
            order_finalization.finalize(ctx, order)


def download(ctx: Context, order: AcmeOrder) -> None:
    """`acme-server/download-certificate`: for a valid order without a certificate."""
    with leases.held(ctx, order):
        if not order.is_can_acme_server_download_certificate:
            raise InvalidRequest("This AcmeOrder is not eligible for download")
        with asking(ctx, order):
            order_finalization.download(ctx, order)
