"""CA certificates, roots and intermediates: their pages."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.context import Context
from ...lib.store import certificate_ca_chains, certificate_cas, certificate_signeds, root_stores
from ...lib.store.ids import as_id
from ...lib.x509.pem import pem_to_der
from ...model import CertificateCA, CertificateCAChain, CertificateSigned, RootStoreVersion
from .. import content_types, pages
from ..resource import Column, Download, Related, Resource, Show
from . import certificate_upload, parsed
from .shared import add_document, newest


def as_json(ca: CertificateCA, _root: str) -> dict[str, Any]:
    return {
        "id": ca.id,
        "display_name": ca.display_name,
        "cert_pem_md5": ca.cert_pem_md5,
        "cert_pem": ca.cert_pem,
        "cert_subject": ca.cert_subject,
        "cert_issuer": ca.cert_issuer,
        "fingerprint_sha1": ca.fingerprint_sha1,
        "spki_sha256": ca.spki_sha256,
        "key_technology": ca.key_technology,
        "timestamp_created": ca.timestamp_created,
        "timestamp_not_after": ca.timestamp_not_after,
        "timestamp_not_before": ca.timestamp_not_before,
    }


def state(ca: CertificateCA) -> str:
    return "trusted root" if ca.is_trusted_root else ""


def common_name(subject: str) -> str:
    """The CN of a subject, one `KEY=value` a line; all of it, on one line, where it has none."""
    for line in subject.splitlines():
        if line.startswith("CN="):
            return line[3:]
    return ", ".join(subject.splitlines())


def cert_file(_ctx: Context, ca: CertificateCA, suffix: str) -> bytes:
    return ca.cert_pem.encode() if suffix in content_types.PEM else pem_to_der(ca.cert_pem)


def load(ctx: Context, ident: str) -> CertificateCA | None:
    """By its id, or by its whole fingerprint, SHA-1 or SHA-256."""
    number = as_id(ident) if ident.isdigit() else None
    if number is not None:
        return ctx.db.get(CertificateCA, number, options=certificate_cas.FOCUS)
    found = certificate_cas.by_fingerprint(ident).options(*certificate_cas.FOCUS)
    return ctx.db.scalars(found).unique().first()


CERTIFICATE_CA = Resource(
    path="certificate-ca",
    paths="certificate-cas",
    model=CertificateCA,
    label="CA certificate",
    labels="CA certificates",
    group="CAs",
    json_name="CertificateCA",
    json_names="CertificateCAs",
    about="Certificates of CAs: roots and the intermediates that lead to them.",
    as_json=as_json,
    title=lambda ca: f"{common_name(ca.cert_subject)} (CA #{ca.id})",
    short=lambda ca: f"#{ca.id} {common_name(ca.cert_subject)}",
    status=state,
    sentence=lambda ca: f"Signed by {common_name(ca.cert_issuer)}.",
    options=certificate_cas.FOCUS,
    ident="[0-9A-Fa-f:]+",
    load=load,
    columns=(
        Column("cert_subject", "Subject", value=lambda ca: common_name(ca.cert_subject)),
        Column("cert_issuer", "Issuer", value=lambda ca: common_name(ca.cert_issuer)),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column("display_name", "Name"),
        Column("key_technology", "Algorithm"),
        Column("timestamp_not_after", "Expires", Show.TIME),
        Column("fingerprint_sha1", "SHA-1", Show.CODE, in_list=False),
        Column("id", "Id", Show.NUMBER),
        Column("timestamp_not_before", "Valid from", Show.TIME, in_list=False),
        Column("timestamp_created", "Stored", Show.TIME, in_list=False),
        Column("cert_issuer__certificate_ca", "Issuer's certificate", Show.LINK, in_list=False),
        Column("fingerprint_sha256", "SHA-256", Show.CODE, in_list=False),
        Column("spki_sha256", "SPKI SHA-256", Show.CODE, in_list=False),
        Column(
            "cert_authority_key_identifier", "Authority key identifier", Show.CODE, in_list=False
        ),
        Column("cert_issuer_uri", "Issuer's address", Show.CODE, in_list=False),
    ),
    listings=(newest("CA certificates", certificate_cas.every),),
    related=(
        Related(
            "certificate-signeds",
            "Certificates, by their default chain",
            CertificateSigned,
            certificate_signeds.of_ca_by_default,
        ),
        Related(
            "certificate-signeds-alt",
            "Certificates, by an alternate chain",
            CertificateSigned,
            certificate_signeds.of_ca_by_alternate,
        ),
        Related(
            "certificate-ca-chains-0",
            "Chains that begin with it",
            CertificateCAChain,
            certificate_ca_chains.beginning_with,
        ),
        Related(
            "certificate-ca-chains-n",
            "Chains that end with it",
            CertificateCAChain,
            certificate_ca_chains.ending_with,
        ),
        Related(
            "same-key",
            "Other certificates of its key",
            CertificateCA,
            certificate_cas.with_same_key,
            empty="No cross-sign of it is known.",
        ),
        Related(
            "certificate-cas",
            "CA certificates that it has signed",
            CertificateCA,
            certificate_cas.issued_by,
            empty="None is known: see “Find the issuers of CAs” among the operations.",
        ),
        Related(
            "root-store-versions",
            "Root stores that trust it",
            RootStoreVersion,
            root_stores.versions_with_ca,
            on_page=False,
        ),
    ),
    forms=(certificate_upload.UPLOAD_CA,),
    downloads=(Download("cert", content_types.CA, cert_file),),
    links=(("Preferred CAs", "/certificate-cas/preferred"),),
)


def parse(request: Request) -> dict[str, Any]:
    """`/certificate-ca/{id}/parse.json`"""
    ca = pages.found(request, CERTIFICATE_CA)
    shown = parsed.certificate(request.ctx.x509.certificate(ca.cert_pem))
    return {"CertificateCA": {"id": ca.id, "parsed": shown}}


def includeme(config: Configurator) -> None:
    add_document(config, CERTIFICATE_CA, "parse", parse)
