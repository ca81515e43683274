"""Challenges, RFC 8555 section 8, and the log of who fetched which."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import ChallengeFailType, ChallengeStatus, ChallengeType
from .meta import (
    Base,
    LongText,
    Str255,
    Token,
    Url,
    WithId,
    key_ref,
    listed,
    listed_if_set,
    ref,
    words,
)

if TYPE_CHECKING:
    from .acme_authorization import AcmeAuthorization
    from .acme_order import AcmeOrder, AcmeOrder2AcmeChallengeTypeSpecific
    from .acme_orderless import AcmeOrderless
    from .domain import Domain
    from .remote_ip_address import RemoteIpAddress

POSSIBLY_ACTIVE = frozenset(
    {ChallengeStatus.DISCOVERED, ChallengeStatus.PENDING, ChallengeStatus.PROCESSING}
)
RESOLVED = frozenset({ChallengeStatus.VALID, ChallengeStatus.INVALID})
PROCESSING = frozenset({ChallengeStatus.PROCESSING})


class AcmeChallenge(WithId):
    """A challenge of an authorization, or one put in by hand."""

    __tablename__ = "acme_challenge"
    __table_args__ = (
        CheckConstraint(
            "(acme_authorization_id IS NULL) <> (acme_orderless_id IS NULL)",
            name="authorization_or_orderless",
        ),
        CheckConstraint("token IS NOT NULL OR acme_orderless_id IS NOT NULL", name="token_sanity"),
        UniqueConstraint("acme_orderless_id", "domain_id", "acme_challenge_type"),
        *listed("acme_authorization_id", "acme_status_challenge", "domain_id"),
        *listed_if_set("acme_orderless_id"),
        Index(None, "token", "domain_id"),
    )

    acme_authorization_id: Mapped[int | None] = ref("acme_authorization")
    acme_orderless_id: Mapped[int | None] = ref("acme_orderless")
    domain_id: Mapped[int] = ref("domain")
    acme_challenge_type: Mapped[ChallengeType] = mapped_column(words(ChallengeType))
    acme_status_challenge: Mapped[ChallengeStatus] = mapped_column(
        words(ChallengeStatus), default=ChallengeStatus.DISCOVERED
    )
    challenge_url: Mapped[Url | None] = mapped_column(unique=True)
    timestamp_created: Mapped[datetime]
    timestamp_updated: Mapped[datetime | None]
    token: Mapped[Token | None]
    keyauthorization: Mapped[Token | None]
    acme_challenge_fail_type: Mapped[ChallengeFailType | None] = mapped_column(
        words(ChallengeFailType)
    )
    error: Mapped[LongText | None]  # why it failed, in the server's words

    acme_challenge_polls: Mapped[list[AcmeChallengePoll]] = relationship(
        order_by="AcmeChallengePoll.id", viewonly=True
    )
    acme_authorization: Mapped[AcmeAuthorization | None] = relationship(
        back_populates="acme_challenges"
    )
    acme_orderless: Mapped[AcmeOrderless | None] = relationship(back_populates="acme_challenges")
    domain: Mapped[Domain] = relationship()

    @property
    def acme_orders(self) -> list[AcmeOrder]:
        """The orders of its authorization, newest first."""
        if self.acme_authorization is None:
            return []
        orders = (link.acme_order for link in self.acme_authorization.to_acme_orders)
        return sorted(orders, key=lambda order: order.id, reverse=True)

    @property
    def acme_order_2_acme_challenge_type_specifics(
        self,
    ) -> list[AcmeOrder2AcmeChallengeTypeSpecific]:
        authorization = self.acme_authorization
        return authorization.acme_order_2_acme_challenge_type_specifics if authorization else []

    @property
    def domain_name(self) -> str:
        return self.domain.domain_name

    @property
    def is_can_acme_server_sync(self) -> bool:
        return bool(self.challenge_url) and self.acme_authorization_id is not None

    @property
    def is_can_acme_server_trigger(self) -> bool:
        is_pending = self.acme_status_challenge is ChallengeStatus.PENDING
        return is_pending and self.is_can_acme_server_sync

    @property
    def is_configured_to_answer(self) -> bool:
        if not self.is_can_acme_server_trigger:
            return False
        if self.acme_challenge_type is ChallengeType.DNS_01:
            return self.domain.acme_dns_server_account__active is not None
        return self.acme_challenge_type is ChallengeType.HTTP_01

    @property
    def challenge_instructions_short(self) -> str:
        match self.acme_challenge_type:
            case ChallengeType.HTTP_01:
                return "PeterSSLers answers this challenge."
            case ChallengeType.DNS_01:
                return "This challenge may need a change of the name's DNS records."
        return "PeterSSLers can not answer this challenge."


class AcmeChallengeCompeting(WithId):
    """A sync brought a challenge while others were active on its name."""

    __tablename__ = "acme_challenge_competing"
    __table_args__ = listed("domain_id")

    timestamp_created: Mapped[datetime]
    domain_id: Mapped[int | None] = ref("domain")

    domain: Mapped[Domain | None] = relationship()
    acme_challenge_competing_2_acme_challenge: Mapped[
        list[AcmeChallengeCompeting2AcmeChallenge]
    ] = relationship(
        back_populates="acme_challenge_competing",
        order_by="AcmeChallengeCompeting2AcmeChallenge.acme_challenge_id",
    )


class AcmeChallengeCompeting2AcmeChallenge(Base):
    """One of the challenges that compete, the new one among them."""

    __tablename__ = "acme_challenge_competing_2_acme_challenge"
    __table_args__ = (Index(None, "acme_challenge_id"),)

    acme_challenge_competing_id: Mapped[int] = key_ref("acme_challenge_competing")
    acme_challenge_id: Mapped[int] = key_ref("acme_challenge")

    acme_challenge_competing: Mapped[AcmeChallengeCompeting] = relationship(
        back_populates="acme_challenge_competing_2_acme_challenge"
    )
    acme_challenge: Mapped[AcmeChallenge] = relationship()


class AcmeChallengePoll(WithId):
    """A challenge that we know was fetched."""

    __tablename__ = "acme_challenge_poll"
    __table_args__ = (
        *listed("acme_challenge_id", "remote_ip_address_id"),
        Index(None, "timestamp_polled"),
    )

    acme_challenge_id: Mapped[int] = ref("acme_challenge")
    timestamp_polled: Mapped[datetime]
    remote_ip_address_id: Mapped[int] = ref("remote_ip_address")

    acme_challenge: Mapped[AcmeChallenge] = relationship()
    remote_ip_address: Mapped[RemoteIpAddress] = relationship()


class AcmeChallengeUnknownPoll(WithId):
    """A challenge that we do not know was fetched; the same again only counts up."""

    __tablename__ = "acme_challenge_unknown_poll"
    __table_args__ = (
        UniqueConstraint("domain", "challenge", "remote_ip_address_id"),
        *listed("remote_ip_address_id"),
        Index(None, "timestamp_polled"),
    )

    domain: Mapped[Str255]
    challenge: Mapped[Token]
    timestamp_polled: Mapped[datetime]  # the last time
    timestamp_first: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1)
    remote_ip_address_id: Mapped[int] = ref("remote_ip_address")

    remote_ip_address: Mapped[RemoteIpAddress] = relationship()
