"""Many new rows at once, each with its event in the log: in Core, for the ORM takes too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, bindparam, select

from ...enums import OperationsEventType
from .. import prepared
from ..database import chunks
from . import events

Row = dict[str, Any]
EVENTS = events.EVENTS
NOTHING = events.dumps({})
FEW = 8  # rows, for which SQLAlchemy would take longer than the database


def found(
    db: Connection, key: Column[Any], values: Iterable[Any], *more: Column[Any], lock: bool = False
) -> dict[Any, Any]:
    """{value of the unique `key`: row of (key, *more)}; with `lock`, nobody else changes them."""
    rows: dict[Any, Any] = {}
    for some in chunks(sorted(values)):
        if len(some) <= FEW:
            asked = {f"value_{at}": value for at, value in enumerate(some)}
            got = prepared.run(db, _query(key, more, lock, tuple(asked)), [asked])
        else:
            got = [*db.execute(_query(key, more, lock), {"values": some})]
        rows.update((row[0], row) for row in got)
    return rows


# Built once, as `prepared.insert_into` is.
@lru_cache
def _query(
    key: Column[Any], more: tuple[Column[Any], ...], lock: bool, each: tuple[str, ...] = ()
) -> Select[Any]:
    values = [*map(bindparam, each)] if each else bindparam("values", expanding=True)
    query = select(key, *more).where(key.in_(values))
    return query.order_by(key).with_for_update() if lock else query


def insert_all(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, which all have the same columns."""
    if len(rows) <= FEW:
        prepared.run(db, prepared.insert_into(table), rows)
    else:
        db.execute(prepared.insert_into(table), rows)


def inserted(
    db: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[Any]
) -> list[tuple[Any, int]]:
    """Insert the rows, which all have the same columns: (its `key`, its id) of each."""
    if len(rows) <= FEW:
        ids = prepared.inserted(db, table, rows)
        return [(row[key.name], number) for row, number in zip(rows, ids, strict=True)]
    made = db.execute(prepared.insert_into(table, key, table.c.id), rows)
    return [(row[0], row[1]) for row in made]


class NewRows:
    """Rows to be inserted, by their tables; their events are written before, all at once.

    `add` them first, then `write` table after table: that of what is referred to before the other.
    """

    def __init__(self, db: Connection) -> None:
        self._connection = db
        self._rows: dict[Table, list[Row]] = defaultdict(list)
        self._kinds: dict[Table, OperationsEventType] = {}
        self._by: dict[int, tuple[events.Recorder, list[tuple[OperationsEventType, Row]]]] = {}
        self._objects: list[events.ObjectOf] = []

    def add(self, kind: OperationsEventType, table: Table, row: Row, by: events.Recorder) -> None:
        """All rows of a table have the same columns, and are made by events of one kind.

        `by`: whose request it is; it uses the same connection.
        """
        self._kinds[table] = kind
        self._rows[table].append(row)
        self._by.setdefault(id(by), (by, []))[1].append((kind, row))

    def log(self) -> None:
        """Write the events of all that was added."""
        for by, added in self._by.values():
            made = self._events(by, [kind for kind, _ in added])
            ids = {kind: iter(found) for kind, found in made.items()}
            for kind, row in added:
                row["operations_event_id__created"] = next(ids[kind])

    def _events(
        self, by: events.Recorder, kinds: Sequence[OperationsEventType]
    ) -> dict[str, list[int]]:
        made: dict[str, list[int]] = defaultdict(list)
        parent = events.first_of_request(by)
        if parent is None:  # its later ones are the children of its first
            first, *kinds = kinds
            ((_, number),) = self._insert_events(by, [first], None)
            made[first].append(number)
            by.event = parent = events.Written(number)
        for kind, number in self._insert_events(by, kinds, parent.id):
            made[kind].append(number)
        return made

    def _insert_events(
        self, by: events.Recorder, kinds: Sequence[OperationsEventType], parent: int | None
    ) -> list[tuple[OperationsEventType, int]]:
        common = {
            "timestamp_event": by.now,
            "event_payload": NOTHING,
            "operations_event_id__child_of": parent,
        }
        rows = [{"operations_event_type": kind, **common} for kind in kinds]
        return inserted(self._connection, EVENTS, rows, EVENTS.c.operations_event_type)

    def write(self, table: Table, key: Column[Any]) -> dict[Any, int]:
        """Insert what was added of a table: {value of the unique `key`: id}."""
        rows = self._rows.get(table)
        if not rows:
            return {}
        made = dict(inserted(self._connection, table, rows, key))
        kind = self._kinds[table]
        for row in rows:
            event, number = row["operations_event_id__created"], made[row[key.name]]
            self._objects.append((event, kind, table.name, number))
        return made

    def close(self) -> None:
        """At the end, when all have their ids: say in the log which they are."""
        if self._objects:
            events.write_rows(self._connection, self._objects, self._objects)
