"""Certificates, and the chains that they can be served with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    ColumnElement,
    Index,
    UniqueConstraint,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from ..enums import KeyTechnology, PrivateKeyCycle
from .certificate_ca import CertificateCAChain, CertificateCAPreference, chain_holds
from .meta import (
    LongText,
    Recorded,
    Str32,
    Str64,
    WithId,
    by_whole_text,
    listed,
    listed_if_set,
    ref,
    unique_where,
    words,
)
from .search import search_query

if TYPE_CHECKING:
    from .acme_account import AcmeAccount
    from .acme_order import AcmeOrder
    from .certificate_ca import CertificateCA
    from .certificate_request import CertificateRequest
    from .coverage_assurance import CoverageAssuranceEvent
    from .operations import OperationsObjectEvent
    from .private_key import PrivateKey
    from .queue import QueueCertificate
    from .unique_fqdn_set import UniqueFQDNSet

EXPIRING_SOON_DAYS = 30


class CertificateSigned(Recorded):
    """A leaf certificate."""

    __tablename__ = "certificate_signed"
    __table_args__ = (
        *listed("is_active", "private_key_id", "timestamp_not_after", "unique_fqdn_set_id"),
        *listed_if_set("certificate_request_id"),
        Index(None, "is_active", "timestamp_not_after"),
        Index(None, "unique_fqdn_set_id", "is_active", "timestamp_not_after"),
        Index(None, "spki_sha256"),
        Index(None, "fingerprint_sha1"),
        Index(None, "fingerprint_sha256"),
        Index(None, "serial"),
        by_whole_text("cert_subject"),
        by_whole_text("cert_issuer"),
    )

    timestamp_created: Mapped[datetime]
    timestamp_not_before: Mapped[datetime]
    timestamp_not_after: Mapped[datetime]
    is_single_domain_cert: Mapped[bool | None]
    key_technology: Mapped[KeyTechnology] = mapped_column(words(KeyTechnology))
    cert_pem: Mapped[LongText]
    cert_pem_md5: Mapped[Str32] = mapped_column(unique=True)
    spki_sha256: Mapped[Str64]
    fingerprint_sha1: Mapped[Str64]
    fingerprint_sha256: Mapped[Str64]
    serial: Mapped[Str64]  # hexadecimal
    cert_subject: Mapped[LongText]
    cert_issuer: Mapped[LongText]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_deactivated: Mapped[bool | None]  # it may not be made active again
    is_revoked: Mapped[bool | None]
    is_compromised_private_key: Mapped[bool | None]
    unique_fqdn_set_id: Mapped[int] = ref("unique_fqdn_set")
    timestamp_revoked_upstream: Mapped[datetime | None]
    private_key_id: Mapped[int] = ref("private_key")
    certificate_request_id: Mapped[int | None] = ref("certificate_request")
    # When the CA wants it renewed, and when to ask again: RFC 9773 section 4.2.
    timestamp_ari_window_start: Mapped[datetime | None]
    timestamp_ari_window_end: Mapped[datetime | None]
    timestamp_ari_retry_after: Mapped[datetime | None] = mapped_column(index=True)
    ari_explanation_url: Mapped[LongText | None]  # for people; of any host

    if TYPE_CHECKING:
        # The chain that it is served with: for each preferred CA by its slot, the first of the
        # chains that holds it anywhere; else the one that the CA sends unasked.
        # Loaded when asked for, or with `undefer`.
        certificate_ca_chain_id__preferred: Mapped[int | None]

    # Two orders may have been given the same certificate; the first is meant.
    acme_orders: Mapped[list[AcmeOrder]] = relationship(
        primaryjoin="foreign(AcmeOrder.certificate_signed_id) == CertificateSigned.id",
        viewonly=True,
        order_by="AcmeOrder.id",
    )
    certificate_request: Mapped[CertificateRequest | None] = relationship()
    certificate_signed_chains: Mapped[list[CertificateSignedChain]] = relationship(
        back_populates="certificate_signed", order_by="CertificateSignedChain.id"
    )
    coverage_assurance_events: Mapped[list[CoverageAssuranceEvent]] = relationship(
        order_by="CoverageAssuranceEvent.id", viewonly=True
    )
    private_key: Mapped[PrivateKey] = relationship()
    unique_fqdn_set: Mapped[UniqueFQDNSet] = relationship()
    acme_order__renewals: Mapped[list[AcmeOrder]] = relationship(
        foreign_keys="AcmeOrder.certificate_signed_id__renewal_of",
        order_by="AcmeOrder.id",
        viewonly=True,
    )
    queue_certificate__parent: Mapped[list[QueueCertificate]] = relationship(
        foreign_keys="QueueCertificate.certificate_signed_id__generated",
        order_by="QueueCertificate.id",
        viewonly=True,
    )
    queue_certificate__renewal: Mapped[list[QueueCertificate]] = relationship(
        foreign_keys="QueueCertificate.certificate_signed_id__source",
        order_by="QueueCertificate.id",
        viewonly=True,
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def acme_order(self) -> AcmeOrder | None:
        return self.acme_orders[0] if self.acme_orders else None

    @property
    def acme_account(self) -> AcmeAccount | None:
        return self.acme_order.acme_account if self.acme_order else None

    @property
    def cert_spki_search(self) -> str:
        return search_query("spki", self.spki_sha256, "certificate", self)

    @property
    def cert_subject_search(self) -> str:
        return search_query("cert_subject", self.cert_subject, "certificate", self)

    @property
    def cert_issuer_search(self) -> str:
        return search_query("cert_issuer", self.cert_issuer, "certificate", self)

    @property
    def certificate_ca_chains(self) -> list[CertificateCAChain]:
        """Its chains; the one that the CA sends unasked is the first."""
        links = sorted(self.certificate_signed_chains, key=lambda k: not k.is_upstream_default)
        return [link.certificate_ca_chain for link in links]

    @property
    def certificate_ca_chain__preferred(self) -> CertificateCAChain | None:
        wanted = self.certificate_ca_chain_id__preferred
        return next((c for c in self.certificate_ca_chains if c.id == wanted), None)

    @property
    def certificate_ca_chain_ids(self) -> list[int]:
        return [link.certificate_ca_chain_id for link in self.certificate_signed_chains]

    @property
    def certificate_cas__upchain(self) -> list[CertificateCA]:
        """The CAs that have signed it: one name and key may have more than one certificate."""
        return list(dict.fromkeys(c.certificate_ca_0 for c in self.certificate_ca_chains))

    @property
    def certificate_ca_ids__upchain(self) -> list[int]:
        return list(dict.fromkeys(c.certificate_ca_0_id for c in self.certificate_ca_chains))

    def cert_fullchain_pem(self, chain: CertificateCAChain | None) -> str:
        """The certificate and the chain after it; without a chain, the certificate alone."""
        leaf = self.cert_pem.strip() + "\n"
        return leaf + chain.chain_pem if chain else leaf

    def expiring_days(self, now: datetime) -> int:
        """Whole days that it is still valid; below 0 once it has expired."""
        return (self.timestamp_not_after - now).days

    def expiring_days_label(self, now: datetime) -> str:
        days = self.expiring_days(now)
        if not self.is_active or days <= 0:
            return "danger"
        return "warning" if days <= EXPIRING_SOON_DAYS else "success"

    @property
    def renewals_managed_by(self) -> str:
        return "AcmeOrder" if self.acme_order else "CertificateSigned"

    @property
    def renewal__private_key_cycle(self) -> PrivateKeyCycle:
        """How its renewal comes to a key, the account's own choice looked up."""
        order = self.acme_order
        if order is None:
            return PrivateKeyCycle.SINGLE_CERTIFICATE
        cycle = order.private_key_cycle__renewal
        if cycle is PrivateKeyCycle.ACCOUNT_KEY_DEFAULT:
            return order.acme_account.private_key_cycle
        return cycle

    @property
    def domains_as_list(self) -> list[str]:
        return self.unique_fqdn_set.domains_as_list

    @property
    def domains_as_string(self) -> str:
        return self.unique_fqdn_set.domains_as_string


class CertificateSignedChain(WithId):
    """A chain of a certificate."""

    __tablename__ = "certificate_signed_chain"
    __table_args__ = (
        UniqueConstraint("certificate_signed_id", "certificate_ca_chain_id"),
        *listed("certificate_ca_chain_id"),
        unique_where("is_upstream_default", "certificate_signed_id"),
    )

    certificate_signed_id: Mapped[int] = ref("certificate_signed")
    certificate_ca_chain_id: Mapped[int] = ref("certificate_ca_chain")
    # True: the one that the CA sends unasked; False: an alternate; None: found later.
    is_upstream_default: Mapped[bool | None]

    certificate_signed: Mapped[CertificateSigned] = relationship(
        back_populates="certificate_signed_chains"
    )
    certificate_ca_chain: Mapped[CertificateCAChain] = relationship()


def _preferred_chain_id() -> ColumnElement[int | None]:
    # The preferences are read in the same query and never remembered: a change counts at once in
    # every process.
    link, chain, preference = CertificateSignedChain, CertificateCAChain, CertificateCAPreference
    default_first = (link.is_upstream_default.is_not(True), link.id)
    return (
        select(link.certificate_ca_chain_id)
        .join(chain, chain.id == link.certificate_ca_chain_id)
        .outerjoin(preference, chain_holds(preference.certificate_ca_id))
        .where(link.certificate_signed_id == CertificateSigned.id)
        .order_by(preference.slot.is_(None), preference.slot, *default_first)
        .limit(literal_column("1"))
        .correlate(CertificateSigned)
        .scalar_subquery()
    )


CertificateSigned.certificate_ca_chain_id__preferred = column_property(
    _preferred_chain_id(), deferred=True
)
