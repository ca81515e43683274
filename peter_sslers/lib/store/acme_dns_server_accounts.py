"""The registrations of domains at acme-dns servers."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import AcmeDnsServer, AcmeDnsServerAccount, Domain

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


def of_server(server: AcmeDnsServer) -> Select[AcmeDnsServerAccount]:
    return every().where(AcmeDnsServerAccount.acme_dns_server_id == server.id)


def of_domain(domain: Domain) -> Select[AcmeDnsServerAccount]:
    return every().where(AcmeDnsServerAccount.domain_id == domain.id)


def active_of_names(names: Collection[str]) -> Select[AcmeDnsServerAccount]:
    """The active ones at active servers, the newest last; a wildcard's is that of its parent."""
    plain = {name.removeprefix("*.") for name in names}
    return (
        active()
        .join(Domain, Domain.id == AcmeDnsServerAccount.domain_id)
        .join(AcmeDnsServer, AcmeDnsServer.id == AcmeDnsServerAccount.acme_dns_server_id)
        .where(Domain.domain_name.in_(plain), AcmeDnsServer.is_active.is_(True))
        .order_by(AcmeDnsServerAccount.id)
    )
