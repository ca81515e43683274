"""Chains of CA certificates: their pages."""

from __future__ import annotations

from typing import Any

from ...lib.context import Context
from ...lib.store import certificate_ca_chains, certificate_cas, certificate_signeds
from ...model import CertificateCA, CertificateCAChain, CertificateSigned
from .. import content_types
from ..resource import Column, Download, Related, Resource, Show
from . import certificate_ca, certificate_upload
from .certificate_ca import common_name
from .shared import newest


def as_json(chain: CertificateCAChain, root: str) -> dict[str, Any]:
    return {
        "id": chain.id,
        "display_name": chain.display_name,
        "chain_pem_md5": chain.chain_pem_md5,
        "chain_pem": chain.chain_pem,
        "timestamp_created": chain.timestamp_created,
        "certificate_ca_ids": chain.certificate_ca_ids,
        "certificate_cas": [certificate_ca.as_json(ca, root) for ca in chain.certificate_cas_all],
    }


def way(chain: CertificateCAChain) -> str:
    """`E7 → ISRG Root X1`"""
    return " → ".join(common_name(ca.cert_subject) for ca in chain.certificate_cas_all)


def chain_file(_ctx: Context, chain: CertificateCAChain, _suffix: str) -> bytes:
    return chain.chain_pem.encode()


CERTIFICATE_CA_CHAIN = Resource(
    path="certificate-ca-chain",
    paths="certificate-ca-chains",
    model=CertificateCAChain,
    label="Chain",
    labels="Chains",
    group="CAs",
    json_name="CertificateCAChain",
    json_names="CertificateCAChains",
    about="The certificates between a certificate and its root, as a CA sends them.",
    as_json=as_json,
    title=lambda chain: f"Chain #{chain.id}: {way(chain)}",
    options=certificate_ca_chains.SHOWN,
    columns=(
        Column("way", value=way),
        Column("display_name", "Name"),
        Column("chain_length", "Length", Show.NUMBER),
        Column("certificate_ca_0", "First", Show.LINK),
        Column("certificate_ca_n", "Last", Show.LINK),
        Column("timestamp_created", "Stored", Show.TIME),
        Column("id", "Id", Show.NUMBER),
        Column("chain_pem", "PEM", Show.PEM, in_list=False),
    ),
    listings=(newest("Chains", certificate_ca_chains.every),),
    related=(
        Related(
            "certificate-signeds",
            "Certificates",
            CertificateSigned,
            certificate_signeds.of_chain,
        ),
        Related("certificate-cas", "Its CAs", CertificateCA, certificate_cas.of_chain),
    ),
    forms=(certificate_upload.UPLOAD_CHAIN,),
    downloads=(Download("chain", content_types.PEM, chain_file),),
)
