"""The operations log: an event for each thing done, a row for each object that it touched."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from ...enums import OperationsEventType
from ...model import OperationsEvent, OperationsObjectEvent
from ...model.meta import WithId
from ...model.operations import OBJECT_KINDS
from .. import prepared

UNWRITTEN = "peter_unwritten"  # in Session.info: what `write_objects` has to write
OBJECT_COLUMNS = [f"{kind}_id" for kind in OBJECT_KINDS]
EVENTS = cast("Table", OperationsEvent.__table__)
_JSON = json.JSONEncoder(sort_keys=True)  # `json.dumps` would make one each time
NO_OBJECTS = dict.fromkeys(OBJECT_COLUMNS)
ADD_OBJECTS = insert(cast("Table", OperationsObjectEvent.__table__))
DESCRIBE = (
    update(EVENTS)
    .where(EVENTS.c.id == bindparam("event"))
    .values(event_payload=bindparam("payload"))
)

# (id of the event, what became of the object, its table, its id)
ObjectOf = tuple[int, OperationsEventType, str, int]

SHOWN = (selectinload(OperationsEvent.object_events),)
FOCUS = (*SHOWN, joinedload(OperationsEvent.parent))
# With the one object that each is about.
OBJECT_SHOWN = (
    selectinload(OperationsObjectEvent.operations_event),
    *(selectinload(getattr(OperationsObjectEvent, kind)) for kind in OBJECT_KINDS),
)


class Written(NamedTuple):
    """An event that was inserted by Core."""

    id: int


class Recorder(Protocol):
    """What the log needs of a request's context."""

    db: Session
    now: datetime
    event: OperationsEvent | Written | None


@dataclass
class Origin:
    """The Recorder for a request whose rows another request writes, by its own session."""

    db: Session
    now: datetime
    event: OperationsEvent | Written | None = None


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
    )
    child_of = parent or first_of_request(ctx)
    ctx.db.add(event)
    if child_of is None:
        ctx.event = event
        ctx.db.flush()  # its id is what the others of the request refer to
    else:
        event.operations_event_id__child_of = child_of.id
    return event


def first_of_request(ctx: Recorder) -> OperationsEvent | Written | None:
    """None too when the transaction that held it was rolled back."""
    if isinstance(ctx.event, OperationsEvent) and ctx.event not in ctx.db:
        return None
    return ctx.event


def created(
    ctx: Recorder,
    kind: OperationsEventType,
    obj: Any,
    status: OperationsEventType | None = None,
) -> None:
    """Add a new object and log that it was made; inside a commit.

    Its id goes into the event's payload when the commit has given it one: see
    `write_objects`.
    """
    event = record(ctx, kind)
    obj.operations_event__created = event
    ctx.db.add(obj)
    _later(ctx).append(_Touched(event, status or kind, obj, is_new=True))


@dataclass(frozen=True)
class _Touched:
    event: OperationsEvent
    status: OperationsEventType
    obj: WithId
    is_new: bool = False


def _later(ctx: Recorder) -> list[_Touched]:
    found: list[_Touched] = ctx.db.info.setdefault(UNWRITTEN, [])
    return found


def write_objects(db: Session) -> None:
    """At the end of a commit, when all objects have their ids: the rows about them.

    In Core, for a dozen relations to objects of all kinds make the ORM's flush slow.
    """
    touched: list[_Touched] = db.info.pop(UNWRITTEN, [])
    db.flush()
    touched = [t for t in touched if t.event in db]  # not undone by a savepoint
    if not touched:
        return
    about = [(t.event.id, t.status, kind_of(t.obj), t.obj.id) for t in touched]
    made = [object_of for object_of, t in zip(about, touched, strict=True) if t.is_new]
    write_rows(db.connection(), about, made)


def write_rows(db: Connection, about: Sequence[ObjectOf], made: Sequence[ObjectOf]) -> None:
    """A row for each object; the events of those that were made say so in their payload."""
    rows = [
        {
            **NO_OBJECTS,
            "operations_event_id": event,
            "operations_object_event_status": status,
            f"{kind}_id": number,
        }
        for event, status, kind, number in about
    ]
    payloads = [
        {"event": event, "payload": dumps({f"{kind}.id": number})}
        for event, _, kind, number in made
    ]
    prepared.run(db, ADD_OBJECTS, rows)
    prepared.run(db, DESCRIBE, payloads)


def describe(event: OperationsEvent, payload: Mapping[str, Any]) -> None:
    """Say what an event was about, where that is known only after it."""
    event.event_payload = dumps({**event.event_payload_json, **payload})


def dumps(payload: Mapping[str, Any]) -> str:
    return _JSON.encode({"v": 1, **payload})


def record_object(
    ctx: Recorder, event: OperationsEvent, status: OperationsEventType, obj: WithId
) -> None:
    """Log what an event did to one object; the row is written at the end of the commit."""
    kind_of(obj)
    _later(ctx).append(_Touched(event, status, obj))


def forget_object(ctx: Recorder, obj: WithId) -> None:
    """Remove an object's rows from the log, before the object itself is removed."""
    ctx.db.flush()
    ctx.db.info[UNWRITTEN] = [t for t in _later(ctx) if t.obj is not obj]
    column = getattr(OperationsObjectEvent, f"{kind_of(obj)}_id")
    ctx.db.execute(delete(OperationsObjectEvent).where(column == obj.id))


def kind_of(obj: WithId) -> str:
    kind: str = obj.__tablename__
    if kind not in OBJECT_KINDS:
        raise TypeError(f"the operations log knows no {kind}")
    return kind


def every() -> Select[OperationsEvent]:
    return select(OperationsEvent).options(*SHOWN)


def of_types(kinds: Collection[OperationsEventType]) -> Select[OperationsEvent]:
    return every().where(OperationsEvent.operations_event_type.in_(kinds))


def children_of(event: OperationsEvent) -> Select[OperationsEvent]:
    return every().where(OperationsEvent.operations_event_id__child_of == event.id)


def object_events() -> Select[OperationsObjectEvent]:
    return select(OperationsObjectEvent).options(*OBJECT_SHOWN)


def object_events_of_event(event: OperationsEvent) -> Select[OperationsObjectEvent]:
    return object_events().where(OperationsObjectEvent.operations_event_id == event.id)
