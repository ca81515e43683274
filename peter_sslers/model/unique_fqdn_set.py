"""Sets of names: each stands in the database once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .meta import Base, LongText, Recorded, Str64, key_ref

if TYPE_CHECKING:
    from .acme_order import AcmeOrder
    from .certificate_request import CertificateRequest
    from .certificate_signed import CertificateSigned
    from .domain import Domain
    from .operations import OperationsObjectEvent
    from .queue import QueueCertificate


def digest_of(ids_string: str) -> str:
    """`domain_ids_sha256` of a `domain_ids_string`."""
    return hashlib.sha256(ids_string.encode()).hexdigest()


def _digest(context: DefaultExecutionContext) -> str:
    return digest_of(context.get_current_parameters()["domain_ids_string"])  # type: ignore[no-untyped-call]


class UniqueFQDNSet(Recorded):
    """The names of orders and certificates."""

    __tablename__ = "unique_fqdn_set"

    domain_ids_string: Mapped[LongText]  # ascending by number: "3,7,12"
    # Some hundred ids are more than a unique index takes.
    domain_ids_sha256: Mapped[Str64] = mapped_column(unique=True, default=_digest)
    count_domains: Mapped[int]
    timestamp_created: Mapped[datetime]

    acme_orders: Mapped[list[AcmeOrder]] = relationship(order_by="AcmeOrder.id", viewonly=True)
    certificate_requests: Mapped[list[CertificateRequest]] = relationship(
        order_by="CertificateRequest.id", viewonly=True
    )
    certificate_signeds: Mapped[list[CertificateSigned]] = relationship(
        order_by="CertificateSigned.id", viewonly=True
    )
    to_domains: Mapped[list[UniqueFQDNSet2Domain]] = relationship(
        back_populates="unique_fqdn_set", order_by="UniqueFQDNSet2Domain.domain_id"
    )
    queue_certificates: Mapped[list[QueueCertificate]] = relationship(
        foreign_keys="QueueCertificate.unique_fqdn_set_id",
        order_by="QueueCertificate.id",
        viewonly=True,
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def domains(self) -> list[Domain]:
        return [link.domain for link in self.to_domains]

    @property
    def domain_objects(self) -> dict[str, Domain]:
        return {domain.domain_name: domain for domain in self.domains}

    @property
    def domains_as_list(self) -> list[str]:
        return sorted(domain.domain_name for domain in self.domains)

    @property
    def domains_as_string(self) -> str:
        return ", ".join(self.domains_as_list)

    @property
    def queue_certificates__active(self) -> list[QueueCertificate]:
        return [q for q in self.queue_certificates if q.is_active]

    @property
    def latest_certificate(self) -> CertificateSigned | None:
        return self.certificate_signeds[-1] if self.certificate_signeds else None

    @property
    def latest_active_certificate(self) -> CertificateSigned | None:
        active = [c for c in self.certificate_signeds if c.is_active]
        return active[-1] if active else None


class UniqueFQDNSet2Domain(Base):
    """A name of a set."""

    __tablename__ = "unique_fqdn_set_2_domain"
    __table_args__ = (Index(None, "domain_id", "unique_fqdn_set_id"),)

    unique_fqdn_set_id: Mapped[int] = key_ref("unique_fqdn_set")
    domain_id: Mapped[int] = key_ref("domain")

    unique_fqdn_set: Mapped[UniqueFQDNSet] = relationship(back_populates="to_domains")
    domain: Mapped[Domain] = relationship()
