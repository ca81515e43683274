"""A certificate for one name, ordered only if it has none: for scripts that call it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...enums import ChallengeType, OperationsEventType, OrderType, ProcessingStrategy
from ...errors import SslersError
from ...model import AcmeOrder, CertificateSigned, Domain, OperationsEvent
from ...model.meta import WithId
from ..context import Context
from ..store import (
    certificate_signeds,
    domains,
    domains_blocklisted,
    events,
    unique_fqdn_sets,
)
from . import leases, left_orders, order_processing, orders, queue_domains
from .domains import set_active
from .orders import OrderRequest
from .races import commit_anew

KINDS = OperationsEventType
NO_CERTIFICATE = "AcmeOrder did not generate a CertificateSigned"


@dataclass(frozen=True)
class Result:
    """What the name has now; None: it is on the blocklist, or there is none."""

    domain_status: str
    domain: int | None = None
    certificate_status: str | None = None
    certificate: int | None = None
    order: int | None = None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        found = {
            "domain.status": self.domain_status,
            "domain.id": self.domain,
            "certificate_signed.status": self.certificate_status,
            "certificate_signed.id": self.certificate,
            "acme_order.id": self.order,
        }
        return {**found, "error": self.error} if self.error else found


@dataclass(frozen=True)
class _Begun:
    event: OperationsEvent
    result: Result
    domain: Domain | None = None


def ensure(ctx: Context, name: str, request: Callable[[], OrderRequest]) -> Result:
    """Activate or store the domain; order a certificate, by http-01, if it has no valid one.

    `name` is normalised. `request` is asked for with what account and key, and may raise
    FieldErrors: then nothing is stored. A failure of the order is told in the result.
    """
    wanted = replace(
        request(),
        names={name: ChallengeType.HTTP_01},
        strategy=ProcessingStrategy.PROCESS_SINGLE,
        type=OrderType.CERTIFICATE_IF_NEEDED,
    )
    begun = commit_anew(ctx, lambda: _begin(ctx, name))
    if begun.domain is None or begun.result.certificate_status:
        return begun.result
    result, kind, about = _ordered(ctx, wanted, begun.domain, begun.result)
    with ctx.commit():
        if not result.error:
            _dequeue(ctx, begun.event, name)
        events.record_object(ctx, begun.event, kind, about)
        events.describe(begun.event, {"results": {name: result.as_json()}})
    return result


def _begin(ctx: Context, name: str) -> _Begun:
    """All that needs no CA; inside a commit."""
    event = events.record(ctx, KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED)
    if domains_blocklisted.among(ctx.db, [name]):
        begun = _Begun(event, Result("blocklisted"))
    else:
        domain, status = _domain(ctx, event, name)
        begun = _Begun(event, Result(status, domain.id), domain)
        if found := _valid(ctx, domain):
            kind = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_EXISTS
            events.record_object(ctx, event, kind, found)
            _dequeue(ctx, event, name)
            result = replace(begun.result, certificate_status="exists", certificate=found.id)
            begun = replace(begun, result=result)
    events.describe(event, {"results": {name: begun.result.as_json()}})
    return begun


def _domain(ctx: Context, event: OperationsEvent, name: str) -> tuple[Domain, str]:
    """The active domain, and what it was before."""
    domain, is_new = domains.get_or_create(ctx, name)
    if is_new:
        ctx.db.flush()  # it has its id
        kind, status = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_DOMAIN_NEW, "new"
    else:
        ctx.db.refresh(domain, ["is_active"], with_for_update=True)
        kind, status = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_DOMAIN_EXISTS, "existing.active"
    if not domain.is_active:
        set_active(ctx, event, domain, True)
        kind = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_DOMAIN_ACTIVATE
        status = "existing.activated"
    events.record_object(ctx, event, kind, domain)
    return domain, status


def _valid(ctx: Context, domain: Domain) -> CertificateSigned | None:
    """The newest that can be served: a CA's begin when they are issued, after our `now`."""
    query = certificate_signeds.valid_of_domain(domain, ctx.clock())
    return ctx.db.scalar(query.order_by(CertificateSigned.id.desc()).limit(1))


def _ordered(
    ctx: Context, wanted: OrderRequest, domain: Domain, result: Result
) -> tuple[Result, OperationsEventType, WithId]:
    """What becomes of it, with the log's word, and what that is about."""
    order, error = _left(ctx, wanted, domain), NO_CERTIFICATE
    try:
        if order:
            _go_on(ctx, order)
        else:
            order = orders.new(ctx, wanted, lambda: _require_none(ctx, domain))
    except leases.Busy as exc:
        if found := _valid(ctx, domain):  # of the other request, which has ended meanwhile
            kind = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_EXISTS
            return replace(result, certificate_status="exists", certificate=found.id), kind, found
        order, error = None, f"Could not process AcmeOrder, {exc}"
    except SslersError as exc:
        order = getattr(exc, "obj", order)
        error = f"Could not process AcmeOrder, {exc}"
    result = replace(result, order=order.id if order else None)
    if order and order.certificate_signed_id:
        kind = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_NEW_SUCCESS
        issued = order.certificate_signed_id
        return replace(result, certificate_status="new", certificate=issued), kind, order
    kind = KINDS.API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_NEW_FAIL
    return replace(result, certificate_status="fail", error=error), kind, order or domain


def _go_on(ctx: Context, order: AcmeOrder) -> None:
    with leases.held(ctx, order):
        if order.certificate_signed_id:  # it was not left: another request was at its end
            raise leases.Busy(f"AcmeOrder {order.id} has been processed by another request")
        order_processing.carry_through(ctx, order)


def _left(ctx: Context, wanted: OrderRequest, domain: Domain) -> AcmeOrder | None:
    """Such an order of a call before, whose process died or to whom the CA was too slow."""
    order = left_orders.left(ctx, domain.domain_name, OrderType.CERTIFICATE_IF_NEEDED)
    if order is None or order.acme_account is not wanted.account:
        return None
    asked = (wanted.private_key, wanted.key_strategy)
    has = (order.private_key__requested, order.private_key_strategy__requested)
    return order if has == asked else None


def _require_none(ctx: Context, domain: Domain) -> None:
    """Of two calls at the same moment one orders; inside the commit that would order."""
    ctx.db.refresh(domain, ["is_active"], with_for_update=True)
    if _valid(ctx, domain):
        raise leases.Busy("another request was quicker")
    fqdns = unique_fqdn_sets.find(ctx.db, [domain.domain_name])
    if fqdns and (order := leases.held_of(ctx, fqdns)):
        raise leases.Busy(f"AcmeOrder {order.id} is being processed by another request")


def _dequeue(ctx: Context, event: OperationsEvent, name: str) -> None:
    """A name that waits for its first certificate waits no more."""
    for waiting in queue_domains.locked(ctx, [name]):
        queue_domains.take_out(ctx, event, waiting, KINDS.QUEUE_DOMAIN_MARK_ALREADY_PROCESSED)
