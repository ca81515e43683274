"""What an operator says of a private key: active, inactive, or compromised, which is final."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select

from ...enums import CoverageAssuranceEventType, OperationsEventType
from ...errors import FieldErrors
from ...model import CertificateSigned, CoverageAssuranceEvent, OperationsEvent, PrivateKey
from ..context import Context
from ..store import events
from . import certificate_cover, coverage, private_keys
from .private_key_cycles import free_slot
from .races import commit_anew


class Mark(StrEnum):
    COMPROMISED = "compromised"
    ACTIVE = "active"
    INACTIVE = "inactive"


EVENT = {
    Mark.ACTIVE: OperationsEventType.PRIVATE_KEY_MARK_ACTIVE,
    Mark.INACTIVE: OperationsEventType.PRIVATE_KEY_MARK_INACTIVE,
}


def mark(ctx: Context, key: PrivateKey, to: Mark) -> None:
    """Raises FieldErrors if it can not be. The CA is not told."""
    commit_anew(ctx, lambda: _mark(ctx, key, to))


def _mark(ctx: Context, key: PrivateKey, to: Mark) -> None:
    private_keys.lock(ctx, key)
    if reason := refusal(key, to):
        raise FieldErrors(main=reason)
    if to is Mark.COMPROMISED:
        compromise(ctx, key)
        return
    key.is_active = to is Mark.ACTIVE
    # Without the day's key, the day gets a new one; the old one may find its place taken.
    key.calendar_key = free_slot(ctx, key) if key.is_active else None
    event = events.record(ctx, OperationsEventType.PRIVATE_KEY_MARK)
    events.describe(event, {"private_key.id": key.id, "action": str(to)})
    events.record_object(ctx, event, EVENT[to], key)


def refusal(key: PrivateKey, to: Mark) -> str | None:
    """Why a mark is refused, or None."""
    if key.is_placeholder:
        return "The Placeholder PrivateKey can not be marked"
    match to:
        case Mark.ACTIVE if key.is_active:
            return "Already activated."
        case Mark.ACTIVE if key.is_compromised:
            return "Can not activate a compromised key"
        case Mark.INACTIVE if not key.is_active:
            return "Already deactivated"
        case Mark.COMPROMISED if key.is_compromised:
            return "Already compromised"
    return None


def compromise(
    ctx: Context,
    key: PrivateKey,
    kind: CoverageAssuranceEventType = CoverageAssuranceEventType.PRIVATE_KEY_COMPROMISED_MARK,
) -> OperationsEvent:
    """Nothing may use the key again, and its certificates are out of use; inside a commit.

    The key is locked (`private_keys.lock`), so that no order stores a certificate of it meanwhile:
    one that comes later is stored inactive.
    """
    key.is_active = False
    key.is_compromised = True
    key.calendar_key = None
    event = events.record(ctx, OperationsEventType.PRIVATE_KEY_REVOKE)
    events.describe(event, {"private_key.id": key.id, "action": str(Mark.COMPROMISED)})
    events.record_object(ctx, event, OperationsEventType.PRIVATE_KEY_MARK_COMPROMISED, key)
    report = coverage.report(ctx, kind, key)
    ctx.db.flush()
    certificates = ctx.db.scalars(
        select(CertificateSigned)
        .where(CertificateSigned.private_key_id == key.id)
        .order_by(CertificateSigned.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if certificates:
        take_down(ctx, certificates, report, event)
    return event


def take_down(
    ctx: Context,
    certificates: Sequence[CertificateSigned],
    report: CoverageAssuranceEvent,
    event: OperationsEvent,
) -> None:
    """The certificates of a compromised key: each is reported below its key."""
    revoked: dict[str, list[int]] = {"active": [], "inactive": []}
    children = []
    for certificate in certificates:
        revoked["active" if certificate.is_active else "inactive"].append(certificate.id)
        certificate.is_compromised_private_key = True
        certificate.is_revoked = True
        certificate.is_active = False
        kind = OperationsEventType.CERTIFICATE_SIGNED_MARK_COMPROMISED
        events.record_object(ctx, event, kind, certificate)
        children.append(
            coverage.report(
                ctx,
                report.coverage_assurance_event_type,
                certificate.private_key,
                certificate,
                parent=report,
            )
        )
    ctx.db.flush()
    told = {
        "coverage_assurance_event.id": report.id,
        "coverage_assurance_event__children.id": [child.id for child in children],
        "certificate_signeds.revoked": revoked,
    }
    events.describe(event, told)
    certificate_cover.ceased(ctx, certificates)
