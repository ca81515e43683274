"""The names that are never ordered."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ...model import DomainBlocklisted
from .domains import canonical


def every() -> Select[DomainBlocklisted]:
    return select(DomainBlocklisted)


def by_name(name: str) -> Select[DomainBlocklisted]:
    return every().where(DomainBlocklisted.domain_name == canonical(name))


def among(db: Session, names: Iterable[str]) -> list[str]:
    """Those of the names that are on the list, exactly as they stand there."""
    wanted = {canonical(n) for n in names}
    query = select(DomainBlocklisted.domain_name).where(DomainBlocklisted.domain_name.in_(wanted))
    return sorted(db.scalars(query))
