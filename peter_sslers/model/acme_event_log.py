"""The log of what we asked of ACME servers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ..enums import AcmeEvent
from .meta import WithId, listed_if_set, ref, words


class AcmeEventLog(WithId):
    """One thing asked, or learned."""

    __tablename__ = "acme_event_log"
    __table_args__ = (
        *listed_if_set(
            "acme_account_id",
            "acme_authorization_id",
            "acme_challenge_id",
            "acme_order_id",
            "certificate_request_id",
            "certificate_signed_id",
            "unique_fqdn_set_id",
        ),
        Index(None, "acme_event", "id"),
        Index(None, "timestamp_event"),
    )

    timestamp_event: Mapped[datetime]
    acme_event: Mapped[AcmeEvent] = mapped_column(words(AcmeEvent))
    acme_account_id: Mapped[int | None] = ref("acme_account")
    acme_authorization_id: Mapped[int | None] = ref("acme_authorization")
    acme_challenge_id: Mapped[int | None] = ref("acme_challenge")
    acme_order_id: Mapped[int | None] = ref("acme_order")
    certificate_request_id: Mapped[int | None] = ref("certificate_request")
    certificate_signed_id: Mapped[int | None] = ref("certificate_signed")
    unique_fqdn_set_id: Mapped[int | None] = ref("unique_fqdn_set")
