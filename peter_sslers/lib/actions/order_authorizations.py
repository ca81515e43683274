"""All authorizations of an order at once: what the CA says of them, and giving them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...enums import ProcessingStatus
from ...errors import Failed, InvalidRequest, UpstreamError
from ...model import AcmeAuthorization, AcmeOrder
from .. import acme_v2
from ..context import Context
from . import authorizations, leases, order_sync
from .acme import stored
from .order_submission import link_authorizations

NO_DEACTIVATION = "ACME Server Deactivate Authorizations is not allowed for this AcmeOrder"

Do = Callable[[Context, AcmeOrder, AcmeAuthorization], None]


def sync(ctx: Context, order: AcmeOrder) -> None:
    """Sync the order, then each of its authorizations, those too that are new to us.

    Of an order that the CA has lost the known ones are read all the same. Raises Failed with the
    order when some can not be read; the others are.
    """
    with leases.held(ctx, order):
        said = order_sync.read(ctx, order)
        known = {a.authorization_url for a in order.acme_authorizations}
        if said is not None and not known.issuperset(said.authorizations):
            urls = said.authorizations
            stored(ctx, lambda: link_authorizations(ctx, order, urls, on_new_order=None), order)
        with_each(ctx, order, order.acme_authorizations, authorizations.read)


def deactivate(ctx: Context, order: AcmeOrder) -> None:
    """RFC 8555 section 7.5.2 for each that is open. It is the end of the order.

    Raises Failed with the order when some can not be deactivated; the others are.
    """
    with leases.held(ctx, order):
        if not order.is_can_acme_server_deactivate_authorizations:
            raise InvalidRequest(NO_DEACTIVATION)
        if order_sync.read(ctx, order) is None:  # a CA may use them for other orders
            raise Failed(NO_DEACTIVATION, order, InvalidRequest.status)
        try:
            opened = order.authorizations_can_deactivate
            with_each(ctx, order, opened, authorizations.deactivate)
        finally:
            given_up(ctx, order)


def given_up(ctx: Context, order: AcmeOrder) -> None:
    """What the CA makes of the order now; if it still lives, nothing works on it any more."""
    order_sync.read(ctx, order)
    with ctx.commit():
        order.acme_order_processing_status = ProcessingStatus.DEACTIVATED
        if order.is_processing:
            order.is_processing = False


def with_each(ctx: Context, order: AcmeOrder, found: Iterable[AcmeAuthorization], do: Do) -> None:
    """Whatever happens to one, go on with the others; to no end if nobody answers us."""
    trouble = []
    for authorization in list(found):
        try:
            do(ctx, order, authorization)
        except UpstreamError as exc:
            trouble.append(f"AcmeAuthorization {authorization.id}: {exc}")
            if isinstance(exc, acme_v2.Unreachable | acme_v2.RateLimited):
                break
    if trouble:
        raise Failed("; ".join(trouble), order)
