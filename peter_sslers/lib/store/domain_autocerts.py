"""The runs of autocert."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import Domain, DomainAutocert

SHOWN = (joinedload(DomainAutocert.domain), joinedload(DomainAutocert.acme_order))


def every() -> Select[DomainAutocert]:
    return select(DomainAutocert).options(*SHOWN)


def of_domain(domain: Domain) -> Select[DomainAutocert]:
    return every().where(DomainAutocert.domain_id == domain.id)


def latest(domain: Domain, limit: int) -> Select[DomainAutocert]:
    """Newest first, as they are now."""
    newest = DomainAutocert.id.desc()
    query = select(DomainAutocert).where(DomainAutocert.domain_id == domain.id).order_by(newest)
    return query.limit(limit).execution_options(populate_existing=True)


def names_since(moment: datetime) -> Select[str, datetime]:
    """(name, when it began) of all runs, oldest first."""
    began = DomainAutocert.timestamp_created
    return (
        select(Domain.domain_name, began)
        .join(Domain, Domain.id == DomainAutocert.domain_id)
        .where(began > moment)
        .order_by(began)
    )
