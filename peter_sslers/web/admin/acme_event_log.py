"""The log of what we asked of CAs: its pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from ...enums import AcmeEvent
from ...lib.store import acme_event_logs
from ...model import AcmeEventLog
from ..resource import Column, Listing, Resource, Show


def as_json(row: AcmeEventLog, _root: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "timestamp_event": row.timestamp_event,
        "acme_event": row.acme_event,
        "acme_account_id": row.acme_account_id,
        "acme_authorization_id": row.acme_authorization_id,
        "acme_challenge_id": row.acme_challenge_id,
        "acme_order_id": row.acme_order_id,
        "certificate_request_id": row.certificate_request_id,
        "certificate_signed_id": row.certificate_signed_id,
    }


def only(query: Select[AcmeEventLog], word: str) -> Select[AcmeEventLog]:
    return query.where(AcmeEventLog.acme_event == AcmeEvent(word)) if word in WORDS else query


WORDS = tuple(map(str, AcmeEvent))

ACME_EVENT_LOG = Resource(
    path="acme-event-log",
    paths="acme-event-logs",
    model=AcmeEventLog,
    label="ACME event",
    labels="ACME events",
    group="Logs",
    json_name="AcmeEventLog",
    json_names="AcmeEventLogs",
    about="What we asked of CAs, and what we learned from them.",
    as_json=as_json,
    title=lambda row: f"ACME event #{row.id}, {row.acme_event}",
    columns=(
        Column("acme_event", "Event", filter=only, filter_words=WORDS),
        Column("timestamp_event", "Time", Show.TIME),
        Column("acme_account_id", "Account", Show.ID),
        Column("acme_order_id", "Order", Show.ID),
        Column("acme_authorization_id", "Authorization", Show.ID),
        Column("acme_challenge_id", "Challenge", Show.ID),
        Column("certificate_request_id", "Request", Show.ID, in_list=False),
        Column("certificate_signed_id", "Certificate", Show.ID),
        Column("id", "Event", Show.NUMBER),
    ),
    listings=(
        Listing(
            "",
            "All ACME events",
            lambda _ctx, _params: acme_event_logs.every(),
            empty="Nothing was asked of a CA yet.",
        ),
    ),
)
