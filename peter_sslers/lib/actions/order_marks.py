"""What an operator sets on an order by hand; the CA is not told."""

from __future__ import annotations

from enum import StrEnum

from ...enums import OperationsEventType, OrderStatus
from ...errors import InvalidRequest
from ...model import AcmeOrder
from ..context import Context
from ..store import events
from .order_state import set_status


class Mark(StrEnum):
    INVALID = "invalid"
    DEACTIVATE = "deactivate"
    RENEW_AUTO = "renew_auto"
    RENEW_MANUAL = "renew_manual"


EVENT = {
    Mark.RENEW_AUTO: OperationsEventType.ACME_ORDER_MARK_RENEW_AUTO,
    Mark.RENEW_MANUAL: OperationsEventType.ACME_ORDER_MARK_RENEW_MANUAL,
}


def mark(ctx: Context, order: AcmeOrder, to: Mark) -> None:
    """Give an order up, stop it, or say whether it is renewed. Raises InvalidRequest."""
    with ctx.commit(fresh=order):
        if reason := refusal(order, to):
            raise InvalidRequest(reason)
        match to:
            case Mark.INVALID:
                set_status(ctx, order, OrderStatus.INVALID)
            case Mark.DEACTIVATE:
                order.is_processing = False
            case Mark.RENEW_AUTO:
                order.is_auto_renew = True
            case Mark.RENEW_MANUAL:
                order.is_auto_renew = False
        order.timestamp_updated = ctx.now
        if kind := EVENT.get(to):
            event = events.record(ctx, kind)
            events.describe(event, {"acme_order.id": order.id})
            events.record_object(ctx, event, kind, order)


def refusal(order: AcmeOrder, to: Mark) -> str | None:
    """Why a mark is refused, in the words that clients know, or None."""
    match to:
        case Mark.INVALID if not order.is_can_mark_invalid:
            return "Can not mark this order as 'invalid'."
        case Mark.DEACTIVATE if not order.is_processing:
            return "This `AcmeOrder` is not processing."
        case Mark.RENEW_AUTO if order.is_auto_renew:
            return "Can not mark this `AcmeOrder` for renewal."
        case Mark.RENEW_MANUAL if not order.is_auto_renew:
            return "Can not unmark this `AcmeOrder` for renewal."
    return None
