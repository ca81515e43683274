"""Certificate signing requests."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import CertificateRequest, Domain, PrivateKey, UniqueFQDNSet, UniqueFQDNSet2Domain
from . import unique_fqdn_sets

SHOWN = (
    joinedload(CertificateRequest.unique_fqdn_set)
    .selectinload(UniqueFQDNSet.to_domains)
    .joinedload(UniqueFQDNSet2Domain.domain),
    joinedload(CertificateRequest.private_key),
)
FOCUS = (*SHOWN, selectinload(CertificateRequest.certificate_signeds))


def every() -> Select[CertificateRequest]:
    return select(CertificateRequest).options(*SHOWN)


def by_md5(csr_pem_md5: str) -> Select[CertificateRequest]:
    return every().where(CertificateRequest.csr_pem_md5 == csr_pem_md5)


def of_private_key(key: PrivateKey) -> Select[CertificateRequest]:
    return every().where(CertificateRequest.private_key_id == key.id)


def of_unique_fqdn_set(fqdns: UniqueFQDNSet) -> Select[CertificateRequest]:
    return every().where(CertificateRequest.unique_fqdn_set_id == fqdns.id)


def of_domain(domain: Domain) -> Select[CertificateRequest]:
    sets = unique_fqdn_sets.ids_of_domain(domain)
    return every().where(CertificateRequest.unique_fqdn_set_id.in_(sets))
