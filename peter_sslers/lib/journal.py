"""The AcmeEventLog: what we asked of an ACME server becomes a row with the next commit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from ..enums import AcmeEvent
from ..model import AcmeAccount, AcmeAuthorization, AcmeChallenge, AcmeEventLog, AcmeOrder
from .acme_v2 import Exchange

# In Core: they are many, nothing else is made of them, and a flush of the ORM costs more.
ROWS = cast("Table", AcmeEventLog.__table__)
Row = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What the next request to the server is about."""

    event: AcmeEvent
    account: AcmeAccount | None = None
    order: AcmeOrder | None = None
    authorization: AcmeAuthorization | None = None
    challenge: AcmeChallenge | None = None


@dataclass
class Journal:
    """Collects while the network is asked, writes when the answer is committed.

    `asking()` names the subject; the first exchange after it makes the row, so that the polls of a
    waiting loop and a repeated nonce leave none.
    """

    clock: Callable[[], datetime]
    _subject: Subject | None = None
    _rows: list[Row] = field(default_factory=list)

    def asking(self, subject: Subject) -> None:
        self._subject = subject

    def heard(self, exchange: Exchange) -> None:
        """The client's callback after each request: RFC 8555 is spoken in POSTs."""
        if self._subject and exchange.method == "POST":
            self.note(self._subject)
            self._subject = None

    def note(self, subject: Subject) -> Row:
        """Make a row of something that is no request of its own, as a challenge that passed."""
        row: Row = {
            "acme_event": subject.event,
            "timestamp_event": self.clock(),
            "acme_account_id": subject.account.id if subject.account else None,
            "acme_order_id": subject.order.id if subject.order else None,
            "acme_authorization_id": subject.authorization.id if subject.authorization else None,
            "acme_challenge_id": subject.challenge.id if subject.challenge else None,
            "certificate_request_id": None,
            "certificate_signed_id": None,
        }
        self._rows.append(row)
        return row

    def moved(self, column: str, old: int, new: int | None) -> None:
        """The row that `column` points to goes: those not written yet point to another, or none."""
        for row in self._rows:
            if row[column] == old:
                row[column] = new

    @contextlib.contextmanager
    def written(self, db: Session) -> Iterator[None]:
        """Around every commit: the rows go with its end, or stay for the next one if it fails."""
        yield
        if self._rows:
            db.execute(insert(ROWS), self._rows)
        self._rows = []

    def written_now(self, db: Session) -> int | None:
        """Write the latest row inside of the commit, and say its id."""
        if not self._rows:
            return None
        made = db.connection().execute(insert(ROWS), self._rows.pop())
        return int(made.inserted_primary_key[0]) if made.inserted_primary_key else None
