"""Some columns of a row as they are now, for decisions that others may have taken meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from ...model.meta import WithId
from .. import prepared
from ..database import LOCKED


class Fresh:
    """A statement that is built once: Session.refresh() takes four times as long."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._columns = columns
        self._statement = (
            select(*(table.c[name] for name in columns))
            .where(table.c.id == bindparam("row"))
            .with_for_update(key_share=LOCKED["key_share"])
        )

    def read(self, db: Session, row: WithId) -> None:
        """Inside a commit: into the object, and nobody else changes the row until its end."""
        (now,) = prepared.run(db.connection(), self._statement, [{"row": row.id}])
        for name, value in zip(self._columns, now, strict=True):
            set_committed_value(row, name, value)
