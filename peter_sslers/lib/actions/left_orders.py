"""Orders for one name that somebody has left behind: his process died, or the CA was too slow."""

from __future__ import annotations

from ...enums import OrderType, ProcessingStrategy
from ...model import AcmeOrder
from ..context import Context
from ..store import acme_orders, unique_fqdn_sets
from . import leases, order_processing


def left(ctx: Context, name: str, kind: OrderType) -> AcmeOrder | None:
    """The newest order for the name alone, if it can be gone on with and was to be done at once."""
    fqdns = unique_fqdn_sets.find(ctx.db, [name])
    if fqdns is None:
        return None
    newest = acme_orders.of_unique_fqdn_set(fqdns).order_by(AcmeOrder.id.desc()).limit(1)
    order = ctx.db.scalar(newest)
    if order is None or not _is_whole(order, kind) or not order.is_can_acme_process:
        return None
    expires = order.timestamp_expires
    return order if expires is None or expires > ctx.now else None


def _is_whole(order: AcmeOrder, kind: OrderType) -> bool:
    """And not cancelled by the operator."""
    is_whole = order.acme_order_processing_strategy is ProcessingStrategy.PROCESS_SINGLE
    return is_whole and order.acme_order_type is kind and order.is_processing is not False


def go_on(ctx: Context, order: AcmeOrder) -> AcmeOrder:
    """Raises Busy while somebody works on it."""
    with leases.held(ctx, order):
        order_processing.carry_through(ctx, order)
    return order
