"""Reports that a name may have lost its cover."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import (
    CoverageAssuranceEventStatus,
    CoverageAssuranceEventType,
    CoverageAssuranceResolution,
)
from .meta import WithId, listed, listed_if_set, ref, words

if TYPE_CHECKING:
    from .certificate_signed import CertificateSigned
    from .operations import OperationsObjectEvent
    from .private_key import PrivateKey
    from .queue import QueueCertificate


class CoverageAssuranceEvent(WithId):
    """Something happened to a key, a certificate or a renewal."""

    __tablename__ = "coverage_assurance_event"
    __table_args__ = (
        CheckConstraint(
            "private_key_id IS NOT NULL OR certificate_signed_id IS NOT NULL "
            "OR queue_certificate_id IS NOT NULL",
            name="pkey_andor_certs",
        ),
        *listed("coverage_assurance_resolution"),
        *listed_if_set(
            "private_key_id",
            "certificate_signed_id",
            "queue_certificate_id",
            "coverage_assurance_event_id__parent",
        ),
    )

    timestamp_created: Mapped[datetime]
    private_key_id: Mapped[int | None] = ref("private_key")
    certificate_signed_id: Mapped[int | None] = ref("certificate_signed")
    queue_certificate_id: Mapped[int | None] = ref("queue_certificate")
    coverage_assurance_event_type: Mapped[CoverageAssuranceEventType] = mapped_column(
        words(CoverageAssuranceEventType)
    )
    coverage_assurance_event_status: Mapped[CoverageAssuranceEventStatus] = mapped_column(
        words(CoverageAssuranceEventStatus)
    )
    coverage_assurance_resolution: Mapped[CoverageAssuranceResolution] = mapped_column(
        words(CoverageAssuranceResolution), default=CoverageAssuranceResolution.UNRESOLVED
    )
    # The report on the key, above those on its certificates.
    coverage_assurance_event_id__parent: Mapped[int | None] = ref("coverage_assurance_event")

    certificate_signed: Mapped[CertificateSigned | None] = relationship()
    coverage_assurance_event__children: Mapped[list[CoverageAssuranceEvent]] = relationship(
        order_by="CoverageAssuranceEvent.id", viewonly=True
    )
    private_key: Mapped[PrivateKey | None] = relationship()
    queue_certificate: Mapped[QueueCertificate | None] = relationship()
    coverage_assurance_event__parent: Mapped[CoverageAssuranceEvent | None] = relationship(
        remote_side="CoverageAssuranceEvent.id", viewonly=True
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )
