"""Certificate signing requests: their pages."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.context import Context
from ...lib.store import acme_orders, certificate_requests, certificate_signeds
from ...model import AcmeOrder, CertificateRequest, CertificateSigned
from .. import content_types, pages
from ..resource import Column, Download, Related, Resource, Show
from . import parsed
from .shared import add_document, newest


def as_json(csr: CertificateRequest, _root: str) -> dict[str, Any]:
    return {
        "id": csr.id,
        "certificate_request_source": csr.certificate_request_source,
        "csr_pem_md5": csr.csr_pem_md5,
        "private_key_id": csr.private_key_id,
        "spki_sha256": csr.spki_sha256,
        "timestamp_created": csr.timestamp_created,
        "unique_fqdn_set_id": csr.unique_fqdn_set_id,
    }


def extended(_ctx: Context, csr: CertificateRequest, root: str) -> dict[str, Any]:
    """The object's own page says more than a list."""
    return {
        "CertificateRequest": {
            **as_json(csr, root),
            "certificate_signed_id__latest": csr.certificate_signed_id__latest,
            "csr_pem": csr.csr_pem,
            "domains": csr.domains_as_list,
            "key_technology": csr.key_technology,
        }
    }


def csr_file(_ctx: Context, csr: CertificateRequest, _suffix: str) -> bytes:
    """PEM under every suffix: so do the tools that make .csr files."""
    return csr.csr_pem.encode()


CERTIFICATE_REQUEST = Resource(
    path="certificate-request",
    paths="certificate-requests",
    model=CertificateRequest,
    label="Certificate request",
    labels="Certificate requests",
    group="Certificates",
    json_name="CertificateRequest",
    json_names="CertificateRequests",
    about="Certificate signing requests (CSR): what CAs were asked to sign.",
    as_json=as_json,
    focus_json=extended,
    options=certificate_requests.FOCUS,
    columns=(
        Column("domains_as_list", "Names", Show.NAMES),
        Column("key_technology", "Algorithm"),
        Column("certificate_request_source", "Source"),
        Column("private_key", "Key", Show.LINK),
        Column("unique_fqdn_set", "FQDN set", Show.LINK),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", "Id", Show.NUMBER),
        Column("spki_sha256", "SPKI SHA-256", Show.CODE, in_list=False),
        Column("csr_pem", "CSR", Show.PEM, in_list=False),
    ),
    listings=(newest("Certificate requests", certificate_requests.every),),
    related=(
        Related("acme-orders", "Orders", AcmeOrder, acme_orders.of_certificate_request),
        Related(
            "certificate-signeds",
            "Certificates",
            CertificateSigned,
            certificate_signeds.of_certificate_request,
        ),
    ),
    downloads=(Download("csr", content_types.CSR, csr_file),),
)


def parse(request: Request) -> dict[str, Any]:
    """`/certificate-request/{id}/parse.json`"""
    csr = pages.found(request, CERTIFICATE_REQUEST)
    shown = parsed.request(request.ctx.x509.csr(csr.csr_pem))
    return {"CertificateRequest": {"id": csr.id, "parsed": shown}}


def includeme(config: Configurator) -> None:
    add_document(config, CERTIFICATE_REQUEST, "parse", parse)
