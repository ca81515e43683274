"""Renewals that wait, or have been made."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import (
    AcmeAccount,
    AcmeOrder,
    CertificateSigned,
    Domain,
    PrivateKey,
    QueueCertificate,
    UniqueFQDNSet,
    UniqueFQDNSet2Domain,
)
from . import unique_fqdn_sets

SHOWN = (
    joinedload(QueueCertificate.acme_order__generated),
    joinedload(QueueCertificate.unique_fqdn_set)
    .selectinload(UniqueFQDNSet.to_domains)
    .joinedload(UniqueFQDNSet2Domain.domain),
)
FOCUS = (
    *SHOWN,
    joinedload(QueueCertificate.acme_account).selectinload(AcmeAccount.acme_account_key),
    joinedload(QueueCertificate.private_key),
)


def every() -> Select[QueueCertificate]:
    return select(QueueCertificate).options(*SHOWN)


def unprocessed() -> Select[QueueCertificate]:
    """Still to do."""
    return every().where(
        QueueCertificate.timestamp_processed.is_(None), QueueCertificate.is_active.is_(True)
    )


def failures() -> Select[QueueCertificate]:
    """Tried, and no certificate came of it."""
    return every().where(
        QueueCertificate.timestamp_process_attempt.is_not(None),
        QueueCertificate.process_result.is_not(True),
    )


def of_account(account: AcmeAccount) -> Select[QueueCertificate]:
    return every().where(QueueCertificate.acme_account_id == account.id)


def of_private_key(key: PrivateKey) -> Select[QueueCertificate]:
    return every().where(QueueCertificate.private_key_id == key.id)


def of_unique_fqdn_set(fqdns: UniqueFQDNSet) -> Select[QueueCertificate]:
    return every().where(QueueCertificate.unique_fqdn_set_id == fqdns.id)


def of_domain(domain: Domain) -> Select[QueueCertificate]:
    sets = unique_fqdn_sets.ids_of_domain(domain)
    return every().where(QueueCertificate.unique_fqdn_set_id.in_(sets))


def of_certificate(certificate: CertificateSigned) -> Select[QueueCertificate]:
    """For the same names as the certificate."""
    return every().where(QueueCertificate.unique_fqdn_set_id == certificate.unique_fqdn_set_id)


def generated(order: AcmeOrder) -> Select[QueueCertificate]:
    return every().where(QueueCertificate.acme_order_id__generated == order.id)
