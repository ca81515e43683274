"""What a use case works with: one database session, and the doors to everything outside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from ..model import AcmeOrder
from .database import LOCKED, end_reading
from .journal import Journal
from .store import counters, events

if TYPE_CHECKING:
    from ..model import OperationsEvent
    from ..settings import Settings
    from .acme_v2 import Servers
    from .database import Database
    from .edge import Edge
    from .x509 import Backend


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
# Built once: Session.refresh() takes four times as long, at every step of an order.
_ORDERS = cast("Table", AcmeOrder.__table__)
_ORDER_NOW = (
    select(*(_ORDERS.c[name] for name in ORDER_STATE))
    .where(_ORDERS.c.id == bindparam("order"))
    .with_for_update(key_share=LOCKED["key_share"])
)


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
    edge: Edge | None = None  # Redis and nginx, where they are switched on
    worker: str = ""  # who holds the orders that are worked on: actions/leases
    journal: Journal = field(init=False)
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
                self._refresh(fresh)
            yield
            events.write_objects(self.db)
            self.journal.write(self.db)
            counters.write(self.db)
        if self.edge and (self._changed or self._all_changed):
            self.edge.changed(self._changed, self._all_changed)

    def _refresh(self, order: AcmeOrder) -> None:
        now = self.db.connection().execute(_ORDER_NOW, {"order": order.id}).one()
        for name, value in zip(ORDER_STATE, now, strict=True):
            set_committed_value(order, name, value)
        self.db.expire(order, ORDER_RELATIONS)

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
