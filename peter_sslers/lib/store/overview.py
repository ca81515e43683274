"""The figures of the overview page: a few counts, and what expires day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import Session

from ...enums import AuthorizationStatus, CoverageAssuranceResolution, OrderStatus
from ...model import (
    AcmeAccount,
    AcmeAuthorization,
    AcmeOrder,
    Base,
    CertificateSigned,
    CoverageAssuranceEvent,
    Domain,
    QueueCertificate,
    QueueDomain,
)

SOON = timedelta(days=7)
OPEN = (OrderStatus.PENDING, OrderStatus.READY, OrderStatus.PROCESSING)
UNPROVED = (AuthorizationStatus.PENDING, AuthorizationStatus.DISCOVERED)


@dataclass(frozen=True)
class Figures:
    """Counts of rows, by what they mean to an operator."""

    active: int
    expired: int  # and still in use
    soon: int  # active, and out within SOON
    soon_by_hand: int  # of those: nothing renews them
    expiring: int  # active, and out within the setting's days
    domains: int
    orders_open: int
    orders_failed: int  # made in the last 24 hours
    authorizations: int
    queue_certificates: int
    queue_failures: int
    queue_domains: int
    unresolved: int
    default_accounts: int


@dataclass(frozen=True)
class Day:
    """How many certificates end on one day: those that are renewed by themselves, and the rest."""

    planned: int = 0
    by_hand: int = 0

    @property
    def total(self) -> int:
        return self.planned + self.by_hand


def figures(db: Session, now: datetime, expiring_days: int) -> Figures:
    """All in one statement."""
    cert = CertificateSigned
    active = cert.is_active.is_(True)
    horizon = now + timedelta(days=expiring_days)
    soon = and_(active, cert.timestamp_not_after.between(now, now + SOON))
    waiting = QueueCertificate.timestamp_processed.is_(None)
    wanted = {
        "active": _count(cert, active),
        "expired": _count(cert, active, cert.timestamp_not_after < now),
        "soon": _count(cert, soon),
        "soon_by_hand": _count(cert, soon, ~renewed_by_itself()),
        "expiring": _count(cert, active, cert.timestamp_not_after < horizon),
        "domains": _count(Domain, Domain.is_active.is_(True)),
        "orders_open": _count(AcmeOrder, AcmeOrder.acme_status_order.in_(OPEN)),
        "orders_failed": _count(
            AcmeOrder,
            AcmeOrder.acme_status_order == OrderStatus.INVALID,
            AcmeOrder.timestamp_created > now - timedelta(days=1),
        ),
        "authorizations": _count(
            AcmeAuthorization, AcmeAuthorization.acme_status_authorization.in_(UNPROVED)
        ),
        "queue_certificates": _count(
            QueueCertificate, waiting, QueueCertificate.is_active.is_(True)
        ),
        "queue_failures": _count(
            QueueCertificate,
            QueueCertificate.process_result.is_(False),
            QueueCertificate.timestamp_processed > now - timedelta(days=1),
        ),
        "queue_domains": _count(QueueDomain, QueueDomain.is_active.is_(True)),
        "unresolved": _count(
            CoverageAssuranceEvent,
            CoverageAssuranceEvent.coverage_assurance_resolution
            == CoverageAssuranceResolution.UNRESOLVED,
        ),
        "default_accounts": _count(AcmeAccount, AcmeAccount.is_global_default.is_(True)),
    }
    row = db.execute(select(*(found.label(name) for name, found in wanted.items()))).one()
    return Figures(**row._mapping)


def totals(db: Session, models: Iterable[type[Base]]) -> Mapping[type[Base], int]:
    """How many rows each table has, in one statement."""
    wanted = list(models)
    if not wanted:
        return {}
    row = db.execute(select(*(_count(model) for model in wanted))).one()
    return dict(zip(wanted, row, strict=True))


def expiring_by_day(db: Session, now: datetime, days: int) -> list[Day]:
    """What ends on each of the next `days` days, today first, in UTC."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    date = func.date(CertificateSigned.timestamp_not_after)
    by_itself = renewed_by_itself().label("by_itself")
    query: Select[str, bool, int] = (
        select(date, by_itself, func.count())
        .where(
            CertificateSigned.is_active.is_(True),
            CertificateSigned.timestamp_not_after >= first,
            CertificateSigned.timestamp_not_after < first + timedelta(days=days),
        )
        .group_by(date, by_itself)
    )
    found: dict[tuple[str, bool], int] = {}
    for day, planned, number in db.execute(query):
        found[str(day), bool(planned)] = number
    dates = [str((first + timedelta(days=n)).date()) for n in range(days)]
    return [Day(found.get((d, True), 0), found.get((d, False), 0)) for d in dates]


def renewed_by_itself() -> ColumnElement[bool]:
    """Whether an order renews the certificate without anybody's doing."""
    return (
        select(AcmeOrder.id)
        .where(
            AcmeOrder.certificate_signed_id == CertificateSigned.id,
            AcmeOrder.is_auto_renew.is_(True),
        )
        .exists()
    )


def _count(model: type[Base], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(model).where(*where).scalar_subquery()
