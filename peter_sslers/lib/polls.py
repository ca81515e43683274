"""The log of challenge polls: written beside the answers, never in their way."""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from ..model import AcmeChallengePoll, AcmeChallengeUnknownPoll, RemoteIpAddress
from .database import Database, chunks

log = logging.getLogger(__name__)

PAUSE_S = 0.2  # between two writes
IDLE_S = 5.0  # after which the thread ends; the next poll starts another
QUEUE_MAX = 10_000
TEXT_MAX = 255  # of the columns
TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    challenge_id: int
    address: str
    at: datetime


@dataclass(frozen=True)
class Unknown:
    domain: str
    challenge: str
    address: str
    at: datetime


class PollLog:
    """A bounded queue in memory and one thread that writes it, some five times a second.

    `known` and `unknown` return at once and never raise. What was not written when the process
    dies is lost, as is what does not fit into the queue; both only make the log shorter.
    """

    def __init__(
        self,
        database: Database,
        unknown_max: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._unknown_max = unknown_max
        self._clock = clock
        self._queue: deque[Known | Unknown] = deque()
        self._lost = 0
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        atexit.register(_flush, weakref.ref(self))

    def known(self, challenge_id: int, address: str) -> None:
        self._put(Known(challenge_id, _cut(address.lower()), self._clock()))

    def unknown(self, domain: str, challenge: str, address: str) -> None:
        self._put(Unknown(_cut(domain), _cut(challenge), _cut(address.lower()), self._clock()))

    def flush(self) -> None:
        """Write now what is waiting; returns when it, and what was under way, is written."""
        with self._writing:
            polls, lost = self._taken()
            if lost:
                log.warning("%d challenge polls were not logged: there were too many", lost)
            if polls:
                self._write(polls)

    def _put(self, poll: Known | Unknown) -> None:
        with self._changed:
            if len(self._queue) >= QUEUE_MAX:
                self._lost += 1
                return
            self._queue.append(poll)
            if self._thread is None:
                self._start()
            elif len(self._queue) == 1:
                self._changed.notify()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="poll-log", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads; the next poll tries again
            log.warning("Polls of challenges wait for a thread that logs them", exc_info=True)
            return
        self._thread = thread

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue and not self._changed.wait_for(lambda: self._queue, IDLE_S):
                    self._thread = None
                    return
            time.sleep(PAUSE_S)
            self.flush()

    def _taken(self) -> tuple[list[Known | Unknown], int]:
        with self._changed:
            polls, lost = list(self._queue), self._lost
            self._queue.clear()
            self._lost = 0
        return polls, lost

    def _write(self, polls: Sequence[Known | Unknown]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                with self._database.session() as session, self._database.writing(session):
                    write(session, polls, self._unknown_max)
                return
            except Exception as error:
                # Another process wrote the same new address, or held the same rows.
                again = isinstance(error, IntegrityError | OperationalError)
                if not again or attempt == TRIES:
                    log.critical("Could not log %d challenge polls", len(polls), exc_info=True)
                    return


def write(session: Session, polls: Iterable[Known | Unknown], unknown_max: int) -> None:
    """The rows of some polls; to be called inside of a write transaction."""
    polls = list(polls)
    ids = _address_ids(session, polls)
    known = [
        {
            "acme_challenge_id": poll.challenge_id,
            "timestamp_polled": poll.at,
            "remote_ip_address_id": ids[poll.address],
        }
        for poll in polls
        if isinstance(poll, Known)
    ]
    if known:
        session.execute(insert(AcmeChallengePoll), known)
    unknown = [poll for poll in polls if isinstance(poll, Unknown)]
    if unknown:
        _write_unknown(session, unknown, ids)
        _drop_oldest(session, unknown_max)


def _address_ids(session: Session, polls: Sequence[Known | Unknown]) -> dict[str, int]:
    """{address: id of its row}, made where there is none."""
    first_at = {poll.address: poll.at for poll in reversed(polls)}
    ids: dict[str, int] = {}
    for some in chunks(sorted(first_at)):
        column = RemoteIpAddress.remote_ip_address
        found = session.execute(select(column, RemoteIpAddress.id).where(column.in_(some)))
        ids |= {row[0]: row[1] for row in found}
    new = [
        RemoteIpAddress(remote_ip_address=address, timestamp_created=at)
        for address, at in sorted(first_at.items())
        if address not in ids
    ]
    session.add_all(new)
    session.flush()
    return ids | {row.remote_ip_address: row.id for row in new}


def _write_unknown(session: Session, polls: Sequence[Unknown], ids: dict[str, int]) -> None:
    """One row for each (domain, challenge, address); the same again counts up."""
    groups: dict[tuple[str, str, int], list[Unknown]] = {}
    for poll in polls:
        groups.setdefault((poll.domain, poll.challenge, ids[poll.address]), []).append(poll)
    rows = _unknown_ids(session, {poll.challenge for poll in polls})
    new: list[dict[str, Any]] = []
    # In one order everywhere, so that two processes do not wait for each other.
    for key, group in sorted(groups.items()):
        if key in rows:
            session.execute(
                update(AcmeChallengeUnknownPoll)
                .where(AcmeChallengeUnknownPoll.id == rows[key])
                .values(
                    count=AcmeChallengeUnknownPoll.count + len(group),
                    timestamp_polled=group[-1].at,
                ),
                execution_options={"synchronize_session": False},
            )
        else:
            new.append(
                {
                    "domain": key[0],
                    "challenge": key[1],
                    "remote_ip_address_id": key[2],
                    "count": len(group),
                    "timestamp_first": group[0].at,
                    "timestamp_polled": group[-1].at,
                }
            )
    if new:
        session.execute(insert(AcmeChallengeUnknownPoll), new)


def _unknown_ids(session: Session, challenges: Iterable[str]) -> dict[tuple[str, str, int], int]:
    row = AcmeChallengeUnknownPoll
    found: dict[tuple[str, str, int], int] = {}
    for some in chunks(sorted(challenges)):
        query = select(row.domain, row.challenge, row.remote_ip_address_id, row.id)
        for domain, challenge, address, number in session.execute(
            query.where(row.challenge.in_(some))
        ):
            found[domain, challenge, address] = number
    return found


def _drop_oldest(session: Session, at_most: int) -> None:
    row = AcmeChallengeUnknownPoll
    too_many = (session.scalar(select(func.count()).select_from(row)) or 0) - at_most
    if too_many <= 0:
        return
    query = select(row.id, row.remote_ip_address_id).order_by(row.timestamp_polled, row.id)
    oldest = session.execute(query.limit(too_many)).all()
    for some in chunks([number for number, _ in oldest]):
        session.execute(
            delete(row).where(row.id.in_(some)), execution_options={"synchronize_session": False}
        )
    _drop_unused(session, {address for _, address in oldest})


def _drop_unused(session: Session, ids: Iterable[int]) -> None:
    """The addresses of which no poll is left: who has an IPv6 network has no end of them."""
    row = RemoteIpAddress
    unused = [
        ~exists().where(poll.remote_ip_address_id == row.id)
        for poll in (AcmeChallengePoll, AcmeChallengeUnknownPoll)
    ]
    for some in chunks(sorted(ids)):
        session.execute(
            delete(row).where(row.id.in_(some), *unused),
            execution_options={"synchronize_session": False},
        )


def _cut(text: str) -> str:
    """As it fits the column: PostgreSQL takes no NUL, MariaDB's ASCII columns nothing else.

    MariaDB holds texts to be equal that differ in blanks at their end.
    """
    return text[:TEXT_MAX].replace("\0", "?").encode("ascii", "replace").decode().rstrip(" ")


def _flush(log_of: weakref.ref[PollLog]) -> None:
    if found := log_of():
        found.flush()
