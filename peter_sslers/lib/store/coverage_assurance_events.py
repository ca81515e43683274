"""Reports that a name may have lost its cover."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...enums import CoverageAssuranceResolution
from ...model import CertificateSigned, CoverageAssuranceEvent, PrivateKey


def every() -> Select[CoverageAssuranceEvent]:
    return select(CoverageAssuranceEvent)


def unresolved() -> Select[CoverageAssuranceEvent]:
    return every().where(
        CoverageAssuranceEvent.coverage_assurance_resolution
        == CoverageAssuranceResolution.UNRESOLVED
    )


def of_certificate_signed(certificate: CertificateSigned) -> Select[CoverageAssuranceEvent]:
    return every().where(CoverageAssuranceEvent.certificate_signed_id == certificate.id)


def of_private_key(key: PrivateKey) -> Select[CoverageAssuranceEvent]:
    return every().where(CoverageAssuranceEvent.private_key_id == key.id)


def children_of(event: CoverageAssuranceEvent) -> Select[CoverageAssuranceEvent]:
    return every().where(CoverageAssuranceEvent.coverage_assurance_event_id__parent == event.id)
