"""What a use case works with: one database session, and the doors to everything outside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from .database import end_reading
from .journal import Journal

if TYPE_CHECKING:
    from ..model import OperationsEvent
    from ..settings import Settings
    from .acme_v2 import Servers
    from .database import Database
    from .x509 import Backend


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Context:
    """Made for each request or command. `now` is when it began; `clock` tells the time since."""

    database: Database
    db: Session
    settings: Settings
    x509: Backend
    servers: Servers
    clock: Callable[[], datetime] = utc_now
    now: datetime = field(default_factory=utc_now)
    event: OperationsEvent | None = None  # the first event of the request: parent of the others
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock)

    @contextlib.contextmanager
    def commit(self) -> Iterator[None]:
        """`with ctx.commit():` one short write transaction, committed at its end.

        Two rules (docs/adr/0004):

        1. before we ask the CA to look at something, what it will see is committed; after every
           answer, what it said is committed;
        2. no network call while a write transaction is open. On SQLite the CA's poll, served by
           another thread, would wait for us. `outside()` checks it.
        """
        with self.database.writing(self.db), self.journal.written(self.db):
            yield

    def outside(self) -> None:
        """Called before every network request: ends reading, and refuses an open write."""
        if self.database.is_writing(self.db):
            raise RuntimeError("a network request inside a write transaction")
        end_reading(self.db)
