"""Which certificates are a domain's latest: found by few statements for any number of domains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from ...model import CertificateSigned, Domain, UniqueFQDNSet2Domain
from .. import prepared
from ..context import Context

DOMAINS = cast("Table", Domain.__table__)
SINGLE = DOMAINS.c.certificate_signed_id__latest_single
MULTI = DOMAINS.c.certificate_signed_id__latest_multi


def _latest(ids: BindParameter[Any] | None) -> FromClause:
    """(domain_id, single, multi) of the domains that have active certificates.

    The latest is the one that ends last; of equals the newest. By a window, and not by ORDER BY and
    LIMIT for each domain: for the sake of a limit planners like to walk over all certificates.
    """
    certificate, link = CertificateSigned, UniqueFQDNSet2Domain
    place = func.row_number().over(
        partition_by=(link.domain_id, certificate.is_single_domain_cert),
        order_by=(certificate.timestamp_not_after.desc(), certificate.id.desc()),
    )
    ranked = (
        select(
            link.domain_id,
            certificate.id,
            certificate.is_single_domain_cert.label("is_single"),
            place.label("place"),
        )
        .join(certificate, certificate.unique_fqdn_set_id == link.unique_fqdn_set_id)
        # Not `IS TRUE`: SQLite would begin with the index of all active ones.
        .where(certificate.is_active.is_not(False))
    )
    if ids is not None:
        ranked = ranked.where(link.domain_id.in_(ids))
    found = ranked.subquery("ranked")

    def first(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.max(case((which, found.c.id)))

    return (
        select(
            found.c.domain_id,
            first(found.c.is_single.is_(True)).label("single"),
            first(found.c.is_single.is_(False)).label("multi"),
        )
        .where(found.c.place == 1)
        .group_by(found.c.domain_id)
        .subquery("latest")
    )


def _wrong(ids: BindParameter[Any] | None) -> Select[int, int | None, int | None]:
    """(domain_id, single, multi) as it should be, of the domains that point to others."""
    latest = _latest(ids)
    found = (
        select(DOMAINS.c.id, latest.c.single, latest.c.multi)
        .outerjoin(latest, latest.c.domain_id == DOMAINS.c.id)
        .where(
            or_(SINGLE.is_distinct_from(latest.c.single), MULTI.is_distinct_from(latest.c.multi))
        )
        .order_by(DOMAINS.c.id)
    )
    return found if ids is None else found.where(DOMAINS.c.id.in_(ids))


# Built once: for one domain that takes longer than to run them.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ALL_WRONG = _wrong(None)
_SOME_WRONG = _wrong(_IDS)
# Without the lock somebody else's certificate could be overlooked that is committed meanwhile. In
# the same order by all, so that no two wait for one another.
_LOCK = select(DOMAINS.c.id).where(DOMAINS.c.id.in_(_IDS)).order_by(DOMAINS.c.id).with_for_update()
_UPDATE = (
    update(DOMAINS)
    .where(DOMAINS.c.id == bindparam("domain"))
    .values({SINGLE: bindparam("single"), MULTI: bindparam("multi")})
)


class Latest(NamedTuple):
    """The ids of a domain and of its latest certificates."""

    id: int
    single: int | None
    multi: int | None


def point_new(ctx: Context, db: Connection, found: Iterable[Latest]) -> None:
    """Point domains that this commit has inserted; nobody else can have a certificate for them."""
    _point(ctx, db, [*found])


def update_domains(ctx: Context, domain_ids: Sequence[int]) -> None:
    """Recompute both pointers of some domains; inside a commit."""
    ctx.db.flush()
    update_rows(ctx, ctx.db.connection(), domain_ids)


def update_rows(ctx: Context, db: Connection, domain_ids: Sequence[int]) -> None:
    """`update_domains` where all is written to `db` that the pointers follow from."""
    lock_domains(db, domain_ids)
    _point(ctx, db, db.execute(_SOME_WRONG, {"ids": list(domain_ids)}).all())


def lock_domains(db: Connection, domain_ids: Sequence[int]) -> None:
    """Until the commit nobody else points them anew; SQLite has one writer at a time anyway."""
    if db.dialect.name != "sqlite":
        db.execute(_LOCK, {"ids": list(domain_ids)})


def wrong_domains(ctx: Context) -> list[int]:
    """The ids of the domains whose pointers are not what they should be; it only reads."""
    return [row.id for row in ctx.db.execute(_ALL_WRONG)]


def correct_domains(ctx: Context, locked: Iterable[int]) -> None:
    """Point those of them anew that point to others than they should; inside a commit."""
    ctx.db.flush()
    ours = set(locked)
    db = ctx.db.connection()
    _point(ctx, db, [row for row in db.execute(_ALL_WRONG) if row.id in ours])


def _point(ctx: Context, db: Connection, rows: Sequence[Any]) -> None:
    if rows:
        told = [{"domain": row.id, "single": row.single, "multi": row.multi} for row in rows]
        prepared.run(db, _UPDATE, told)
        ctx.served_anew(row.id for row in rows)
