"""Certificate signing requests."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import CertificateRequestSource, KeyTechnology
from .meta import LongText, Recorded, Str32, Str64, listed, ref, words
from .search import search_query

if TYPE_CHECKING:
    from .acme_order import AcmeOrder
    from .certificate_signed import CertificateSigned
    from .operations import OperationsObjectEvent
    from .private_key import PrivateKey
    from .unique_fqdn_set import UniqueFQDNSet


class CertificateRequest(Recorded):
    """A CSR, made for an order or imported."""

    __tablename__ = "certificate_request"
    __table_args__ = (
        *listed("private_key_id", "unique_fqdn_set_id"),
        Index(None, "csr_pem_md5"),
        Index(None, "spki_sha256"),
    )

    timestamp_created: Mapped[datetime]
    certificate_request_source: Mapped[CertificateRequestSource] = mapped_column(
        words(CertificateRequestSource)
    )
    csr_pem: Mapped[LongText]
    csr_pem_md5: Mapped[Str32]
    spki_sha256: Mapped[Str64]
    key_technology: Mapped[KeyTechnology] = mapped_column(words(KeyTechnology))
    private_key_id: Mapped[int | None] = ref("private_key")
    unique_fqdn_set_id: Mapped[int] = ref("unique_fqdn_set")

    acme_orders: Mapped[list[AcmeOrder]] = relationship(order_by="AcmeOrder.id", viewonly=True)
    certificate_signeds: Mapped[list[CertificateSigned]] = relationship(
        order_by="CertificateSigned.id", viewonly=True
    )
    private_key: Mapped[PrivateKey | None] = relationship()
    unique_fqdn_set: Mapped[UniqueFQDNSet] = relationship()
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def latest_acme_order(self) -> AcmeOrder | None:
        return self.acme_orders[-1] if self.acme_orders else None

    @property
    def certificate_signed__latest(self) -> CertificateSigned | None:
        active = [c for c in self.certificate_signeds if c.is_active]
        return active[-1] if active else None

    @property
    def certificate_signed_id__latest(self) -> int | None:
        latest = self.certificate_signed__latest
        return latest.id if latest else None

    @property
    def csr_spki_search(self) -> str:
        return search_query("spki", self.spki_sha256, "certificate_request", self)

    @property
    def domains_as_list(self) -> list[str]:
        return self.unique_fqdn_set.domains_as_list

    @property
    def domains_as_string(self) -> str:
        return self.unique_fqdn_set.domains_as_string
