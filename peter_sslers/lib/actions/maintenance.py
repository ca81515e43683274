"""What is run every day: pointers and counters made true, expired certificates out of use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CTE, ScalarSelect, func, select, union, update

from ...enums import OperationsEventType
from ...model import (
    AcmeAccount,
    AcmeOrder,
    CertificateCA,
    CertificateCAChain,
    CertificateSigned,
    CertificateSignedChain,
    Domain,
    OperationsEvent,
    PrivateKey,
    UniqueFQDNSet,
)
from ...model.meta import WithId
from ..context import Context
from ..database import chunks
from ..store import events
from . import recents
from .races import commit_anew

AT_ONCE = 2_000  # ids in one statement


def update_recents(ctx: Context) -> OperationsEvent:
    """Make every domain's pointers and every counter what they should be.

    What is wrong is looked for before the write transaction, and worked out anew inside of it: it
    lasts as long as there is to correct, and on a database that is right it writes the event alone.
    """
    wrong = recents.wrong_domains(ctx)
    return commit_anew(ctx, lambda: _correct(ctx, wrong))


def _correct(ctx: Context, domain_ids: Sequence[int]) -> OperationsEvent:
    for some in chunks(domain_ids, AT_ONCE):
        recents.lock_domains(ctx.db.connection(), some)
    if domain_ids:
        recents.correct_domains(ctx, domain_ids)
    for kind, column, count in COUNTERS:
        _recount(ctx, kind, column, count)
    _recount_cas(ctx)
    return events.record(ctx, OperationsEventType.OPERATIONS_UPDATE_RECENTS_GLOBAL)


def update_recents_of_domain(ctx: Context, domain: Domain) -> None:
    """Its pointers, now; the event names it."""
    with ctx.commit():
        recents.update_domains(ctx, [domain.id])
        ctx.db.expire(domain)
        _record(ctx, [domain.id], [])


def update_recents_of_set(ctx: Context, fqdns: UniqueFQDNSet) -> None:
    """Those of all its domains; the event names the set."""
    with ctx.commit():
        recents.update_domains(ctx, [domain.id for domain in fqdns.domains])
        for domain in fqdns.domains:
            ctx.db.expire(domain)
        _record(ctx, [], [fqdns.id])


def _record(ctx: Context, domain_ids: list[int], set_ids: list[int]) -> None:
    event = events.record(ctx, OperationsEventType.OPERATIONS_UPDATE_RECENTS_DOMAINS)
    events.describe(event, {"domain.ids": domain_ids, "unique_fqdn_set.ids": set_ids})


def deactivate_expired(ctx: Context) -> tuple[int, OperationsEvent]:
    """Take what has expired out of use; how many there were. The pointers are right after it."""

    def work() -> tuple[list[int], OperationsEvent]:
        kind = OperationsEventType.CERTIFICATE_SIGNED_DEACTIVATE_EXPIRED
        event = events.record(ctx, kind, {"count_deactivated": 0})
        ids = _expired(ctx, ctx.now)
        for some in chunks(ids, AT_ONCE):
            _deactivate(ctx, some)
        if ids:
            events.describe(event, {"count_deactivated": len(ids), "certificate_signed.ids": ids})
        _correct(ctx, recents.wrong_domains(ctx))
        return ids, event

    ids, event = commit_anew(ctx, work)
    return len(ids), event


def _expired(ctx: Context, now: datetime) -> list[int]:
    """Locked in their order, so that a mark made meanwhile waits, or is seen."""
    return list(
        ctx.db.scalars(
            select(CertificateSigned.id)
            .where(
                CertificateSigned.is_active.is_(True), CertificateSigned.timestamp_not_after < now
            )
            .order_by(CertificateSigned.id)
            .with_for_update()
        )
    )


def _deactivate(ctx: Context, ids: Sequence[int]) -> None:
    ctx.db.execute(
        update(CertificateSigned)
        .where(CertificateSigned.id.in_(ids))
        .values(is_active=False)
        .execution_options(synchronize_session=False)
    )


def _rows_of(column: object, owner: type[WithId], *where: object) -> ScalarSelect[int]:
    """How many rows have the outer query's row in `column`."""
    return (
        select(func.count())
        .where(column == owner.id, *where)  # type: ignore[arg-type]
        .correlate(owner)
        .scalar_subquery()
    )


# (whose counter, its column, what it should say)
COUNTERS: tuple[tuple[type[WithId], str, ScalarSelect[int]], ...] = (
    (PrivateKey, "count_acme_orders", _rows_of(AcmeOrder.private_key_id, PrivateKey)),
    (
        PrivateKey,
        "count_certificate_signeds",
        _rows_of(CertificateSigned.private_key_id, PrivateKey),
    ),
    (AcmeAccount, "count_acme_orders", _rows_of(AcmeOrder.acme_account_id, AcmeAccount)),
    (
        AcmeAccount,
        "count_certificate_signeds",
        _rows_of(
            AcmeOrder.acme_account_id, AcmeAccount, AcmeOrder.certificate_signed_id.is_not(None)
        ),
    ),
)


def _recount(ctx: Context, kind: type[WithId], name: str, count: ScalarSelect[int]) -> None:
    """One statement; it touches the rows alone that are wrong."""
    column = getattr(kind, name)
    ctx.db.execute(
        update(kind)
        .where(func.coalesce(column, 0) != count)
        .values({name: count})
        .execution_options(synchronize_session=False)
    )


def _recount_cas(ctx: Context) -> None:
    """Of how many domains each CA has signed a latest certificate."""
    domains = _domains_and_cas()
    counted = select(domains.c.ca, func.count()).group_by(domains.c.ca)
    found = {int(ca): int(number) for ca, number in ctx.db.execute(counted)}
    for ca in ctx.db.scalars(select(CertificateCA).order_by(CertificateCA.id)):
        if (ca.count_active_certificates or 0) != found.get(ca.id, 0):
            ca.count_active_certificates = found.get(ca.id, 0)


def _domains_and_cas() -> CTE:
    """Each domain with each CA at the leaf's side of a chain of one of its latest certificates."""
    link, chain = CertificateSignedChain, CertificateCAChain
    pairs = [
        select(Domain.id.label("domain"), chain.certificate_ca_0_id.label("ca"))
        .join(link, link.certificate_signed_id == pointer)
        .join(chain, chain.id == link.certificate_ca_chain_id)
        for pointer in (
            Domain.certificate_signed_id__latest_single,
            Domain.certificate_signed_id__latest_multi,
        )
    ]
    return union(*pairs).cte("domains_and_cas")
