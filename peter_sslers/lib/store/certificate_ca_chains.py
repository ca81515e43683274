"""Chains of CA certificates."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from ...model import CertificateCA, CertificateCAChain

SHOWN = (selectinload(CertificateCAChain.certificate_cas),)


def every() -> Select[CertificateCAChain]:
    return select(CertificateCAChain).options(*SHOWN)


def by_md5(chain_pem_md5: str) -> Select[CertificateCAChain]:
    return every().where(CertificateCAChain.chain_pem_md5 == chain_pem_md5)


def beginning_with(ca: CertificateCA) -> Select[CertificateCAChain]:
    return every().where(CertificateCAChain.certificate_ca_0_id == ca.id)


def ending_with(ca: CertificateCA) -> Select[CertificateCAChain]:
    return every().where(CertificateCAChain.certificate_ca_n_id == ca.id)
