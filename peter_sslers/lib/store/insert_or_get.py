"""Making a row that another process may be making at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

T = TypeVar("T")
ATTEMPTS = 5


def current(query: Select[T]) -> Select[T]:
    """Reads what others have committed meanwhile.

    MariaDB shows that only to a locking read; SQLite ignores the lock, for it has one writer.
    """
    return query.with_for_update(read=True).execution_options(populate_existing=True)


def insert_or_get(
    db: Session, find: Callable[[bool], T | None], insert: Callable[[], T]
) -> tuple[T, bool]:
    """What `find` finds, else what `insert` makes; True if it was made here. Inside a commit.

    `insert` adds to the session and runs in a savepoint: when a unique index refuses the row,
    somebody else was faster, and `find(True)` has to look past this transaction's snapshot (see
    `current`). Whatever `insert` changed in the session is undone then.
    """
    found = find(False)
    if found is None and db.get_bind().dialect.name == "sqlite":
        made = insert()  # one writer at a time, and that is us
        db.flush()
        return made, True
    for attempt in range(ATTEMPTS):
        if found is not None:
            return found, False
        try:
            with db.begin_nested():
                made = insert()
                db.flush()
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
            found = find(True)
        else:
            return made, True
    raise AssertionError("unreachable")
