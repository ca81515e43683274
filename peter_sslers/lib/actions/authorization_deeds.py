"""What an operator may do with one authorization by hand."""

from __future__ import annotations

import contextlib

from ...errors import InvalidRequest
from ...model import AcmeAuthorization
from ..context import Context
from . import authorizations, leases

REFUSED = "ACME Server Sync is not allowed for this AcmeAuthorization"  # of both: clients know it


def sync(ctx: Context, authorization: AcmeAuthorization) -> None:
    """Read it with its challenges; one that the CA has lost becomes `*404*`. Orders stay."""
    if not authorization.is_can_acme_server_sync:
        raise InvalidRequest(REFUSED)
    authorizations.read(ctx, authorization.acme_order_created, authorization)


def deactivate(ctx: Context, authorization: AcmeAuthorization) -> None:
    """Give the name up at the CA. Raises Busy while an order that waits for it is worked on."""
    waiting = [
        link.acme_order
        for link in authorization.to_acme_orders
        if link.acme_order.acme_status_order in authorizations.WAITING
    ]
    with contextlib.ExitStack() as leased:
        for order in waiting:
            leased.enter_context(leases.held(ctx, order))
        if not authorization.is_can_acme_server_deactivate:
            raise InvalidRequest(REFUSED)
        authorizations.deactivate(ctx, authorization.acme_order_created, authorization)
