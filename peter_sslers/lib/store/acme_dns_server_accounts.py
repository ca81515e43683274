"""The registrations of domains at acme-dns servers."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import AcmeDnsServerAccount, Domain

SHOWN = (
    joinedload(AcmeDnsServerAccount.acme_dns_server),
    joinedload(AcmeDnsServerAccount.domain).options(
        joinedload(Domain.certificate_signed__latest_single),
        joinedload(Domain.certificate_signed__latest_multi),
    ),
)


def every() -> Select[AcmeDnsServerAccount]:
    return select(AcmeDnsServerAccount).options(*SHOWN)


def active() -> Select[AcmeDnsServerAccount]:
    return every().where(AcmeDnsServerAccount.is_active.is_(True))


def of_domain(domain: Domain) -> Select[AcmeDnsServerAccount]:
    return every().where(AcmeDnsServerAccount.domain_id == domain.id)
