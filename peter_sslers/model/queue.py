"""What waits for a certificate: renewals, and names that have none yet."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import PrivateKeyCycle, PrivateKeyStrategy
from .meta import DnsName, Recorded, listed, listed_if_set, ref, unique_where, words

if TYPE_CHECKING:
    from .acme_account import AcmeAccount
    from .acme_order import AcmeOrder
    from .certificate_request import CertificateRequest
    from .certificate_signed import CertificateSigned
    from .coverage_assurance import CoverageAssuranceEvent
    from .domain import Domain
    from .operations import OperationsObjectEvent
    from .private_key import PrivateKey
    from .unique_fqdn_set import UniqueFQDNSet

_SOURCES = ("acme_order_id__source", "certificate_signed_id__source", "unique_fqdn_set_id__source")


def _one_of(columns: tuple[str, ...]) -> str:
    return " + ".join(f"(CASE WHEN {c} IS NULL THEN 0 ELSE 1 END)" for c in columns) + " = 1"


class QueueCertificate(Recorded):
    """A renewal to be ordered. Its source is an order, a certificate or a set of names."""

    __tablename__ = "queue_certificate"
    __table_args__ = (
        CheckConstraint(_one_of(_SOURCES), name="source"),
        *listed("acme_account_id", "private_key_id", "unique_fqdn_set_id"),
        *listed("is_active", "timestamp_processed"),
        *listed_if_set(
            *_SOURCES,
            "acme_order_id__generated",
            "certificate_request_id__generated",
            "certificate_signed_id__generated",
        ),
    )

    timestamp_created: Mapped[datetime]
    timestamp_processed: Mapped[datetime | None]  # None: still to do
    timestamp_process_attempt: Mapped[datetime | None]
    process_result: Mapped[bool | None]
    is_active: Mapped[bool] = mapped_column(default=True)  # False: done or cancelled
    private_key_strategy__requested: Mapped[PrivateKeyStrategy] = mapped_column(
        words(PrivateKeyStrategy)
    )
    acme_account_id: Mapped[int] = ref("acme_account")
    private_key_id: Mapped[int] = ref("private_key")
    unique_fqdn_set_id: Mapped[int] = ref("unique_fqdn_set")
    acme_order_id__source: Mapped[int | None] = ref("acme_order")
    certificate_signed_id__source: Mapped[int | None] = ref("certificate_signed")
    unique_fqdn_set_id__source: Mapped[int | None] = ref("unique_fqdn_set")
    acme_order_id__generated: Mapped[int | None] = ref("acme_order")
    certificate_request_id__generated: Mapped[int | None] = ref("certificate_request")
    certificate_signed_id__generated: Mapped[int | None] = ref("certificate_signed")
    private_key_cycle__renewal: Mapped[PrivateKeyCycle] = mapped_column(words(PrivateKeyCycle))

    acme_account: Mapped[AcmeAccount] = relationship()
    acme_order__generated: Mapped[AcmeOrder | None] = relationship(
        foreign_keys=[acme_order_id__generated]
    )
    acme_order__source: Mapped[AcmeOrder | None] = relationship(
        foreign_keys=[acme_order_id__source]
    )
    certificate_request__generated: Mapped[CertificateRequest | None] = relationship()
    certificate_signed__generated: Mapped[CertificateSigned | None] = relationship(
        foreign_keys=[certificate_signed_id__generated],
    )
    certificate_signed__source: Mapped[CertificateSigned | None] = relationship(
        foreign_keys=[certificate_signed_id__source],
    )
    coverage_assurance_events: Mapped[list[CoverageAssuranceEvent]] = relationship(
        order_by="CoverageAssuranceEvent.id", viewonly=True
    )
    private_key: Mapped[PrivateKey] = relationship()
    unique_fqdn_set: Mapped[UniqueFQDNSet] = relationship(
        foreign_keys=[unique_fqdn_set_id],
    )
    unique_fqdn_set__source: Mapped[UniqueFQDNSet | None] = relationship(
        foreign_keys=[unique_fqdn_set_id__source]
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def domains_as_list(self) -> list[str]:
        return self.unique_fqdn_set.domains_as_list


class QueueDomain(Recorded):
    """A name that waits for its first certificate."""

    __tablename__ = "queue_domain"
    __table_args__ = (
        CheckConstraint("domain_name = lower(domain_name)", name="lower_case"),
        *listed("is_active", "timestamp_processed"),
        *listed_if_set("domain_id"),
        Index(None, "domain_name", "id"),
        unique_where("is_active", "domain_name"),
    )

    domain_name: Mapped[DnsName]
    timestamp_created: Mapped[datetime]
    timestamp_processed: Mapped[datetime | None]
    domain_id: Mapped[int | None] = ref("domain")
    is_active: Mapped[bool | None] = mapped_column(default=True)  # False: done; None: cancelled

    domain: Mapped[Domain | None] = relationship()
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )
