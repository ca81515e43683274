"""How much an account asks of its ACME server, and when the server wants to hear less of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Date, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .meta import Base, LongText, Str255, WithId, key_ref, listed_if_set, ref

if TYPE_CHECKING:
    from .acme_account import AcmeAccount
    from .unique_fqdn_set import UniqueFQDNSet


class AcmeAccountRequestCount(Base):
    """The requests of an account on a day (UTC).

    There are several rows a day, one a `slot`: who counts takes any, so that orders of the same
    account do not wait for one another. Their sum is the count.
    """

    __tablename__ = "acme_account_request_count"

    acme_account_id: Mapped[int] = key_ref("acme_account")
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    count_requests: Mapped[int]
    count_new_orders: Mapped[int]
    count_refused: Mapped[int]  # answered with 429, or with 503 and a Retry-After


class AcmeRateLimit(WithId):
    """The server said when there is a next time: RFC 8555 section 6.6, and 503 with Retry-After.

    It holds for all names below `identifier`, for one set of names, or, without either, for
    everything that the account asks.
    """

    __tablename__ = "acme_rate_limit"
    __table_args__ = (
        Index(None, "acme_account_id", "timestamp_until"),
        Index(None, "timestamp_until"),
        *listed_if_set("unique_fqdn_set_id"),
    )

    acme_account_id: Mapped[int] = ref("acme_account")
    identifier: Mapped[Str255 | None]
    unique_fqdn_set_id: Mapped[int | None] = ref("unique_fqdn_set")
    timestamp_created: Mapped[datetime]
    timestamp_until: Mapped[datetime]
    text: Mapped[LongText]  # the server's words

    acme_account: Mapped[AcmeAccount] = relationship()
    unique_fqdn_set: Mapped[UniqueFQDNSet | None] = relationship()
