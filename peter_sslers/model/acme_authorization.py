"""Authorizations, RFC 8555 section 7.1.4."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import AuthorizationStatus, ChallengeType
from .meta import Url, WithId, listed, ref, words

if TYPE_CHECKING:
    from .acme_challenge import AcmeChallenge
    from .acme_order import (
        AcmeOrder,
        AcmeOrder2AcmeAuthorization,
        AcmeOrder2AcmeChallengeTypeSpecific,
    )
    from .domain import Domain

POSSIBLY_PENDING = frozenset({AuthorizationStatus.PENDING, AuthorizationStatus.DISCOVERED})


class AcmeAuthorization(WithId):
    """Leave, or its lack, to have certificates for one name."""

    __tablename__ = "acme_authorization"
    __table_args__ = (
        *listed("acme_order_id__created", "acme_status_authorization", "domain_id"),
        Index(None, "acme_status_authorization", "timestamp_expires"),
    )

    authorization_url: Mapped[Url] = mapped_column(unique=True)
    timestamp_created: Mapped[datetime]
    acme_status_authorization: Mapped[AuthorizationStatus] = mapped_column(
        words(AuthorizationStatus), default=AuthorizationStatus.DISCOVERED
    )
    domain_id: Mapped[int | None] = ref("domain")
    timestamp_expires: Mapped[datetime | None]
    timestamp_updated: Mapped[datetime | None]
    wildcard: Mapped[bool | None]
    # The order in which it was first seen, which leads to the account.
    acme_order_id__created: Mapped[int] = ref("acme_order")

    domain: Mapped[Domain | None] = relationship()
    acme_challenges: Mapped[list[AcmeChallenge]] = relationship(
        back_populates="acme_authorization", order_by="AcmeChallenge.id"
    )
    acme_order_created: Mapped[AcmeOrder] = relationship()
    to_acme_orders: Mapped[list[AcmeOrder2AcmeAuthorization]] = relationship(
        order_by="AcmeOrder2AcmeAuthorization.acme_order_id", viewonly=True
    )

    def challenge_of(self, kind: ChallengeType) -> AcmeChallenge | None:
        found = (c for c in self.acme_challenges if c.acme_challenge_type is kind)
        return next(found, None)

    @property
    def acme_challenge_http_01(self) -> AcmeChallenge | None:
        return self.challenge_of(ChallengeType.HTTP_01)

    @property
    def acme_challenge_dns_01(self) -> AcmeChallenge | None:
        return self.challenge_of(ChallengeType.DNS_01)

    @property
    def acme_challenge_tls_alpn_01(self) -> AcmeChallenge | None:
        return self.challenge_of(ChallengeType.TLS_ALPN_01)

    @property
    def acme_order_2_acme_challenge_type_specifics(
        self,
    ) -> list[AcmeOrder2AcmeChallengeTypeSpecific]:
        """How its orders prove its name, the newest order first."""
        return [
            specific
            for link in sorted(self.to_acme_orders, key=lambda k: k.acme_order_id, reverse=True)
            for specific in link.acme_order.acme_order_2_acme_challenge_type_specifics
            if specific.domain_id == self.domain_id
        ]

    @property
    def challenge_chosen(self) -> AcmeChallenge | None:
        """The challenge by which the newest of its orders wants to prove its name."""
        specifics = self.acme_order_2_acme_challenge_type_specifics
        return self.challenge_of(
            specifics[0].acme_challenge_type if specifics else ChallengeType.HTTP_01
        )

    @property
    def is_acme_server_pending(self) -> bool:
        return self.acme_status_authorization in POSSIBLY_PENDING

    @property
    def is_can_acme_server_sync(self) -> bool:
        return bool(self.authorization_url)

    @property
    def is_can_acme_server_deactivate(self) -> bool:
        return bool(self.authorization_url) and self.is_acme_server_pending

    @property
    def is_can_acme_server_trigger(self) -> bool:
        if self.acme_status_authorization is not AuthorizationStatus.PENDING:
            return False
        challenge = self.challenge_chosen
        return challenge is not None and challenge.is_can_acme_server_trigger

    @property
    def is_can_acme_server_process(self) -> bool:
        is_unread = self.acme_status_authorization is AuthorizationStatus.DISCOVERED
        return is_unread or self.is_can_acme_server_trigger
