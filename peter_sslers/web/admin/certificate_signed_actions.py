"""What can be done with a certificate: marks, which are ours alone, and revocation at its CA."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from ...enums import RevocationReason
from ...lib.actions import certificate_marks, certificate_revocation
from ...lib.actions.certificate_marks import Mark
from ...lib.actions.certificate_revocation import Revocation, Signer
from ...lib.context import Context
from ...model import CertificateSigned
from ..resource import Action, Docs, Done
from ..schemas import Choice, Form, Integer
from . import marks

NOT_TOLD = "Marked here only: the CA was not told, and clients go on trusting the certificate."
REASONS = {
    RevocationReason.UNSPECIFIED: "no reason is given",
    RevocationReason.KEY_COMPROMISE: "somebody else may have the private key",
    RevocationReason.SUPERSEDED: "there is a newer one",
    RevocationReason.AFFILIATION_CHANGED: "what it says of its owner is no longer so",
    RevocationReason.CESSATION_OF_OPERATION: "its names are used no more",
}
SIGNERS = {
    Signer.ACCOUNT_KEY: "the account that has ordered it asks",
    Signer.CERTIFICATE_KEY: "whoever holds the certificate's key asks",
}


mark_button = partial(marks.button, certificate_marks.refusal)


class MarkCertificate(Form):
    action = Choice(Mark, "what to make of the certificate; `unrevoke` is refused")


def mark(ctx: Context, certificate: CertificateSigned, values: dict[str, Any]) -> Done:
    to = values["action"]
    certificate_marks.mark(ctx, certificate, to)
    json: dict[str, Any] = {"CertificateSigned": certificate}
    if to is Mark.REVOKED:
        path = f"certificate-signed/{certificate.id}/acme-server/revoke"
        json["notes"] = [f"{NOT_TOLD} To revoke it at the CA: {path}"]
    return Done(json, query=marks.marked(to))


def mark_consequences(_certificate: CertificateSigned) -> tuple[str, ...]:
    """Of the one mark that asks to be confirmed."""
    return (
        "It is out of use for ever: its names fall back on other certificates, if there are any.",
        "The CA is not told: browsers go on trusting it. To change that, revoke it at the CA.",
    )


MARK = Action(
    "mark",
    "Mark certificate",
    "Take a certificate into use or out of use. Local only: the CA is not told.",
    run=mark,
    schema=MarkCertificate,
    docs=Docs(
        examples=("curl --form 'action=active' {ADMIN}/certificate-signed/1/mark.json",),
        single_example=False,
        notes=(
            "`revoked` is a mark that is made here only. To revoke a certificate at its CA, use"
            " {ADMIN}/certificate-signed/1/acme-server/revoke.json.",
        ),
    ),
    get_query="result=error&error=post+required&operation=mark",
    echo=("action",),
    consequences=mark_consequences,
    buttons=(
        mark_button(Mark.ACTIVE, "Activate", "Its names may be served with it again."),
        mark_button(Mark.INACTIVE, "Deactivate", "Its names are served with another, if any."),
        mark_button(
            Mark.REVOKED,
            "Mark revoked here",
            "For ever; the CA is not told.",
            danger=True,
        ),
    ),
)


class Revoke(Form):
    may_be_empty: ClassVar[bool] = True
    reason = Choice(
        RevocationReason,
        "why, as a word of RFC 5280 or as its number; some CAs take a few of them only",
        explain={str(word): text for word, text in REASONS.items()},
        also={str(reason.code): reason for reason in RevocationReason},
        required=False,
        default=RevocationReason.UNSPECIFIED,
    )
    revoke_with = Choice(
        Signer,
        "whose key asks; the account's, unless no account of ours has ordered the certificate",
        label="Asked by",
        explain={str(word): text for word, text in SIGNERS.items()},
        required=False,
    )
    acme_account_provider_id = Integer(
        "the CA, for a certificate that no account of ours has ordered; the default one when it is"
        " not given",
        label="CA",
        required=False,
    )


def revoke(ctx: Context, certificate: CertificateSigned, values: dict[str, Any]) -> Done:
    wanted = Revocation(
        values["reason"] or RevocationReason.UNSPECIFIED,
        values["revoke_with"],
        values["acme_account_provider_id"],
    )
    is_new = certificate_revocation.revoke(ctx, certificate, wanted)
    return Done({"is_already_revoked": not is_new, "CertificateSigned": certificate})


def revoke_defaults(_ctx: Context, certificate: CertificateSigned) -> dict[str, Any]:
    return {"revoke_with": certificate_revocation.signer_of(certificate)}


def revoke_consequences(certificate: CertificateSigned) -> tuple[str, ...]:
    names = certificate.domains_as_list
    whose = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more names"
    return (
        "The CA revokes the certificate for ever. Clients that check will refuse it at once.",
        f"Peter serves {whose} with another certificate, or with none if there is no other."
        " Order a new one first if you can.",
        "With the reason keyCompromise, the private key and all of its certificates are marked"
        " compromised here as well.",
    )


REVOKE = Action(
    "acme-server/revoke",
    "Revoke at the CA",
    "Ask the CA to revoke the certificate, for ever.",
    run=revoke,
    schema=Revoke,
    operation="acme-server/revoke",
    docs=Docs(
        examples=(
            "curl --form 'reason=superseded' {ADMIN}/certificate-signed/1/acme-server/revoke.json",
        ),
        notes=(
            "A certificate that the CA had revoked before is a success, too: `is_already_revoked`.",
        ),
    ),
    possible=certificate_revocation.refusal,
    consequences=revoke_consequences,
    defaults=revoke_defaults,
    danger=True,
)
