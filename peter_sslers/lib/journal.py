"""The AcmeEventLog: what we asked of an ACME server is logged and counted with the next commit."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from ..enums import AcmeEvent
from ..model import (
    AcmeAccount,
    AcmeAuthorization,
    AcmeChallenge,
    AcmeEventLog,
    AcmeOrder,
    CertificateSigned,
)
from . import prepared
from .acme_v2 import Exchange, pause
from .store import acme_usage

# In Core: they are many, nothing else is made of them, and a flush of the ORM costs more.
ROWS = cast("Table", AcmeEventLog.__table__)
_ADD = insert(ROWS)
Row = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What the next request to the server is about."""

    event: AcmeEvent
    account: AcmeAccount | None = None
    order: AcmeOrder | None = None
    authorization: AcmeAuthorization | None = None
    challenge: AcmeChallenge | None = None
    certificate: CertificateSigned | None = None


@dataclass
class Journal:
    """Collects while the network is asked, writes when the answer is committed.

    `asking()` names the subject; the first exchange after it makes the row, so that the polls of a
    waiting loop and a repeated nonce leave none. Counted is every request.
    """

    clock: Callable[[], datetime]
    latest: Subject | None = None  # what the server was last asked about
    heard_at: float | None = None  # when it answered last, by `time.monotonic`
    _subject: Subject | None = None
    _rows: list[Row] = field(default_factory=list)
    _counts: dict[int, acme_usage.Requests] = field(default_factory=dict)
    # Which row of the day it counts in.
    _slot: int = field(default_factory=lambda: random.randrange(acme_usage.SLOTS))  # noqa: S311

    def asking(self, subject: Subject) -> None:
        self.latest = self._subject = subject

    def heard(self, exchange: Exchange, account_id: int | None) -> None:
        """The client's callback after each request: RFC 8555 is spoken in POSTs.

        There is no account where a certificate's own key asks: nothing is counted then.
        """
        self.heard_at = time.monotonic()
        counts = acme_usage.Requests()
        if account_id is not None:
            counts = self._counts.setdefault(account_id, counts)
        counts.requests += 1
        counts.refused += pause(exchange.problem) is not None
        if self._subject and exchange.method == "POST":
            counts.new_orders += self._subject.event is AcmeEvent.NEW_ORDER
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
            "certificate_signed_id": subject.certificate.id if subject.certificate else None,
        }
        self._rows.append(row)
        return row

    def moved(self, column: str, old: int, new: int | None) -> None:
        """The row that `column` points to goes: those not written yet point to another, or none."""
        for row in self._rows:
            if row[column] == old:
                row[column] = new
        if column == "acme_account_id" and (counts := self._counts.pop(old, None)) and new:
            self._counts[new] = counts

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Around every commit: if it fails, what it has added goes, what was there waits on."""
        before = [dict(row) for row in self._rows]
        counted = {account_id: replace(counts) for account_id, counts in self._counts.items()}
        try:
            yield
        except BaseException:
            self._rows = before
            self._counts = counted
            raise

    def write(self, db: Session) -> None:
        """At the end of a commit."""
        prepared.run(db.connection(), _ADD, self._rows)
        self._rows = []
        acme_usage.add(db, self.clock().date(), self._slot, self._counts)
        self._counts = {}

    def written_now(self, db: Session) -> int | None:
        """Write the latest row inside of the commit, and say its id."""
        if not self._rows:
            return None
        made = db.connection().execute(insert(ROWS), self._rows.pop())
        return int(made.inserted_primary_key[0]) if made.inserted_primary_key else None
