"""Certificates of CAs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import (
    CertificateCA,
    CertificateCAChain,
    CertificateCAPreference,
    CertificateCAReconciliation,
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


def may_have_signed(issuer: str, key_identifier: str | None) -> Select[str]:
    """The PEMs of the CAs with the subject and the key that a certificate names as its issuer's.

    The one that ends last comes first.
    """
    identifier = CertificateCA.subject_key_identifier
    found = select(CertificateCA.cert_pem).where(CertificateCA.cert_subject == issuer)
    if key_identifier is not None:
        found = found.where(or_(identifier.is_(None), identifier == key_identifier))
    return found.order_by(CertificateCA.timestamp_not_after.desc(), CertificateCA.id).limit(20)


def trusted_by_version(version: RootStoreVersion) -> Select[CertificateCA]:
    """The roots that a version of a root store holds."""
    link = RootStoreVersion_2_CertificateCA
    trusted = select(link.certificate_ca_id).where(link.root_store_version_id == version.id)
    return every().where(CertificateCA.id.in_(trusted))


def of_chain(chain: CertificateCAChain) -> Select[CertificateCA]:
    return every().where(CertificateCA.id.in_([int(ca) for ca in chain.certificate_ca_ids]))


def with_same_key(ca: CertificateCA) -> Select[CertificateCA]:
    """Other certificates of its key: cross-signs, and what they are of."""
    return every().where(CertificateCA.spki_sha256 == ca.spki_sha256, CertificateCA.id != ca.id)


def issued_by(ca: CertificateCA) -> Select[CertificateCA]:
    """Certificates of CAs whose issuer's certificate it was found to be."""
    return every().where(CertificateCA.cert_issuer__certificate_ca_id == ca.id)


def preferences() -> Select[CertificateCAPreference]:
    """The preferred CAs, in their order."""
    return (
        select(CertificateCAPreference)
        .options(joinedload(CertificateCAPreference.certificate_ca))
        .order_by(CertificateCAPreference.slot)
    )


def reconciled_fingerprints() -> Select[str | None]:
    """The SHA-256 of those whose issuer is known."""
    return select(CertificateCA.fingerprint_sha256).where(
        CertificateCA.cert_issuer__reconciled.is_(True),
        CertificateCA.fingerprint_sha256.is_not(None),
    )


def unreconciled(now: datetime) -> Select[CertificateCA]:
    """Whose issuer is not known, though the certificate says where to get it.

    Those come first that were not asked for yet, then those for which that is longest ago.
    """
    attempt = CertificateCAReconciliation
    last = (
        select(func.coalesce(func.max(attempt.id), 0))
        .where(attempt.certificate_ca_id == CertificateCA.id)
        .scalar_subquery()
    )
    return (
        every()
        .where(
            CertificateCA.cert_issuer_uri.is_not(None),
            CertificateCA.cert_issuer__reconciled.is_not(True),
            CertificateCA.timestamp_not_after > now,
        )
        .order_by(last, CertificateCA.id)
    )
