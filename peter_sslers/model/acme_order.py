"""Orders, RFC 8555 section 7.1.3, and what ties them to names and authorizations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import (
    ChallengeType,
    OrderStatus,
    OrderType,
    PrivateKeyCycle,
    PrivateKeyStrategy,
    ProcessingStatus,
    ProcessingStrategy,
)
from .meta import (
    Base,
    LongText,
    Str64,
    Str255,
    Url,
    WithId,
    key_ref,
    listed,
    listed_if_set,
    ref,
    words,
)

if TYPE_CHECKING:
    from .acme_account import AcmeAccount
    from .acme_authorization import AcmeAuthorization
    from .acme_challenge import AcmeChallenge
    from .certificate_request import CertificateRequest
    from .certificate_signed import CertificateSigned
    from .domain import Domain
    from .operations import OperationsObjectEvent
    from .private_key import PrivateKey
    from .queue import QueueCertificate
    from .unique_fqdn_set import UniqueFQDNSet

_FAILED = {
    OrderStatus.INVALID,
    OrderStatus.GONE,
    OrderStatus.UNKNOWN,
    OrderStatus.DEACTIVATED,
}
CAN_PROCESS = frozenset({OrderStatus.PENDING, OrderStatus.READY, OrderStatus.PROCESSING})
CAN_RENEW = frozenset({OrderStatus.VALID, OrderStatus.READY, OrderStatus.GONE})
CAN_RETRY = frozenset(_FAILED)
CAN_NOT_MARK_INVALID = frozenset(
    {OrderStatus.INVALID, OrderStatus.VALID, OrderStatus.GONE, OrderStatus.DEACTIVATED}
)
# A status from which nothing more comes: the order is not being processed any more.
ENDED = frozenset({*_FAILED, OrderStatus.VALID})
BLOCKING = frozenset({OrderStatus.PENDING})
ACTIVE = frozenset({OrderStatus.PENDING, OrderStatus.READY, OrderStatus.PROCESSING})
FINISHED = frozenset({OrderStatus.INVALID, OrderStatus.VALID})
INACTIVE = frozenset({*_FAILED, OrderStatus.VALID, OrderStatus.DROPPED})


@dataclass(frozen=True)
class ProcessSteps:
    """What is left to do for an order. `authorizations`: whether each is open, and which it is."""

    authorizations: tuple[tuple[bool, AcmeAuthorization], ...] = ()
    authorizations_remaining: int = 0
    finalize: bool | None = None
    download: bool | None = None
    next_step: str | None = None  # "challenge", "finalize", "download"


class AcmeOrder(WithId):
    """One order at an ACME server."""

    __tablename__ = "acme_order"
    __table_args__ = (
        *listed(
            "acme_account_id",
            "acme_status_order",
            "private_key_id",
            "private_key_id__requested",
            "unique_fqdn_set_id",
        ),
        *listed_if_set(
            "acme_event_log_id",
            "acme_order_id__renewal_of",
            "acme_order_id__retry_of",
            "certificate_request_id",
            "certificate_signed_id",
            "certificate_signed_id__renewal_of",
        ),
        # What a worker may take.
        Index(None, "is_processing", "lease_until"),
    )

    # True: alive, its challenges are answered; None: ended; False: cancelled by the operator.
    is_processing: Mapped[bool | None] = mapped_column(default=True)
    is_auto_renew: Mapped[bool | None] = mapped_column(default=True)
    is_renewed: Mapped[bool | None]
    is_save_alternate_chains: Mapped[bool] = mapped_column(default=True)
    timestamp_created: Mapped[datetime]
    acme_order_type: Mapped[OrderType] = mapped_column(words(OrderType))
    acme_status_order: Mapped[OrderStatus] = mapped_column(
        words(OrderStatus), default=OrderStatus.PENDING
    )
    acme_order_processing_strategy: Mapped[ProcessingStrategy] = mapped_column(
        words(ProcessingStrategy)
    )
    acme_order_processing_status: Mapped[ProcessingStatus] = mapped_column(
        words(ProcessingStatus), default=ProcessingStatus.CREATED_LOCAL
    )
    order_url: Mapped[Url | None] = mapped_column(unique=True)
    finalize_url: Mapped[Url | None]
    certificate_url: Mapped[Url | None]
    timestamp_expires: Mapped[datetime | None]
    timestamp_updated: Mapped[datetime | None]
    private_key_cycle__renewal: Mapped[PrivateKeyCycle] = mapped_column(
        words(PrivateKeyCycle), default=PrivateKeyCycle.ACCOUNT_KEY_DEFAULT
    )
    private_key_strategy__requested: Mapped[PrivateKeyStrategy] = mapped_column(
        words(PrivateKeyStrategy)
    )
    private_key_strategy__final: Mapped[PrivateKeyStrategy | None] = mapped_column(
        words(PrivateKeyStrategy)
    )
    # Its newOrder row. The two tables point at one another, and the order comes first.
    acme_event_log_id: Mapped[int | None] = ref("acme_event_log", use_alter=True)
    timestamp_finalized: Mapped[datetime | None]
    acme_account_id: Mapped[int] = ref("acme_account")
    certificate_request_id: Mapped[int | None] = ref("certificate_request")
    certificate_signed_id: Mapped[int | None] = ref("certificate_signed")
    private_key_id__requested: Mapped[int] = ref("private_key")
    private_key_id: Mapped[int] = ref("private_key")
    unique_fqdn_set_id: Mapped[int] = ref("unique_fqdn_set")
    acme_order_id__retry_of: Mapped[int | None] = ref("acme_order")
    acme_order_id__renewal_of: Mapped[int | None] = ref("acme_order")
    certificate_signed_id__renewal_of: Mapped[int | None] = ref("certificate_signed")
    # Who works on it now, and until when nobody else may.
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[Str255 | None]
    profile: Mapped[Str64 | None]
    replaces: Mapped[Str255 | None]  # RFC 9773 section 5: the identifier of the old certificate
    error: Mapped[LongText | None]  # the last problem, in the server's words
    timestamp_retry_after: Mapped[datetime | None]

    acme_account: Mapped[AcmeAccount] = relationship()
    acme_order_submissions: Mapped[list[AcmeOrderSubmission]] = relationship(
        order_by="AcmeOrderSubmission.id", viewonly=True
    )
    acme_order_2_acme_challenge_type_specifics: Mapped[
        list[AcmeOrder2AcmeChallengeTypeSpecific]
    ] = relationship(
        back_populates="acme_order", order_by="AcmeOrder2AcmeChallengeTypeSpecific.domain_id"
    )
    certificate_request: Mapped[CertificateRequest | None] = relationship()
    certificate_signed: Mapped[CertificateSigned | None] = relationship(
        foreign_keys=[certificate_signed_id]
    )
    certificate_signed__renewal_of: Mapped[CertificateSigned | None] = relationship(
        foreign_keys=[certificate_signed_id__renewal_of], viewonly=True
    )
    private_key__requested: Mapped[PrivateKey] = relationship(
        foreign_keys=[private_key_id__requested]
    )
    private_key: Mapped[PrivateKey] = relationship(
        foreign_keys=[private_key_id],
    )
    queue_certificate__generator: Mapped[QueueCertificate | None] = relationship(
        primaryjoin="foreign(QueueCertificate.acme_order_id__generated) == AcmeOrder.id",
        viewonly=True,
        uselist=False,
    )
    to_acme_authorizations: Mapped[list[AcmeOrder2AcmeAuthorization]] = relationship(
        back_populates="acme_order",
        order_by="AcmeOrder2AcmeAuthorization.acme_authorization_id",
    )
    unique_fqdn_set: Mapped[UniqueFQDNSet] = relationship()
    acme_order__retry_of: Mapped[AcmeOrder | None] = relationship(
        foreign_keys=[acme_order_id__retry_of], remote_side="AcmeOrder.id", viewonly=True
    )
    acme_order__renewal_of: Mapped[AcmeOrder | None] = relationship(
        foreign_keys=[acme_order_id__renewal_of], remote_side="AcmeOrder.id", viewonly=True
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def acme_authorizations(self) -> list[AcmeAuthorization]:
        return [link.acme_authorization for link in self.to_acme_authorizations]

    @property
    def acme_authorization_ids(self) -> list[int]:
        return [link.acme_authorization_id for link in self.to_acme_authorizations]

    @property
    def acme_authorizations_pending(self) -> list[AcmeAuthorization]:
        return [a for a in self.acme_authorizations if a.is_acme_server_pending]

    @property
    def authorizations_can_deactivate(self) -> list[AcmeAuthorization]:
        return self.acme_authorizations_pending

    @property
    def domains_as_list(self) -> list[str]:
        return self.unique_fqdn_set.domains_as_list

    @property
    def domains_challenged(self) -> dict[ChallengeType, list[str] | None]:
        """The names by the type of challenge that proves them; None where there is none."""
        chosen = {
            s.domain.domain_name: s.acme_challenge_type
            for s in self.acme_order_2_acme_challenge_type_specifics
        }
        found: dict[ChallengeType, list[str]] = {}
        for name in self.domains_as_list:
            found.setdefault(chosen.get(name, ChallengeType.HTTP_01), []).append(name)
        return {kind: found.get(kind) for kind in ChallengeType}

    @property
    def is_can_acme_server_sync(self) -> bool:
        return bool(self.order_url)

    @property
    def is_can_acme_server_deactivate_authorizations(self) -> bool:
        if not self.order_url or self.acme_status_order is OrderStatus.GONE:
            return False
        return bool(self.authorizations_can_deactivate)

    @property
    def is_can_acme_server_download_certificate(self) -> bool:
        is_issued = self.acme_status_order is OrderStatus.VALID and bool(self.certificate_url)
        return is_issued and self.certificate_signed_id is None

    @property
    def is_can_acme_process(self) -> bool:
        """Also when the CA works on it, or has issued what we have not fetched yet."""
        is_unfetched = self.is_can_acme_server_download_certificate
        return self.acme_status_order in CAN_PROCESS or is_unfetched

    @property
    def is_can_acme_finalize(self) -> bool:
        return self.acme_status_order is OrderStatus.READY

    @property
    def is_can_mark_invalid(self) -> bool:
        return self.acme_status_order not in CAN_NOT_MARK_INVALID

    @property
    def is_can_retry(self) -> bool:
        return self.acme_status_order in CAN_RETRY

    @property
    def is_renewable_quick(self) -> bool:
        return self.is_renewable_custom and self.private_key.is_active

    @property
    def is_renewable_custom(self) -> bool:
        return self.acme_status_order in CAN_RENEW and self.acme_account.is_active

    @property
    def is_renewable_queue(self) -> bool:
        return self.acme_account.is_active

    @property
    def acme_process_steps(self) -> ProcessSteps:
        match self.acme_status_order:
            case OrderStatus.PENDING:
                steps = tuple((a.is_acme_server_pending, a) for a in self.acme_authorizations)
                remaining = sum(is_open for is_open, _ in steps)
                return ProcessSteps(
                    steps, remaining, finalize=True, next_step="challenge" if remaining else None
                )
            case OrderStatus.READY:
                return ProcessSteps(finalize=True, download=True, next_step="finalize")
            case OrderStatus.PROCESSING:
                return ProcessSteps(finalize=False, download=True, next_step="download")
        return ProcessSteps()


class AcmeOrder2AcmeAuthorization(Base):
    """An authorization may serve many orders."""

    __tablename__ = "acme_order_2_acme_authorization"
    __table_args__ = (Index(None, "acme_authorization_id", "acme_order_id"),)

    acme_order_id: Mapped[int] = key_ref("acme_order")
    acme_authorization_id: Mapped[int] = key_ref("acme_authorization")
    is_present_on_new_order: Mapped[bool | None]

    acme_order: Mapped[AcmeOrder] = relationship(back_populates="to_acme_authorizations")
    acme_authorization: Mapped[AcmeAuthorization] = relationship()


class AcmeOrder2AcmeChallengeTypeSpecific(Base):
    """How a name of an order is proved, where that is not http-01."""

    __tablename__ = "acme_order_2_acme_challenge_type_specific"
    __table_args__ = (
        Index(None, "domain_id", "acme_order_id"),
        Index(None, "acme_challenge_id__triggered"),
    )

    acme_order_id: Mapped[int] = key_ref("acme_order")
    domain_id: Mapped[int] = key_ref("domain")
    acme_challenge_type: Mapped[ChallengeType] = mapped_column(words(ChallengeType))
    acme_challenge_id__triggered: Mapped[int | None] = ref("acme_challenge")

    acme_order: Mapped[AcmeOrder] = relationship(
        back_populates="acme_order_2_acme_challenge_type_specifics"
    )
    domain: Mapped[Domain] = relationship()
    acme_challenge__triggered: Mapped[AcmeChallenge | None] = relationship()


class AcmeOrderSubmission(WithId):
    """One newOrder that gave this order: a CA may answer with an order that it made before."""

    __tablename__ = "acme_order_submission"
    __table_args__ = listed("acme_order_id")

    acme_order_id: Mapped[int | None] = ref("acme_order")
    timestamp_created: Mapped[datetime]

    acme_order: Mapped[AcmeOrder | None] = relationship()
