"""Counters that many count up at the same time."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, func, inspect, update
from sqlalchemy.orm import Session, object_session

from ...model.meta import WithId

UNWRITTEN = "peter_counts"  # in Session.info: what `write` has to count


def one_more(row: WithId, counter: str) -> None:
    """Count up in the database: what the session has read may be old. Inside a commit.

    An UPDATE keeps the row from all others until the commit, and an account's row is everybody's:
    so it is the last thing that the commit does.
    """
    session = object_session(row)
    if session is None or not inspect(row).persistent:
        setattr(row, counter, 1)
        return
    session.info.setdefault(UNWRITTEN, []).append((row, counter))


@cache
def _raise(table: Table, counter: str) -> Update:
    column = table.c[counter]
    more = func.coalesce(column, 0) + bindparam("more")
    return update(table).where(table.c.id == bindparam("row")).values({column: more})


def write(db: Session) -> None:
    """At the end of a commit; in one order everywhere, so that no two wait for each other."""
    told: list[tuple[Any, str]] = db.info.pop(UNWRITTEN, [])
    counts = Counter((type(row).__tablename__, row.id, counter) for row, counter in told)
    rows = {(type(row).__tablename__, row.id): row for row, _ in told}
    for (name, number, counter), more in sorted(counts.items()):
        row = rows[name, number]
        db.connection().execute(_raise(row.__table__, counter), {"row": number, "more": more})
        db.expire(row, [counter])
