"""What a use case works with: one database session, and the doors to everything outside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from ..model import AcmeOrder
from .database import end_reading
from .journal import Journal
from .store import counters, events
from .store.fresh import Fresh

if TYPE_CHECKING:
    from ..model import OperationsEvent
    from ..settings import Settings
    from .acme_v2 import Servers
    from .database import Database
    from .edge import Edge
    from .store.events import Written
    from .together import Together
    from .x509 import Backend
    from .x509.backend import AccountKey


# What others may change of an order while we ask the CA.
ORDER_STATE = (
    "acme_status_order",
    "acme_order_processing_status",
    "certificate_request_id",
    "certificate_signed_id",
    "is_processing",
    "order_url",
    "private_key_id",
)
# Expired and not refreshed: PostgreSQL locks no row that an outer join brings.
ORDER_RELATIONS = ("certificate_request", "private_key")
_ORDER_NOW = Fresh(cast("Table", AcmeOrder.__table__), ORDER_STATE)


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
    # The first event of the request: parent of the others.
    event: OperationsEvent | Written | None = None
    edge: Edge | None = None  # Redis and nginx, where they are switched on
    uploads: Together[Any, Any] | None = None  # those of all requests: actions/imports
    worker: str = ""  # who holds the orders that are worked on: actions/leases
    journal: Journal = field(init=False)
    _signing_keys: dict[str, AccountKey] = field(default_factory=dict, init=False, repr=False)
    _changed: set[int] = field(default_factory=set, init=False)
    _all_changed: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock)

    @contextlib.contextmanager
    def commit(self, fresh: AcmeOrder | None = None) -> Iterator[None]:
        """`with ctx.commit():` one short write transaction, committed at its end.

        What the session has loaded before is not read again, but for `fresh`: that row is locked
        and read anew, for decisions that somebody else may have taken meanwhile.

        Two rules (docs/adr/0004):

        1. before we ask the CA to look at something, what it will see is committed; after every
           answer, what it said is committed;
        2. no network call while a write transaction is open. On SQLite the CA's poll, served by
           another thread, would wait for us. `outside()` checks it.
        """
        with self.journal.kept(), self.database.writing(self.db):
            self._changed, self._all_changed = set(), False
            for unwritten in (events.UNWRITTEN, counters.UNWRITTEN):
                self.db.info.pop(unwritten, None)  # of one that was rolled back
            if fresh is not None:
                _ORDER_NOW.read(self.db, fresh)
                self.db.expire(fresh, ORDER_RELATIONS)
            yield
            events.write_objects(self.db)
            self.journal.write(self.db)
            counters.write(self.db)
        self._tell_edge()

    @contextlib.contextmanager
    def commit_rows(self) -> Iterator[Connection]:
        """`commit` for rows that are written in Core: the session has no part in it.

        What the journal, the counters and the log of objects have waiting goes with the next
        `commit`.
        """
        with self.database.writing_rows(self.db) as connection:
            self._changed, self._all_changed = set(), False
            yield connection
        self._tell_edge()

    def _tell_edge(self) -> None:
        if self.edge and (self._changed or self._all_changed):
            self.edge.changed(self._changed, self._all_changed)

    def signing_key(self, pem: str) -> AccountKey:
        """An account's key; read once, for that takes longer than to sign."""
        if pem not in self._signing_keys:
            self._signing_keys[pem] = self.x509.account_key(pem)
        return self._signing_keys[pem]

    def served_anew(self, domain_ids: Iterable[int]) -> None:
        """Inside a commit: these names are served otherwise after it; the edge is told then."""
        if self.edge:
            self._changed.update(domain_ids)

    def all_served_anew(self) -> None:
        """The same, where it can not be said which names."""
        self._all_changed = True

    def outside(self) -> None:
        """Called before every network request: ends reading, and refuses an open write."""
        if self.database.is_writing(self.db):
            raise RuntimeError("a network request inside a write transaction")
        end_reading(self.db)
