"""The addresses that fetched challenges."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column, relationship

from .meta import Str255, WithId

if TYPE_CHECKING:
    from .acme_challenge import AcmeChallengePoll, AcmeChallengeUnknownPoll


class RemoteIpAddress(WithId):
    """An address as text; empty where a request had none."""

    __tablename__ = "remote_ip_address"

    remote_ip_address: Mapped[Str255] = mapped_column(unique=True)
    timestamp_created: Mapped[datetime]

    acme_challenge_polls: Mapped[list[AcmeChallengePoll]] = relationship(
        order_by="AcmeChallengePoll.id", viewonly=True
    )
    acme_challenge_unknown_polls: Mapped[list[AcmeChallengeUnknownPoll]] = relationship(
        order_by="AcmeChallengeUnknownPoll.id", viewonly=True
    )
