"""The runs of autocert."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from ...model import Domain, DomainAutocert

PAUSE = timedelta(minutes=10)
# A run that has not finished by then died with its process.
STALE = timedelta(minutes=30)
SHOWN = (joinedload(DomainAutocert.domain), joinedload(DomainAutocert.acme_order))


def every() -> Select[DomainAutocert]:
    return select(DomainAutocert).options(*SHOWN)


def of_domain(domain: Domain) -> Select[DomainAutocert]:
    return every().where(DomainAutocert.domain_id == domain.id)


def recent(domain: Domain, now: datetime) -> Select[DomainAutocert]:
    """A run that is not over, or that began within the last ten minutes: no new one now."""
    began = DomainAutocert.timestamp_created
    running = and_(DomainAutocert.timestamp_finished.is_(None), began > now - STALE)
    return of_domain(domain).where(or_(running, began > now - PAUSE))
