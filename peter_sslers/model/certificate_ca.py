"""Certificates of CAs, chains of them, which are preferred, and how their issuers were found."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Index,
    String,
    UniqueConstraint,
    cast,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import KeyTechnology
from .meta import (
    LongText,
    Recorded,
    Str32,
    Str64,
    Str255,
    WithId,
    by_whole_text,
    listed,
    listed_if_set,
    ref,
    words,
)
from .search import search_query

if TYPE_CHECKING:
    from .operations import OperationsObjectEvent
    from .root_store import RootStoreVersion_2_CertificateCA


class CertificateCA(Recorded):
    """The certificate of a root or of an intermediate."""

    __tablename__ = "certificate_ca"
    __table_args__ = (
        *listed_if_set(
            "cert_issuer__certificate_ca_id",
            "signed_by__certificate_ca_id",
            "cross_signed_by__certificate_ca_id",
        ),
        Index(None, "spki_sha256"),
        Index(None, "fingerprint_sha1"),
        Index(None, "fingerprint_sha256"),
        Index(None, "subject_key_identifier"),
        by_whole_text("cert_subject"),
        by_whole_text("cert_issuer"),
    )

    display_name: Mapped[Str255]
    is_trusted_root: Mapped[bool | None]
    key_technology: Mapped[KeyTechnology] = mapped_column(words(KeyTechnology))
    cert_pem: Mapped[LongText]
    cert_pem_md5: Mapped[Str32] = mapped_column(unique=True)
    spki_sha256: Mapped[Str64]
    fingerprint_sha1: Mapped[Str64]
    fingerprint_sha256: Mapped[Str64 | None]
    timestamp_not_before: Mapped[datetime]
    timestamp_not_after: Mapped[datetime]
    cert_subject: Mapped[LongText]
    cert_issuer: Mapped[LongText]
    cert_issuer_uri: Mapped[LongText | None]
    cert_authority_key_identifier: Mapped[LongText | None]
    subject_key_identifier: Mapped[Str255 | None]
    cert_issuer__reconciled: Mapped[bool | None]
    cert_issuer__certificate_ca_id: Mapped[int | None] = ref("certificate_ca")
    reconciled_uris: Mapped[LongText | None]  # separated by blanks
    count_active_certificates: Mapped[int | None]
    signed_by__certificate_ca_id: Mapped[int | None] = ref("certificate_ca")
    cross_signed_by__certificate_ca_id: Mapped[int | None] = ref("certificate_ca")
    timestamp_created: Mapped[datetime]

    certificate_ca_chains_0: Mapped[list[CertificateCAChain]] = relationship(
        foreign_keys="CertificateCAChain.certificate_ca_0_id",
        order_by="CertificateCAChain.id",
        viewonly=True,
    )
    certificate_ca_chains_n: Mapped[list[CertificateCAChain]] = relationship(
        foreign_keys="CertificateCAChain.certificate_ca_n_id",
        order_by="CertificateCAChain.id",
        viewonly=True,
    )
    cert_issuer__certificate_ca: Mapped[CertificateCA | None] = relationship(
        foreign_keys=[cert_issuer__certificate_ca_id], remote_side="CertificateCA.id", viewonly=True
    )
    to_root_store_versions: Mapped[list[RootStoreVersion_2_CertificateCA]] = relationship(
        order_by="RootStoreVersion_2_CertificateCA.id", viewonly=True
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def cert_spki_search(self) -> str:
        return search_query("spki", self.spki_sha256, "certificate_ca", self)

    @property
    def cert_subject_search(self) -> str:
        return search_query("cert_subject", self.cert_subject, "certificate_ca", self)

    @property
    def cert_issuer_search(self) -> str:
        return search_query("cert_issuer", self.cert_issuer, "certificate_ca", self)


class CertificateCAChain(Recorded):
    """A chain as a CA sent it or a person uploaded it, without the leaf."""

    __tablename__ = "certificate_ca_chain"
    __table_args__ = listed("certificate_ca_0_id", "certificate_ca_n_id")

    display_name: Mapped[Str255]
    timestamp_created: Mapped[datetime]
    chain_pem: Mapped[LongText]
    chain_pem_md5: Mapped[Str32] = mapped_column(unique=True)
    chain_length: Mapped[int]
    certificate_ca_0_id: Mapped[int] = ref("certificate_ca")  # it signs the leaf
    certificate_ca_n_id: Mapped[int] = ref("certificate_ca")
    certificate_ca_ids_string: Mapped[Str255]  # in their order: "7,2"

    if TYPE_CHECKING:
        certificate_cas: Mapped[list[CertificateCA]]  # in no order; see below

    certificate_ca_0: Mapped[CertificateCA] = relationship(
        foreign_keys=[certificate_ca_0_id],
    )
    certificate_ca_n: Mapped[CertificateCA] = relationship(
        foreign_keys=[certificate_ca_n_id],
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def certificate_ca_ids(self) -> list[str]:
        return self.certificate_ca_ids_string.split(",")

    @property
    def certificate_cas_all(self) -> list[CertificateCA]:
        """In the order of the chain."""
        by_id = {str(ca.id): ca for ca in self.certificate_cas}
        return [by_id[ident] for ident in self.certificate_ca_ids]


def chain_holds(ca_id: Any) -> ColumnElement[bool]:
    """Whether the CA stands anywhere in the chain; `ca_id` is a column."""
    # Written out, for this stands in the queries that are asked most: each parameter costs.
    comma, before, after = (literal_column(f"'{text}'", String) for text in (",", "%,", ",%"))
    ids = comma + CertificateCAChain.certificate_ca_ids_string + comma
    return ids.like(before + cast(ca_id, String(20)) + after)


# The ids' text as a table of chains and CAs; databases look at the rows asked for only.
_member = (
    select(
        CertificateCAChain.id.label("certificate_ca_chain_id"),
        CertificateCA.id.label("certificate_ca_id"),
    )
    .join(CertificateCA, chain_holds(CertificateCA.id))
    .subquery("certificate_ca_chain_member")
)
CertificateCAChain.certificate_cas = relationship(
    CertificateCA,
    secondary=_member,
    primaryjoin=CertificateCAChain.id == _member.c.certificate_ca_chain_id,
    secondaryjoin=CertificateCA.id == _member.c.certificate_ca_id,
    viewonly=True,
)


class CertificateCAPreference(WithId):
    """One of the preferred CAs; slot 1 comes first."""

    __tablename__ = "certificate_ca_preference"
    __table_args__ = (UniqueConstraint("certificate_ca_id"),)

    slot: Mapped[int] = mapped_column(unique=True)
    certificate_ca_id: Mapped[int] = ref("certificate_ca")

    certificate_ca: Mapped[CertificateCA] = relationship()


class CertificateCAReconciliation(WithId):
    """One attempt to find the issuer of a CA by the address in its certificate."""

    __tablename__ = "certificate_ca_reconciliation"
    __table_args__ = listed("certificate_ca_id", "certificate_ca_id__issuer__reconciled")

    timestamp_operation: Mapped[datetime]
    certificate_ca_id: Mapped[int] = ref("certificate_ca")
    result: Mapped[bool | None]
    certificate_ca_id__issuer__reconciled: Mapped[int | None] = ref("certificate_ca")

    certificate_ca: Mapped[CertificateCA] = relationship(foreign_keys=[certificate_ca_id])
