"""Autocert: the certificate of one name, ordered if there is none; asked for by edge servers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...enums import (
    ChallengeType,
    OrderStatus,
    OrderType,
    PrivateKeyStrategy,
    ProcessingStrategy,
)
from ...errors import Failed, FieldErrors
from ...model import AcmeOrder, CertificateSigned, Domain, DomainAutocert, PrivateKey
from ..context import Context
from ..store import acme_accounts, certificate_signeds, domains
from . import autocert_limits, leases, left_orders, maintenance, orders
from .races import commit_anew
from .selection import PLACEHOLDER

EXISTING = "existing certificate(s)"
UPDATED = "existing certificate(s), updated recents"
ISSUED = "new AcmeOrder, valid"
NOT_ISSUED = "new AcmeOrder, invalid"


@dataclass(frozen=True)
class Served:
    """A domain that has a certificate now. `order` is the one that brought it, if one had to."""

    domain: Domain
    notes: str
    order: AcmeOrder | None = None


def serve(ctx: Context, name: str) -> Served:
    """See to it that a name has a certificate; http-01. `name` is normalised.

    One order at a time for a name, over all processes. Raises FieldErrors, Conflict, InvalidRequest
    or TryLater where nothing is ordered, UpstreamError where the CA refused, and Failed with the
    order for what went wrong after that.
    """
    domain = find(ctx, name)
    if domain is not None and (notes := existing(ctx, domain)):
        if ctx.edge:
            ctx.edge.asked_for(domain.id)
        return Served(domain, notes)
    check(ctx, name, domain)  # most calls end here: they shall not wait for their turn to write
    run = commit_anew(ctx, lambda: begin(ctx, name))
    order = carry_out(ctx, run)
    return Served(run.domain, ISSUED, order)


def find(ctx: Context, name: str) -> Domain | None:
    domain = ctx.db.scalar(domains.by_name(name).options(*domains.SHOWN))
    if domain is not None and not domain.is_active:
        raise FieldErrors({"domain_name": "This domain_name has been disabled"})
    return domain


def existing(ctx: Context, domain: Domain) -> str:
    """With which words the domain's certificate is handed out; "": there is no valid one."""
    if is_covered(domain, ctx.now):
        return EXISTING
    valid = certificate_signeds.valid_of_domain(domain, ctx.now)
    if ctx.db.scalar(valid.with_only_columns(CertificateSigned.id).limit(1)) is None:
        return ""
    maintenance.update_recents_of_domain(ctx, domain)
    return UPDATED if is_covered(domain, ctx.now) else ""


def is_covered(domain: Domain, now: datetime) -> bool:
    latest = (domain.certificate_signed__latest_single, domain.certificate_signed__latest_multi)
    return any(c and c.timestamp_not_before <= now < c.timestamp_not_after for c in latest)


def check(ctx: Context, name: str, domain: Domain | None) -> None:
    """All that can be known without the CA; nothing is written."""
    autocert_limits.require_none(ctx, name, domain)
    wanted = request_for(ctx, name)
    if left_orders.left(ctx, name, OrderType.NEW) is None:
        orders.check(ctx, wanted)


def begin(ctx: Context, name: str) -> DomainAutocert:
    """Write down a run, with the domain where it is new. Inside a commit."""
    # Until the commit nobody else begins one: two would not see each other, nor the budget. It is
    # the first statement, for on MariaDB the first that reads says how old what we see is.
    turn = select(PrivateKey.id).where(PrivateKey.id == PLACEHOLDER)
    ctx.db.execute(turn.with_for_update(key_share=True))
    check(ctx, name, find(ctx, name))
    domain, _ = domains.get_or_create(ctx, name)
    run = DomainAutocert(
        domain=domain, timestamp_created=ctx.clock(), lease_owner=leases.worker(ctx)
    )
    ctx.db.add(run)
    return run


def carry_out(ctx: Context, run: DomainAutocert) -> AcmeOrder:
    """Order, or go on with the order that a run before has left; the run ends with it."""
    name, order = run.domain.domain_name, None
    try:
        left = left_orders.left(ctx, name, OrderType.NEW)
        order = left_orders.go_on(ctx, left) if left else orders.new(ctx, request_for(ctx, name))
    except Failed as exc:
        if isinstance(exc.obj, AcmeOrder):
            order = exc.obj
            exc.told = {"AcmeOrder": {"id": order.id}}
        raise
    finally:
        finish(ctx, run, order)
    if not is_issued(order):
        failed = Failed(
            f"The CA has not issued yet; the order is `{order.acme_status_order}`", order
        )
        failed.told = {"notes": NOT_ISSUED, "AcmeOrder": {"id": order.id}}
        raise failed
    return order


def finish(ctx: Context, run: DomainAutocert, order: AcmeOrder | None) -> None:
    with ctx.commit():
        run.timestamp_finished = ctx.clock()
        run.acme_order_id = order.id if order else None
        run.is_successful = order is not None and is_issued(order)
        run.lease_owner = None


def is_issued(order: AcmeOrder) -> bool:
    return order.acme_status_order is OrderStatus.VALID and order.certificate_signed_id is not None


def request_for(ctx: Context, name: str) -> orders.OrderRequest:
    """Raises FieldErrors where there is no account, or no placeholder key."""
    account = ctx.db.scalar(acme_accounts.global_default())
    if account is None or not account.is_usable:
        raise FieldErrors({"AcmeAccount": "You must configure a global AcmeAccount."})
    placeholder = ctx.db.get(PrivateKey, PLACEHOLDER)
    if placeholder is None:
        raise FieldErrors({"PrivateKey": "Could not load the placeholder PrivateKey."})
    return orders.OrderRequest(
        account=account,
        private_key=placeholder,
        key_strategy=PrivateKeyStrategy.DEFERRED_ASSOCIATE,
        names={name: ChallengeType.HTTP_01},
        strategy=ProcessingStrategy.PROCESS_SINGLE,
    )
