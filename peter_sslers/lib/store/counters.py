"""Counters that many count up at the same time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, func, inspect, update
from sqlalchemy.orm import Session, object_session

from ...model.meta import WithId
from .. import prepared

UNWRITTEN = "peter_counts"  # in Session.info: what `write` has to count


def one_more(row: WithId, counter: str, latest: str, now: datetime) -> None:
    """Count up, and say in the column `latest` when it was. Inside a commit.

    In the database: what the session has read may be old. An UPDATE keeps the row from all others
    until the commit, and an account's row is everybody's: so it is the last thing that the commit
    does.
    """
    session = object_session(row)
    if session is None or not inspect(row).persistent:
        setattr(row, counter, 1)
        setattr(row, latest, now)
        return
    session.info.setdefault(UNWRITTEN, []).append((row, counter, latest, now))


@cache
def _raise(table: Table, counter: str, latest: str) -> Update:
    column = table.c[counter]
    more = func.coalesce(column, 0) + bindparam("more")
    values = {column: more, table.c[latest]: bindparam("now")}
    return update(table).where(table.c.id == bindparam("row")).values(values)


def write(db: Session) -> None:
    """At the end of a commit; in one order everywhere, so that no two wait for each other."""
    told: list[tuple[Any, str, str, datetime]] = db.info.pop(UNWRITTEN, [])
    counts = Counter((type(row).__tablename__, row.id, *columns) for row, *columns, _ in told)
    rows = {(type(row).__tablename__, row.id): (row, now) for row, _, _, now in told}
    for (name, number, counter, latest), more in sorted(counts.items()):
        row, now = rows[name, number]
        values = {"row": number, "more": more, "now": now}
        prepared.run(db.connection(), _raise(row.__table__, counter, latest), [values])
        db.expire(row, [counter, latest])
