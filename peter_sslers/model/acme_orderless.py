"""Challenges put in by hand, for another client's orders."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import ChallengeStatus, ChallengeType
from .meta import WithId, listed, ref

if TYPE_CHECKING:
    from .acme_account import AcmeAccount
    from .acme_challenge import AcmeChallenge


class AcmeOrderless(WithId):
    """Some challenges that are answered until it is deactivated."""

    __tablename__ = "acme_orderless"
    __table_args__ = (*listed("acme_account_id"), Index(None, "is_processing", "id"))

    timestamp_created: Mapped[datetime]
    timestamp_finalized: Mapped[datetime | None]
    timestamp_updated: Mapped[datetime | None]
    is_processing: Mapped[bool] = mapped_column(default=True)
    acme_account_id: Mapped[int | None] = ref("acme_account")

    acme_account: Mapped[AcmeAccount | None] = relationship()
    acme_challenges: Mapped[list[AcmeChallenge]] = relationship(
        back_populates="acme_orderless", order_by="AcmeChallenge.id"
    )

    @property
    def domains_status(self) -> dict[str, dict[str, int | ChallengeType | ChallengeStatus]]:
        """Of two challenges for one name, the newer."""
        return {
            challenge.domain_name: {
                "acme_challenge_id": challenge.id,
                "acme_challenge_type": challenge.acme_challenge_type,
                "acme_status_challenge": challenge.acme_status_challenge,
            }
            for challenge in self.acme_challenges
        }
