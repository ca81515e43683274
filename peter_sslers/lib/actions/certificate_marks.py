"""What an operator sets on a certificate by hand; the CA is not told."""

from __future__ import annotations

from enum import StrEnum

from ...enums import CoverageAssuranceEventType, OperationsEventType
from ...errors import FieldErrors
from ...model import CertificateSigned
from ..context import Context
from ..database import LOCKED
from ..store import events
from . import certificate_cover, coverage, private_keys
from .races import commit_anew


class Mark(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    REVOKED = "revoked"
    UNREVOKE = "unrevoke"


STATE = (
    "is_active",
    "is_compromised_private_key",
    "is_deactivated",
    "is_revoked",
    "timestamp_revoked_upstream",
)
EVENT = {
    Mark.ACTIVE: OperationsEventType.CERTIFICATE_SIGNED_MARK_ACTIVE,
    Mark.INACTIVE: OperationsEventType.CERTIFICATE_SIGNED_MARK_INACTIVE,
    Mark.REVOKED: OperationsEventType.CERTIFICATE_SIGNED_MARK_REVOKED,
}


def mark(ctx: Context, certificate: CertificateSigned, to: Mark) -> None:
    """Raises FieldErrors if it can not be."""
    commit_anew(ctx, lambda: _mark(ctx, certificate, to))


def _mark(ctx: Context, certificate: CertificateSigned, to: Mark) -> None:
    private_keys.lock(ctx, certificate.private_key)
    lock(ctx, certificate)
    if reason := refusal(certificate, to):
        raise FieldErrors(main=reason)
    kind = OperationsEventType
    is_revoked = to is Mark.REVOKED
    event = events.record(
        ctx, kind.CERTIFICATE_SIGNED_REVOKE if is_revoked else kind.CERTIFICATE_SIGNED_MARK
    )
    events.describe(event, {"certificate_signed.id": certificate.id, "action": str(to)})
    events.record_object(ctx, event, EVENT[to], certificate)
    match to:
        case Mark.ACTIVE:
            certificate.is_active = True
            certificate_cover.begun(ctx, [certificate])
        case Mark.INACTIVE:
            certificate.is_active = False
            certificate_cover.ceased(ctx, [certificate])
        case Mark.REVOKED:
            revoke(ctx, certificate, CoverageAssuranceEventType.CERTIFICATE_SIGNED_REVOKED_MARK)


def lock(ctx: Context, certificate: CertificateSigned) -> None:
    """Inside a commit: its state as it is now, and nobody else changes it meanwhile."""
    ctx.db.refresh(certificate, STATE, with_for_update=LOCKED)


def revoke(ctx: Context, certificate: CertificateSigned, kind: CoverageAssuranceEventType) -> None:
    """It is out of use for ever; inside a commit."""
    certificate.is_revoked = True
    certificate.is_active = False
    certificate.is_deactivated = True
    coverage.report(ctx, kind, certificate.private_key, certificate)
    certificate_cover.ceased(ctx, [certificate])


def refusal(certificate: CertificateSigned, to: Mark) -> str | None:
    """Why a mark is refused, or None."""
    match to:
        case Mark.ACTIVE:
            return _not_active(certificate)
        case Mark.INACTIVE if not certificate.is_active:
            return "Already inactive."
        case Mark.REVOKED if certificate.is_revoked:
            return "Certificate is already revoked"
        case Mark.UNREVOKE:
            return "Invalid option: `unrevoke`. Revoked is final."
    return None


def _not_active(certificate: CertificateSigned) -> str | None:
    if certificate.is_active:
        return "Already active."
    for is_so, why in (
        (certificate.is_revoked, "is revoked"),
        (certificate.is_compromised_private_key, "has a compromised PrivateKey"),
        (certificate.is_deactivated, "was deactivated"),
    ):
        if is_so:
            return f"Certificate {why}; `active` status can not be changed."
    return None
