"""Revocation of a certificate at its CA: RFC 8555 section 7.6."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ...enums import (
    AcmeEvent,
    CoverageAssuranceEventType,
    OperationsEventType,
    RevocationReason,
)
from ...errors import FieldErrors, InvalidRequest, UpstreamError
from ...model import AcmeAccount, AcmeAccountProvider, CertificateSigned
from .. import acme_v2
from ..context import Context
from ..journal import Subject
from ..store import acme_account_providers, events
from ..x509.pem import pem_to_der
from . import certificate_marks, private_key_marks, private_keys
from .acme import client_of, server_of
from .certificate_marks import Mark


class Signer(StrEnum):
    """Whose key asks for it. The certificate's own proves that its holder wants it."""

    ACCOUNT_KEY = "account_key"
    CERTIFICATE_KEY = "certificate_key"


@dataclass(frozen=True)
class Revocation:
    """What is asked of the CA. Without a `signer` it is the account if there is one.

    `provider_id` says which CA where no account of ours has ordered the certificate.
    """

    reason: RevocationReason = RevocationReason.UNSPECIFIED
    signer: Signer | None = None
    provider_id: int | None = None


def revoke(ctx: Context, certificate: CertificateSigned, wanted: Revocation) -> bool:
    """True if it was done now, False if the CA had done it before: that is recorded all the same.

    With the reason `keyCompromise` the private key is compromised here, too. Raises InvalidRequest
    when we know that it is revoked, FieldErrors when the key that is to ask is not there, and
    UpstreamError when the CA refuses; then nothing is changed.
    """
    if reason := refusal(certificate):
        raise InvalidRequest(reason)
    client, key = speaker(ctx, certificate, wanted)
    code = wanted.reason.code or None  # RFC 5280: rather no reason than `unspecified`
    account = certificate.acme_account
    ctx.journal.asking(
        Subject(
            AcmeEvent.CERTIFICATE_REVOKE, account, certificate.acme_order, certificate=certificate
        )
    )
    is_new = True
    try:
        acme_v2.revocations.revoke(client, pem_to_der(certificate.cert_pem), code, key)
    except acme_v2.Problem as exc:
        if exc.type != "alreadyRevoked":
            _log(ctx)
            raise
        is_new = False
    except UpstreamError:
        _log(ctx)
        raise
    record(ctx, certificate, wanted, is_new)
    return is_new


def refusal(certificate: CertificateSigned) -> str | None:
    """Why it can not be revoked at its CA, or None. A mark that was made here is no reason."""
    return "It is revoked at its CA already." if certificate.timestamp_revoked_upstream else None


def signer_of(certificate: CertificateSigned) -> Signer:
    """Who asks if nobody says: the account that has ordered it, if it still can."""
    account = certificate.acme_account
    return Signer.ACCOUNT_KEY if account and account.is_usable else Signer.CERTIFICATE_KEY


def speaker(
    ctx: Context, certificate: CertificateSigned, wanted: Revocation
) -> tuple[acme_v2.Client, acme_v2.Key | None]:
    """A client of the certificate's CA, and the key that signs instead of the account's."""
    signer = wanted.signer or signer_of(certificate)
    account = certificate.acme_account
    if signer is Signer.ACCOUNT_KEY:
        return client_of(ctx, _usable(account)), None
    pem = certificate.private_key.key_pem
    if certificate.private_key.is_placeholder or not pem:
        raise FieldErrors({"revoke_with": "The certificate's PrivateKey is not here."})
    key = ctx.x509.account_key(pem)
    server = server_of(ctx, provider_of(ctx, account, wanted))

    def heard(exchange: acme_v2.Exchange) -> None:
        ctx.journal.heard(exchange, None)

    return acme_v2.Client(server, key, before=ctx.outside, on_exchange=heard), key


def _usable(account: AcmeAccount | None) -> AcmeAccount:
    why = None
    if account is None:
        why = "No AcmeAccount of ours has ordered this certificate"
    elif not account.is_usable or account.account_url is None:
        why = f"AcmeAccount {account.id} is not active"
    if account is None or why:
        raise FieldErrors({"revoke_with": f"{why}: use the certificate's own key."})
    return account


def provider_of(
    ctx: Context, account: AcmeAccount | None, wanted: Revocation
) -> AcmeAccountProvider:
    """The CA: the account's; for a certificate that came from elsewhere, the one asked for."""
    if account is not None:
        return account.acme_account_provider
    field = "acme_account_provider_id"
    if wanted.provider_id is None:
        found = ctx.db.scalar(acme_account_providers.default())
        if found is None:
            raise FieldErrors({field: "Which CA has issued it? There is no default one."})
        return found
    found = ctx.db.get(AcmeAccountProvider, wanted.provider_id)
    if found is None:
        raise FieldErrors({field: "There is no such AcmeAccountProvider."})
    return found


def _log(ctx: Context) -> None:
    """What we have asked stands in the AcmeEventLog even if the CA refused it."""
    with ctx.commit():
        pass


def record(ctx: Context, certificate: CertificateSigned, wanted: Revocation, is_new: bool) -> None:
    """Commit that the CA has revoked it, and what follows here."""
    kind = OperationsEventType
    with ctx.commit():
        key = certificate.private_key
        private_keys.lock(ctx, key)
        certificate_marks.lock(ctx, certificate)
        if certificate.timestamp_revoked_upstream:
            return  # somebody else has asked at the same time
        certificate.timestamp_revoked_upstream = ctx.clock()
        event = events.record(ctx, kind.CERTIFICATE_SIGNED_REVOKE)
        told = {
            "certificate_signed.id": certificate.id,
            "action": str(Mark.REVOKED),
            "reason": str(wanted.reason),
            "revoke_with": str(wanted.signer or signer_of(certificate)),
            "is_already_revoked": not is_new,
        }
        events.describe(event, told)
        events.record_object(ctx, event, kind.CERTIFICATE_SIGNED_MARK_REVOKED, certificate)
        report = CoverageAssuranceEventType.CERTIFICATE_SIGNED_REVOKED_ACME
        if wanted.reason is RevocationReason.KEY_COMPROMISE:
            report = CoverageAssuranceEventType.PRIVATE_KEY_COMPROMISED_ACME
            if not key.is_compromised:
                certificate.is_deactivated = True
                private_key_marks.compromise(ctx, key, report)  # this certificate is among them
                return
        certificate_marks.revoke(ctx, certificate, report)
