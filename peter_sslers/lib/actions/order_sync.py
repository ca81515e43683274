"""What the CA says of orders now, and what an operator may do with one by hand."""

from __future__ import annotations

from ...enums import AcmeEvent, OrderStatus
from ...errors import InvalidRequest
from ...model import AcmeOrder
from .. import acme_v2
from ..context import Context
from ..journal import Subject
from . import order_finalization
from .acme import client_of
from .order_state import derive_valid, reported, set_status, store_order


def sync(ctx: Context, order: AcmeOrder) -> None:
    """POST-as-GET the order and store its status. One that the CA lost becomes `*404*`."""
    if not order.is_can_acme_server_sync:
        raise InvalidRequest("ACME Server Sync is not allowed for this AcmeOrder")
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(Subject(AcmeEvent.ORDER_LOCATION, order.acme_account, order))
    try:
        said = acme_v2.orders.fetch(client, order.order_url or "")
    except acme_v2.Gone:
        with ctx.commit():
            set_status(ctx, order, OrderStatus.GONE)
        return
    with ctx.commit():
        store_order(ctx, order, said)
        if said.status in {OrderStatus.READY, OrderStatus.VALID, OrderStatus.PROCESSING}:
            derive_valid(ctx, order)


def finalize(ctx: Context, order: AcmeOrder) -> None:
    """`acme-finalize`: for an order that is `ready`."""
    if not order.is_can_acme_finalize:
        raise InvalidRequest("ACME Finalize is not allowed for this AcmeOrder")
    with reported(ctx, order):
        order_finalization.finalize(ctx, order)


def download(ctx: Context, order: AcmeOrder) -> None:
    """`acme-server/download-certificate`: for a valid order without a certificate."""
    if not order.is_can_acme_server_download_certificate:
        raise InvalidRequest("This AcmeOrder is not eligible for download")
    with reported(ctx, order):
        order_finalization.download(ctx, order)
