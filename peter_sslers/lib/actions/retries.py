"""What an order began as that is a retry, or a retry of a retry."""

from __future__ import annotations

from ...model import AcmeOrder


def first_try(order: AcmeOrder) -> AcmeOrder:
    """The order that was tried again until it was this one; itself if it is no retry."""
    while (before := order.acme_order__retry_of) is not None:
        order = before
    return order


def renewed_by(order: AcmeOrder) -> AcmeOrder | None:
    """The order that this one is the renewal of; the retry of a renewal is one, too."""
    return first_try(order).acme_order__renewal_of
