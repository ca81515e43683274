"""Reports that a key or a certificate can not be trusted any more: a name may lose its cover."""

from __future__ import annotations

from ...enums import CoverageAssuranceEventStatus, CoverageAssuranceEventType
from ...model import CertificateSigned, CoverageAssuranceEvent, PrivateKey
from ..context import Context


def report(
    ctx: Context,
    kind: CoverageAssuranceEventType,
    key: PrivateKey,
    certificate: CertificateSigned | None = None,
    parent: CoverageAssuranceEvent | None = None,
) -> CoverageAssuranceEvent:
    """Inside a commit. What is reported here has been taken out of use; `parent` has its id."""
    event = CoverageAssuranceEvent(
        timestamp_created=ctx.now,
        coverage_assurance_event_type=kind,
        coverage_assurance_event_status=CoverageAssuranceEventStatus.REPORTED_DEACTIVATED,
        private_key=key,
        certificate_signed=certificate,
        coverage_assurance_event_id__parent=parent.id if parent else None,
    )
    ctx.db.add(event)
    return event
