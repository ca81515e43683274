"""Reports that a name may have lost its cover."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...enums import CoverageAssuranceResolution
from ...model import CoverageAssuranceEvent


def every() -> Select[CoverageAssuranceEvent]:
    return select(CoverageAssuranceEvent)


def unresolved() -> Select[CoverageAssuranceEvent]:
    return every().where(
        CoverageAssuranceEvent.coverage_assurance_resolution
        == CoverageAssuranceResolution.UNRESOLVED
    )


def children_of(event: CoverageAssuranceEvent) -> Select[CoverageAssuranceEvent]:
    return every().where(CoverageAssuranceEvent.coverage_assurance_event_id__parent == event.id)
