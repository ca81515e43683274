"""Certificates of CAs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import (
    CertificateCA,
    CertificateCAPreference,
    RootStoreVersion,
    RootStoreVersion_2_CertificateCA,
)

FOCUS = (
    joinedload(CertificateCA.cert_issuer__certificate_ca),
    selectinload(CertificateCA.to_root_store_versions)
    .joinedload(RootStoreVersion_2_CertificateCA.root_store_version)
    .joinedload(RootStoreVersion.root_store),
)


def every() -> Select[CertificateCA]:
    return select(CertificateCA)


def by_md5(cert_pem_md5: str) -> Select[CertificateCA]:
    return every().where(CertificateCA.cert_pem_md5 == cert_pem_md5)


def by_fingerprint_sha1(beginning: str) -> Select[CertificateCA]:
    """By the beginning of a fingerprint, colons or not."""
    plain = beginning.replace(":", "").strip().upper()
    return every().where(CertificateCA.fingerprint_sha1.startswith(plain, autoescape=True))


def by_fingerprint(fingerprint: str) -> Select[CertificateCA]:
    """By a whole SHA-1 or SHA-256, colons or not. One certificate, so the first will do."""
    plain = fingerprint.replace(":", "").upper()
    kinds = {40: CertificateCA.fingerprint_sha1, 64: CertificateCA.fingerprint_sha256}
    kind = kinds.get(len(plain))
    is_it = false() if kind is None else kind == plain
    return every().where(is_it).order_by(CertificateCA.id).limit(1)


def preferences() -> Select[CertificateCAPreference]:
    """The preferred CAs, in their order."""
    return (
        select(CertificateCAPreference)
        .options(joinedload(CertificateCAPreference.certificate_ca))
        .order_by(CertificateCAPreference.slot)
    )


def preferred_ids() -> Select[int]:
    return select(CertificateCAPreference.certificate_ca_id).order_by(CertificateCAPreference.slot)


def unreconciled(now: datetime) -> Select[CertificateCA]:
    """Whose issuer is not known, though the certificate says where to get it."""
    return every().where(
        CertificateCA.cert_issuer_uri.is_not(None),
        CertificateCA.cert_issuer__reconciled.is_not(True),
        CertificateCA.timestamp_not_after > now,
    )
