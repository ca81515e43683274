"""The log of what was done here, and to which objects."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import OperationsEventType
from .meta import HugeText, WithId, listed, listed_if_set, ref, words

if TYPE_CHECKING:
    from .acme_account import AcmeAccount, AcmeAccountKey
    from .acme_dns import AcmeDnsServer
    from .acme_order import AcmeOrder
    from .certificate_ca import CertificateCA, CertificateCAChain
    from .certificate_request import CertificateRequest
    from .certificate_signed import CertificateSigned
    from .coverage_assurance import CoverageAssuranceEvent
    from .domain import Domain
    from .private_key import PrivateKey
    from .queue import QueueCertificate, QueueDomain
    from .unique_fqdn_set import UniqueFQDNSet

# The kinds of object that the log knows, by their tables.
OBJECT_KINDS = (
    "acme_account",
    "acme_account_key",
    "acme_dns_server",
    "acme_order",
    "certificate_ca",
    "certificate_ca_chain",
    "certificate_request",
    "certificate_signed",
    "coverage_assurance_event",
    "domain",
    "private_key",
    "queue_certificate",
    "queue_domain",
    "unique_fqdn_set",
)
_COLUMNS = tuple(f"{kind}_id" for kind in OBJECT_KINDS)
_EXACTLY_ONE = " + ".join(f"(CASE WHEN {c} IS NULL THEN 0 ELSE 1 END)" for c in _COLUMNS) + " = 1"


class OperationsEvent(WithId):
    """Something that was done."""

    __tablename__ = "operations_event"
    __table_args__ = (
        *listed("operations_event_type"),
        *listed_if_set("operations_event_id__child_of"),
        Index(None, "timestamp_event"),
    )

    operations_event_type: Mapped[OperationsEventType] = mapped_column(words(OperationsEventType))
    timestamp_event: Mapped[datetime | None]
    event_payload: Mapped[HugeText] = mapped_column(default='{"v": 1}')
    operations_event_id__child_of: Mapped[int | None] = ref("operations_event")

    object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )
    children: Mapped[list[OperationsEvent]] = relationship(
        order_by="OperationsEvent.id", viewonly=True
    )
    parent: Mapped[OperationsEvent | None] = relationship(
        remote_side="OperationsEvent.id", viewonly=True
    )

    @property
    def event_type_text(self) -> str:
        return self.operations_event_type

    @property
    def event_payload_json(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.event_payload)
        return payload


class OperationsObjectEvent(WithId):
    """What an event did to one object."""

    __tablename__ = "operations_object_event"
    __table_args__ = (
        CheckConstraint(_EXACTLY_ONE, name="check1"),
        *listed("operations_event_id"),
        *listed_if_set(*_COLUMNS),
    )

    operations_event_id: Mapped[int | None] = ref("operations_event")
    operations_object_event_status: Mapped[OperationsEventType] = mapped_column(
        words(OperationsEventType)
    )
    acme_account_id: Mapped[int | None] = ref("acme_account")
    acme_account_key_id: Mapped[int | None] = ref("acme_account_key")
    acme_dns_server_id: Mapped[int | None] = ref("acme_dns_server")
    acme_order_id: Mapped[int | None] = ref("acme_order")
    certificate_ca_id: Mapped[int | None] = ref("certificate_ca")
    certificate_ca_chain_id: Mapped[int | None] = ref("certificate_ca_chain")
    certificate_request_id: Mapped[int | None] = ref("certificate_request")
    certificate_signed_id: Mapped[int | None] = ref("certificate_signed")
    coverage_assurance_event_id: Mapped[int | None] = ref("coverage_assurance_event")
    domain_id: Mapped[int | None] = ref("domain")
    private_key_id: Mapped[int | None] = ref("private_key")
    queue_certificate_id: Mapped[int | None] = ref("queue_certificate")
    queue_domain_id: Mapped[int | None] = ref("queue_domain")
    unique_fqdn_set_id: Mapped[int | None] = ref("unique_fqdn_set")

    operations_event: Mapped[OperationsEvent | None] = relationship(viewonly=True)
    acme_account: Mapped[AcmeAccount | None] = relationship(viewonly=True)
    acme_account_key: Mapped[AcmeAccountKey | None] = relationship(viewonly=True)
    acme_dns_server: Mapped[AcmeDnsServer | None] = relationship(viewonly=True)
    acme_order: Mapped[AcmeOrder | None] = relationship(viewonly=True)
    certificate_ca: Mapped[CertificateCA | None] = relationship(viewonly=True)
    certificate_ca_chain: Mapped[CertificateCAChain | None] = relationship(viewonly=True)
    certificate_request: Mapped[CertificateRequest | None] = relationship(viewonly=True)
    certificate_signed: Mapped[CertificateSigned | None] = relationship(viewonly=True)
    coverage_assurance_event: Mapped[CoverageAssuranceEvent | None] = relationship(viewonly=True)
    domain: Mapped[Domain | None] = relationship(viewonly=True)
    private_key: Mapped[PrivateKey | None] = relationship(viewonly=True)
    queue_certificate: Mapped[QueueCertificate | None] = relationship(viewonly=True)
    queue_domain: Mapped[QueueDomain | None] = relationship(viewonly=True)
    unique_fqdn_set: Mapped[UniqueFQDNSet | None] = relationship(viewonly=True)

    @property
    def event_status_text(self) -> str:
        return self.operations_object_event_status
