"""The AcmeEventLog: what we asked of an ACME server becomes a row with the next commit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from ..enums import AcmeEvent
from ..model import AcmeAccount, AcmeAuthorization, AcmeChallenge, AcmeEventLog, AcmeOrder
from .acme_v2 import Exchange


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
    _rows: list[AcmeEventLog] = field(default_factory=list)

    def asking(self, subject: Subject) -> None:
        self._subject = subject

    def heard(self, exchange: Exchange) -> None:
        """The client's callback after each request: RFC 8555 is spoken in POSTs."""
        if self._subject and exchange.method == "POST":
            self.note(self._subject)
            self._subject = None

    def note(self, subject: Subject) -> AcmeEventLog:
        """Make a row of something that is no request of its own: a challenge passed, for example."""
        row = AcmeEventLog(
            acme_event=subject.event,
            timestamp_event=self.clock(),
            acme_account_id=subject.account.id if subject.account else None,
            acme_order_id=subject.order.id if subject.order else None,
            acme_authorization_id=subject.authorization.id if subject.authorization else None,
            acme_challenge_id=subject.challenge.id if subject.challenge else None,
        )
        self._rows.append(row)
        return row

    @contextlib.contextmanager
    def written(self, db: Session) -> Iterator[None]:
        """Around every commit: the rows go with it, or stay for the next one if it fails."""
        rows, self._rows = self._rows, []
        db.add_all(rows)
        try:
            yield
        except BaseException:
            self._rows = [*rows, *self._rows]
            raise
        # What was noted inside of this transaction goes with it.
        db.add_all(self._rows)
        self._rows = []
