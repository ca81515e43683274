"""What an operator has decided about a report that a name may have lost its cover."""

from __future__ import annotations

from ...enums import CoverageAssuranceResolution, OperationsEventType
from ...errors import FieldErrors
from ...model import CoverageAssuranceEvent
from ..context import Context
from ..store import events

FIELD = "resolution"


def resolve(
    ctx: Context, event: CoverageAssuranceEvent, resolution: CoverageAssuranceResolution
) -> None:
    """The report's status stays as it is. Raises FieldErrors on `resolution`."""
    with ctx.commit():
        ctx.db.refresh(event, ["coverage_assurance_resolution"], with_for_update=True)
        if reason := refusal(event, resolution):
            raise FieldErrors({FIELD: reason})
        kind = OperationsEventType.COVERAGE_ASSURANCE_EVENT_MARK_RESOLUTION
        told = {
            "coverage_assurance_event.id": event.id,
            "action": FIELD,
            "resolution": str(resolution),
        }
        events.record_object(ctx, events.record(ctx, kind, told), kind, event)
        event.coverage_assurance_resolution = resolution


def refusal(event: CoverageAssuranceEvent, to: CoverageAssuranceResolution) -> str | None:
    """Why a resolution is refused, or None."""
    has_certificate = event.certificate_signed_id is not None
    unfit = {
        CoverageAssuranceResolution.PRIVATE_KEY_REPLACED: has_certificate,
        CoverageAssuranceResolution.CERTIFICATE_SIGNED_REPLACED: not has_certificate,
    }
    if event.coverage_assurance_resolution == to:
        return "No Change"
    return "incompatible `resolution`" if unfit.get(to) else None
