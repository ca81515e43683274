"""Certificates: their pages."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.context import Context, utc_now
from ...lib.store import certificate_signeds
from ...lib.x509.pem import pem_to_der
from ...model import CertificateSigned
from ...model.certificate_signed import EXPIRING_SOON_DAYS
from .. import content_types, pages
from ..resource import Column, Download, Listing, Resource, Show
from . import (
    certificate_renewal_info,
    certificate_signed_actions,
    certificate_signed_related,
    certificate_upload,
    certificate_upload_bulk,
    parsed,
)
from .certificate_ca import common_name
from .configs import chain_bytes
from .edge import EXPIRE_CERTIFICATE
from .shared import add_document


def as_json(certificate: CertificateSigned, _root: str) -> dict[str, Any]:
    order = certificate.acme_order
    return {
        "acme_order.is_auto_renew": order.is_auto_renew if order else None,
        "domains_as_list": certificate.domains_as_list,
        "id": certificate.id,
        "is_active": bool(certificate.is_active),
        "is_deactivated": bool(certificate.is_deactivated),
        "is_revoked": bool(certificate.is_revoked),
        "is_compromised_private_key": bool(certificate.is_compromised_private_key),
        "timestamp_not_after": certificate.timestamp_not_after,
        "timestamp_not_before": certificate.timestamp_not_before,
        "timestamp_revoked_upstream": certificate.timestamp_revoked_upstream,
        "certificate_ca_chain_id__preferred": certificate.certificate_ca_chain_id__preferred,
        "certificate_ca_chain_ids": certificate.certificate_ca_chain_ids,
        "certificate_ca_ids__upchain": certificate.certificate_ca_ids__upchain,
        "cert_pem": certificate.cert_pem,
        "cert_pem_md5": certificate.cert_pem_md5,
        "cert_subject": certificate.cert_subject,
        "cert_issuer": certificate.cert_issuer,
        "fingerprint_sha1": certificate.fingerprint_sha1,
        "fingerprint_sha256": certificate.fingerprint_sha256,
        "serial": certificate.serial,
        "spki_sha256": certificate.spki_sha256,
        "key_technology": certificate.key_technology,
        "private_key_id": certificate.private_key_id,
        "renewals_managed_by": certificate.renewals_managed_by,
        "unique_fqdn_set_id": certificate.unique_fqdn_set_id,
        **certificate_renewal_info.as_json(certificate),
    }


def state(certificate: CertificateSigned) -> str:
    if certificate.is_revoked:
        return "revoked"
    if certificate.is_compromised_private_key:
        return "compromised"
    days = days_left(certificate)
    if not certificate.is_active:
        return "inactive (expired)" if days < 0 else "inactive"
    if days < 0:
        return "expired"
    return "expiring" if days <= EXPIRING_SOON_DAYS else "active"


def days_left(certificate: CertificateSigned) -> int:
    return certificate.expiring_days(utc_now())


def left(certificate: CertificateSigned) -> str:
    """`33 days`"""
    days = days_left(certificate)
    if days < 0:
        return "over"
    return "1 day" if days == 1 else f"{days} days" if days else "today"


def renewal(certificate: CertificateSigned) -> str:
    order = certificate.acme_order
    if order is None:
        return "no order"
    return "automatic" if order.is_auto_renew else "by hand"


def title(certificate: CertificateSigned) -> str:
    first, *more = certificate.domains_as_list
    return f"{first} and {len(more)} more" if more else first


def sentence(certificate: CertificateSigned) -> str:
    signed = f"Certificate #{certificate.id}, signed by {common_name(certificate.cert_issuer)}"
    days = days_left(certificate)
    said = f"{signed}; valid for {left(certificate)}." if days > 0 else f"{signed}."
    if certificate.is_revoked and not certificate.timestamp_revoked_upstream:
        return f"{said} Marked revoked here only: its CA was not told."
    return said


def cert_file(_ctx: Context, certificate: CertificateSigned, suffix: str) -> bytes:
    pem = certificate.cert_pem
    return pem.encode() if suffix in content_types.PEM else pem_to_der(pem)


def chain_file(_ctx: Context, certificate: CertificateSigned, suffix: str) -> bytes | None:
    chain = certificate.certificate_ca_chain__preferred
    return chain_bytes(chain.chain_pem, suffix) if chain else None


def fullchain_file(_ctx: Context, certificate: CertificateSigned, _suffix: str) -> bytes:
    chain = certificate.certificate_ca_chain__preferred
    return certificate.cert_fullchain_pem(chain).encode()


def key_file(ctx: Context, certificate: CertificateSigned, suffix: str) -> bytes:
    pem = certificate.private_key.key_pem
    return ctx.x509.key_der(pem) if suffix == "key" else pem.encode()


def expiring(ctx: Context, _params: Any) -> Any:
    return certificate_signeds.expiring(ctx.now, ctx.settings.expiring_days)


CERTIFICATE_SIGNED = Resource(
    path="certificate-signed",
    paths="certificate-signeds",
    model=CertificateSigned,
    label="Certificate",
    labels="Certificates",
    group="Certificates",
    json_name="CertificateSigned",
    json_names="CertificateSigneds",
    about="Certificates that a CA has signed for one or more names.",
    as_json=as_json,
    title=title,
    status=state,
    sentence=sentence,
    template="focus/certificate_signed.mako",
    options=certificate_signeds.FOCUS,
    columns=(
        Column("domains_as_list", "Names", Show.NAMES, in_focus=False),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column(
            "timestamp_not_after",
            "Expires",
            Show.TIME,
            sort=CertificateSigned.timestamp_not_after,
        ),
        Column("left", value=left, in_focus=False),
        Column("renewal", value=renewal),
        Column("cert_issuer", "Issuer", value=lambda c: common_name(c.cert_issuer)),
        Column("key_technology", "Algorithm"),
        Column("id", "Id", Show.NUMBER, sort=CertificateSigned.id),
        Column("private_key", "Private key", Show.LINK, in_list=False),
        Column("acme_account", "Account", Show.LINK, in_list=False),
        Column("acme_order", "Order", Show.LINK, in_list=False),
        Column("certificate_request", "Request", Show.LINK, in_list=False),
        Column("unique_fqdn_set", "FQDN set", Show.LINK, in_list=False),
        Column("timestamp_not_before", "Valid from", Show.TIME, in_list=False),
        Column("timestamp_revoked_upstream", "Revoked at the CA", Show.TIME, in_list=False),
        *certificate_renewal_info.COLUMNS,
        Column("serial", show=Show.CODE, in_list=False),
        Column("fingerprint_sha256", "SHA-256", Show.CODE, in_list=False),
        Column("fingerprint_sha1", "SHA-1", Show.CODE, in_list=False),
        Column("spki_sha256", "SPKI SHA-256", Show.CODE, in_list=False),
        Column("timestamp_created", "Stored", Show.TIME, in_list=False),
    ),
    listings=(
        Listing("", "All", lambda _ctx, _params: certificate_signeds.every(), redirect="active"),
        Listing(
            "active", "Active certificates", lambda _ctx, _params: certificate_signeds.active()
        ),
        Listing(
            "expiring",
            "Expiring certificates",
            expiring,
            empty="No active certificate runs out soon.",
        ),
        Listing(
            "inactive",
            "Inactive certificates",
            lambda _ctx, _params: certificate_signeds.inactive(),
        ),
        Listing("all", "All certificates", lambda _ctx, _params: certificate_signeds.every()),
    ),
    links=(("Calendar", "/certificate-signeds/calendar"),),
    related=certificate_signed_related.RELATED,
    actions=(
        certificate_renewal_info.RENEWAL_INFO,
        certificate_signed_actions.MARK,
        certificate_signed_actions.REVOKE,
        EXPIRE_CERTIFICATE,
    ),
    forms=(certificate_upload.UPLOAD, certificate_upload_bulk.UPLOAD_BULK),
    downloads=(
        Download("cert", content_types.CERTIFICATE, cert_file),
        # The DER forms of a chain are in older documents only.
        Download("chain", content_types.CA, chain_file),
        Download("fullchain", content_types.PEM, fullchain_file),
        Download("privkey", content_types.KEY, key_file, secret=True),
    ),
)


def parse(request: Request) -> dict[str, Any]:
    """`/certificate-signed/{id}/parse.json`"""
    certificate = pages.found(request, CERTIFICATE_SIGNED)
    shown = parsed.certificate(request.ctx.x509.certificate(certificate.cert_pem))
    return {"CertificateSigned": {"id": certificate.id, "parsed": shown}}


def includeme(config: Configurator) -> None:
    add_document(config, CERTIFICATE_SIGNED, "parse", parse)
