"""Certificates."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from ...model import (
    AcmeAccount,
    AcmeOrder,
    CertificateCA,
    CertificateCAChain,
    CertificateRequest,
    CertificateSigned,
    CertificateSignedChain,
    Domain,
    PrivateKey,
    UniqueFQDNSet,
    UniqueFQDNSet2Domain,
)
from . import unique_fqdn_sets

SHOWN = (
    joinedload(CertificateSigned.unique_fqdn_set)
    .selectinload(UniqueFQDNSet.to_domains)
    .joinedload(UniqueFQDNSet2Domain.domain),
    selectinload(CertificateSigned.acme_orders),
    selectinload(CertificateSigned.certificate_signed_chains).joinedload(
        CertificateSignedChain.certificate_ca_chain
    ),
    undefer(CertificateSigned.certificate_ca_chain_id__preferred),
)
FOCUS = (*SHOWN, joinedload(CertificateSigned.private_key))


def every() -> Select[CertificateSigned]:
    return select(CertificateSigned).options(*SHOWN)


def active() -> Select[CertificateSigned]:
    return every().where(CertificateSigned.is_active.is_(True))


def inactive() -> Select[CertificateSigned]:
    return every().where(CertificateSigned.is_active.is_(False))


def expiring(now: datetime, days: int) -> Select[CertificateSigned]:
    """Active ones that run out within some days, or have; the first to do so first."""
    return (
        active()
        .where(CertificateSigned.timestamp_not_after <= now + timedelta(days=days))
        .order_by(CertificateSigned.timestamp_not_after, CertificateSigned.id)
    )


def expired(now: datetime) -> Select[CertificateSigned]:
    return active().where(CertificateSigned.timestamp_not_after < now)


def by_md5(cert_pem_md5: str) -> Select[CertificateSigned]:
    return every().where(CertificateSigned.cert_pem_md5 == cert_pem_md5)


def of_private_key(key: PrivateKey) -> Select[CertificateSigned]:
    return every().where(CertificateSigned.private_key_id == key.id)


def with_same_key(certificate: CertificateSigned) -> Select[CertificateSigned]:
    """Others of its key, whichever way that was stored."""
    return every().where(
        CertificateSigned.spki_sha256 == certificate.spki_sha256,
        CertificateSigned.id != certificate.id,
    )


def with_same_names(certificate: CertificateSigned) -> Select[CertificateSigned]:
    """Others for exactly its names."""
    return every().where(
        CertificateSigned.unique_fqdn_set_id == certificate.unique_fqdn_set_id,
        CertificateSigned.id != certificate.id,
    )


def of_certificate_request(request: CertificateRequest) -> Select[CertificateSigned]:
    return every().where(CertificateSigned.certificate_request_id == request.id)


def of_unique_fqdn_set(fqdns: UniqueFQDNSet) -> Select[CertificateSigned]:
    return every().where(CertificateSigned.unique_fqdn_set_id == fqdns.id)


def of_domain(domain: Domain) -> Select[CertificateSigned]:
    """For any set of names that holds the domain."""
    sets = unique_fqdn_sets.ids_of_domain(domain)
    return every().where(CertificateSigned.unique_fqdn_set_id.in_(sets))


def valid_of_domain(domain: Domain, now: datetime) -> Select[CertificateSigned]:
    """Those of them that can be served now."""
    return of_domain(domain).where(
        CertificateSigned.is_active.is_(True),
        CertificateSigned.timestamp_not_before <= now,
        CertificateSigned.timestamp_not_after > now,
    )


def of_account(account: AcmeAccount) -> Select[CertificateSigned]:
    """Of the account's orders."""
    issued = select(AcmeOrder.certificate_signed_id).where(
        AcmeOrder.acme_account_id == account.id, AcmeOrder.certificate_signed_id.is_not(None)
    )
    return every().where(CertificateSigned.id.in_(issued))


def of_chain(chain: CertificateCAChain) -> Select[CertificateSigned]:
    return _linked(CertificateSignedChain.certificate_ca_chain_id == chain.id)


def of_ca_by_default(ca: CertificateCA) -> Select[CertificateSigned]:
    """Signed by it, in the chain that the CA sends unasked."""
    return _linked(_begins_with(ca), CertificateSignedChain.is_upstream_default.is_(True))


def of_ca_by_alternate(ca: CertificateCA) -> Select[CertificateSigned]:
    """Signed by it in an alternate chain."""
    return _linked(_begins_with(ca), CertificateSignedChain.is_upstream_default.is_not(True))


def _begins_with(ca: CertificateCA) -> ColumnElement[bool]:
    chains = select(CertificateCAChain.id).where(CertificateCAChain.certificate_ca_0_id == ca.id)
    return CertificateSignedChain.certificate_ca_chain_id.in_(chains)


def _linked(*which: ColumnElement[bool]) -> Select[CertificateSigned]:
    links = select(CertificateSignedChain.certificate_signed_id).where(*which)
    return every().where(CertificateSigned.id.in_(links))
