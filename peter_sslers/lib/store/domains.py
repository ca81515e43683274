"""Names: found and made by their lower-case text, and listed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ...enums import OperationsEventType
from ...model import (
    AcmeChallenge,
    AcmeDnsServer,
    AcmeDnsServerAccount,
    CertificateSigned,
    Domain,
    UniqueFQDNSet,
    UniqueFQDNSet2Domain,
)
from ...model.acme_challenge import POSSIBLY_ACTIVE
from . import events
from .ids import as_id
from .insert_or_get import current, insert_or_get

SHOWN = (
    joinedload(Domain.certificate_signed__latest_single),
    joinedload(Domain.certificate_signed__latest_multi),
)
FOCUS = (*SHOWN, selectinload(Domain.acme_dns_server_accounts), selectinload(Domain.queue_domains))


def canonical(name: str) -> str:
    """As it is stored. What may be a name at all is said in lib/names."""
    return name.strip().lower().removesuffix(".")


def every() -> Select[Domain]:
    return select(Domain).options(*SHOWN)


def by_name(name: str) -> Select[Domain]:
    return select(Domain).where(Domain.domain_name == canonical(name))


def beginning_with(name: str) -> Select[Domain]:
    """By their first characters, in order. A range, and not LIKE, is what every index can do."""
    after = name[:-1] + chr(ord(name[-1]) + 1)
    return (
        every()
        .where(Domain.domain_name >= name, Domain.domain_name < after)
        .order_by(Domain.domain_name)
    )


def by_id_or_name(ident: str) -> Select[Domain]:
    """No name has digits alone."""
    if ident.isascii() and ident.isdigit():
        return select(Domain).where(Domain.id == as_id(ident))
    return by_name(ident)


def by_names(names: Iterable[str]) -> Select[Domain]:
    return select(Domain).where(Domain.domain_name.in_({canonical(n) for n in names}))


def expiring(now: datetime, days: int) -> Select[Domain]:
    """A latest certificate runs out within some days."""
    soon = select(CertificateSigned.id).where(
        CertificateSigned.is_active.is_(True),
        CertificateSigned.timestamp_not_after <= now + timedelta(days=days),
    )
    return every().where(
        or_(
            Domain.certificate_signed_id__latest_single.in_(soon),
            Domain.certificate_signed_id__latest_multi.in_(soon),
        )
    )


def challenged() -> Select[Domain]:
    """With a challenge that may still be asked for."""
    active = select(AcmeChallenge.domain_id).where(
        AcmeChallenge.acme_status_challenge.in_(POSSIBLY_ACTIVE)
    )
    return every().where(Domain.id.in_(active))


def of_unique_fqdn_set(fqdns: UniqueFQDNSet) -> Select[Domain]:
    return (
        every()
        .join(UniqueFQDNSet2Domain, UniqueFQDNSet2Domain.domain_id == Domain.id)
        .where(UniqueFQDNSet2Domain.unique_fqdn_set_id == fqdns.id)
    )


def of_certificate_signed(certificate: CertificateSigned) -> Select[Domain]:
    """The names in it."""
    sets = select(UniqueFQDNSet2Domain.domain_id).where(
        UniqueFQDNSet2Domain.unique_fqdn_set_id == certificate.unique_fqdn_set_id
    )
    return every().where(Domain.id.in_(sets))


def with_active_acme_dns(db: Session, names: Collection[str]) -> set[str]:
    """Those of the names that have an active account at an active acme-dns server."""
    query = (
        select(Domain.domain_name)
        .join(AcmeDnsServerAccount, AcmeDnsServerAccount.domain_id == Domain.id)
        .join(AcmeDnsServer, AcmeDnsServer.id == AcmeDnsServerAccount.acme_dns_server_id)
        .where(
            Domain.domain_name.in_([canonical(n) for n in names]),
            AcmeDnsServerAccount.is_active.is_(True),
            AcmeDnsServer.is_active.is_(True),
        )
    )
    return set(db.scalars(query))


def get_or_create(
    ctx: events.Recorder, name: str, *, is_from_queue_domain: bool | None = None
) -> tuple[Domain, bool]:
    """The domain of a name; True if it is new. Inside a commit."""
    made: list[str] = []
    found = get_or_create_all(ctx, [name], is_from_queue_domain=is_from_queue_domain, made=made)
    return found[canonical(name)], bool(made)


def get_or_create_all(
    ctx: events.Recorder,
    names: Iterable[str],
    *,
    is_from_queue_domain: bool | None = None,
    made: list[str] | None = None,
) -> dict[str, Domain]:
    """{name: domain} in as many queries for one name as for a hundred. Inside a commit.

    The names that were not there are appended to `made`.
    """
    # In their order, so that two processes that make the same names do not wait for one another.
    wanted = sorted({canonical(n) for n in names})
    new: list[str] = []

    def find(again: bool) -> dict[str, Domain] | None:
        query = by_names(wanted)
        found = {d.domain_name: d for d in ctx.db.scalars(current(query) if again else query)}
        known.update(found)
        return found if len(found) == len(wanted) else None

    def insert() -> dict[str, Domain]:
        new[:] = [name for name in wanted if name not in known]
        return {**known, **_insert(ctx, new, is_from_queue_domain)}

    known: dict[str, Domain] = {}
    found, is_made = insert_or_get(ctx.db, find, insert)
    if is_made and made is not None:
        made.extend(new)
    return {name: found[name] for name in wanted}


def _insert(
    ctx: events.Recorder, names: list[str], is_from_queue_domain: bool | None
) -> dict[str, Domain]:
    domains = {
        name: Domain(
            domain_name=name,
            is_active=True,
            timestamp_created=ctx.now,
            is_from_queue_domain=is_from_queue_domain,
        )
        for name in names
    }
    for domain in domains.values():
        events.created(ctx, OperationsEventType.DOMAIN_INSERT, domain)
    ctx.db.flush()
    return domains
