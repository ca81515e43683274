"""The operations log: an event for each thing done, a row for each object that it touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session, selectinload

from ...enums import OperationsEventType
from ...model import OperationsEvent, OperationsObjectEvent
from ...model.meta import WithId
from ...model.operations import OBJECT_KINDS

SHOWN = (selectinload(OperationsEvent.object_events),)


class Recorder(Protocol):
    """What the log needs of a request's context."""

    db: Session
    now: datetime
    event: OperationsEvent | None


def record(
    ctx: Recorder,
    kind: OperationsEventType,
    payload: Mapping[str, Any] | None = None,
    parent: OperationsEvent | None = None,
) -> OperationsEvent:
    """Log that something is done; inside a commit.

    The first event of a request is the parent of its later ones, unless another is named.
    """
    event = OperationsEvent(
        operations_event_type=kind,
        timestamp_event=ctx.now,
        event_payload=dumps(payload or {}),
        parent=parent or first_of_request(ctx),
    )
    ctx.db.add(event)
    if event.parent is None:
        ctx.event = event
    return event


def first_of_request(ctx: Recorder) -> OperationsEvent | None:
    """None too when the transaction that held it was rolled back."""
    if ctx.event is None or ctx.event not in ctx.db:
        return None
    return ctx.event


def describe(event: OperationsEvent, payload: Mapping[str, Any]) -> None:
    """Say what an event was about, where that is known only after it."""
    event.event_payload = dumps({**event.event_payload_json, **payload})


def dumps(payload: Mapping[str, Any]) -> str:
    return json.dumps({"v": 1, **payload}, sort_keys=True)


def record_object(
    ctx: Recorder, event: OperationsEvent, status: OperationsEventType, obj: WithId
) -> OperationsObjectEvent:
    """Log what an event did to one object."""
    row = OperationsObjectEvent(
        operations_event=event,
        operations_object_event_status=status,
        **{kind_of(obj): obj},
    )
    ctx.db.add(row)
    return row


def forget_object(ctx: Recorder, obj: WithId) -> None:
    """Remove an object's rows from the log, before the object itself is removed."""
    ctx.db.flush()
    column = getattr(OperationsObjectEvent, f"{kind_of(obj)}_id")
    ctx.db.execute(delete(OperationsObjectEvent).where(column == obj.id))


def kind_of(obj: WithId) -> str:
    kind: str = obj.__tablename__
    if kind not in OBJECT_KINDS:
        raise TypeError(f"the operations log knows no {kind}")
    return kind


def every() -> Select[OperationsEvent]:
    return select(OperationsEvent).options(*SHOWN)


def of_type(kind: OperationsEventType) -> Select[OperationsEvent]:
    return every().where(OperationsEvent.operations_event_type == kind)


def children_of(event: OperationsEvent) -> Select[OperationsEvent]:
    return every().where(OperationsEvent.operations_event_id__child_of == event.id)


def object_events() -> Select[OperationsObjectEvent]:
    return select(OperationsObjectEvent).options(
        selectinload(OperationsObjectEvent.operations_event)
    )


def object_events_of(obj: WithId) -> Select[OperationsObjectEvent]:
    column: ColumnElement[int | None] = getattr(OperationsObjectEvent, f"{kind_of(obj)}_id")
    return object_events().where(column == obj.id)
