"""Sets of names: found and made by their domains, and listed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from ...enums import OperationsEventType
from ...model import Domain, UniqueFQDNSet, UniqueFQDNSet2Domain
from ...model.unique_fqdn_set import digest_of
from . import domains, events
from .insert_or_get import current, insert_or_get

SHOWN = (selectinload(UniqueFQDNSet.to_domains).joinedload(UniqueFQDNSet2Domain.domain),)


def every() -> Select[UniqueFQDNSet]:
    return select(UniqueFQDNSet).options(*SHOWN)


def of_domain(domain: Domain) -> Select[UniqueFQDNSet]:
    return every().where(UniqueFQDNSet.id.in_(ids_of_domain(domain)))


def ids_of_domain(domain: Domain) -> Select[int]:
    return select(UniqueFQDNSet2Domain.unique_fqdn_set_id).where(
        UniqueFQDNSet2Domain.domain_id == domain.id
    )


def of_domains(members: Iterable[Domain]) -> Select[UniqueFQDNSet]:
    """The set of exactly these."""
    digest = digest_of(ids_string(d.id for d in members))
    return every().where(UniqueFQDNSet.domain_ids_sha256 == digest)


def ids_string(domain_ids: Iterable[int]) -> str:
    """The column `domain_ids_string`."""
    return ",".join(map(str, sorted(set(domain_ids))))


def find(db: Session, names: Iterable[str]) -> UniqueFQDNSet | None:
    """The set of exactly these names, if there is one."""
    wanted = {domains.canonical(n) for n in names}
    known = list(db.scalars(domains.by_names(wanted)))
    return db.scalar(of_domains(known)) if len(known) == len(wanted) else None


def get_or_create(ctx: events.Recorder, names: Iterable[str]) -> UniqueFQDNSet:
    """The set of these names, made with its domains where they are missing. Inside a commit."""
    new: list[str] = []
    members = domains.get_or_create_all(ctx, names, made=new).values()
    if new:  # then nobody else has made the set, for nobody sees the name yet
        return _insert(ctx, _sorted(members))
    return get_or_create_of(ctx, members)[0]


def get_or_create_of(ctx: events.Recorder, members: Iterable[Domain]) -> tuple[UniqueFQDNSet, bool]:
    """The set of these domains; True if it is new. Inside a commit."""
    members = _sorted(members)
    if not members:
        raise ValueError("a set of no names")
    query = of_domains(members)

    def find(again: bool) -> UniqueFQDNSet | None:
        return ctx.db.scalar(current(query) if again else query)

    return insert_or_get(ctx.db, find, lambda: _insert(ctx, members))


def _sorted(members: Iterable[Domain]) -> list[Domain]:
    return sorted({d.id: d for d in members}.values(), key=lambda d: d.id)


def _insert(ctx: events.Recorder, members: list[Domain]) -> UniqueFQDNSet:
    fqdns = UniqueFQDNSet(
        domain_ids_string=ids_string(d.id for d in members),
        count_domains=len(members),
        timestamp_created=ctx.now,
        to_domains=[UniqueFQDNSet2Domain(domain=domain) for domain in members],
    )
    events.created(ctx, OperationsEventType.UNIQUE_FQDN_SET_INSERT, fqdns)
    return fqdns
