"""Transactions of PostgreSQL that touch the same rows at the same time: each gets done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select, text

from peter_sslers.enums import AcmeEvent
from peter_sslers.lib.actions import (
    account_key_change,
    account_keys,
    authorizations,
    certificate_marks,
    challenges,
    coverage,
    orders,
    private_key_marks,
    races,
)
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.lib.journal import Subject
from peter_sslers.model import AcmeAccount, CertificateSigned, PrivateKey

from ... import factories as make
from ...services.databases import initialize, opened
from ...services.postgresql import PostgreSql
from .ca import Ca, wanted

pytestmark = pytest.mark.service("postgresql")

PATIENCE_S = 20.0


@pytest.fixture
def database(postgresql: PostgreSql) -> Iterator[Database]:
    found = opened(postgresql.copy_of("initialized", initialize))
    yield found
    found.engine.dispose()


class Meeting:
    """The first of two stops half way until the second waits for a lock of its, or is done."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._first_is_half_way = threading.Event()
        self._second_is_done = threading.Event()

    def half_way(self) -> None:
        if threading.current_thread().name != "first" or self._first_is_half_way.is_set():
            return
        self._first_is_half_way.set()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until = time.monotonic() + PATIENCE_S
        while not self._second_is_done.wait(0.02) and time.monotonic() < until:
            with self._engine.connect() as connection:
                if connection.scalar(waiting):
                    return

    def hold(self, first: Callable[[], Any], second: Callable[[], Any]) -> None:
        """Do both; raises what one of them raises."""

        def begin() -> None:
            threading.current_thread().name = "first"
            try:
                first()
            finally:
                self._first_is_half_way.set()

        def follow() -> None:
            assert self._first_is_half_way.wait(PATIENCE_S)
            try:
                second()
            finally:
                self._second_is_done.set()

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(begin), pool.submit(follow)]:
                done.result()


@pytest.fixture
def meeting(database: Database) -> Meeting:
    return Meeting(database)


def test_a_key_is_compromised_while_its_certificate_is_marked_revoked(
    ctx: Context, other: Context, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ctx.commit():
        certificate = make.certificate(ctx.db)
        certificate.private_key.calendar_key = "a day's key, and not any more when compromised"
    real = coverage.report

    def report(*args: Any, **more: Any) -> Any:
        meeting.half_way()
        return real(*args, **more)

    monkeypatch.setattr(coverage, "report", report)
    key = other.db.get_one(PrivateKey, certificate.private_key_id)
    meeting.hold(
        lambda: certificate_marks.mark(ctx, certificate, certificate_marks.Mark.REVOKED),
        lambda: private_key_marks.mark(other, key, private_key_marks.Mark.COMPROMISED),
    )
    assert key.is_compromised
    found = other.db.get_one(CertificateSigned, certificate.id, populate_existing=True)
    assert found.is_revoked
    assert found.is_compromised_private_key


def test_an_account_changes_its_key_while_a_challenge_of_it_is_triggered(
    ctx: Context,
    other: Context,
    ca: Ca,
    acme_account: AcmeAccount,
    meeting: Meeting,
    database: Database,
) -> None:
    ca.says_of_new_orders("/order/1", ca.order())
    order = orders.new(ctx, wanted(ctx, acme_account))
    ca.says("/authz/1", ca.authorization())
    authorizations.read(ctx, order, order.acme_authorizations[0])
    challenge = order.acme_authorizations[0].acme_challenges[0]
    ca.says("/chall/1", {**ca.authorization()["challenges"][0], "status": "processing"})
    ca.says("/keyChange", {})

    @event.listens_for(database.engine, "before_cursor_execute")
    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO acme_event_log"):
            meeting.half_way()

    account = other.db.get_one(AcmeAccount, acme_account.id)
    key = account.acme_account_key
    assert key is not None
    meeting.hold(
        lambda: challenges.tell(ctx, order, challenge),
        lambda: account_key_change.key_change(other, account, key.key_pem or ""),
    )
    assert account.acme_account_key is not key


@pytest.mark.parametrize("what", ["an account", "an order"])
def test_the_event_log_tells_of_what_is_locked(
    ctx: Context, other: Context, ca: Ca, acme_account: AcmeAccount, what: str
) -> None:
    ca.says_of_new_orders("/order/1", ca.order())
    order = orders.new(ctx, wanted(ctx, acme_account))
    key = acme_account.acme_account_key
    assert key is not None
    with ctx.commit(fresh=order if what == "an order" else None):
        if what == "an account":
            account_keys.swap(ctx, acme_account, key)
        with other.commit():
            other.db.execute(text("SET LOCAL lock_timeout = '2s'"))
            other.journal.note(Subject(AcmeEvent.ORDER_LOCATION, acme_account, order))


def test_a_commit_that_is_cut_off_by_a_deadlock_is_done_anew(ctx: Context, other: Context) -> None:
    with ctx.commit():
        first, second = make.private_key(ctx.db), make.private_key(ctx.db)
    both = threading.Barrier(2)

    def touch(mine: Context, numbers: list[int]) -> list[int]:
        met: list[int] = []

        def work() -> list[int]:
            for number in numbers:
                lock = select(PrivateKey.id).where(PrivateKey.id == number).with_for_update()
                mine.db.scalar(lock)
                if not met:
                    met.append(number)
                    both.wait(PATIENCE_S)
            return numbers

        return races.commit_anew(mine, work)

    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(touch, ctx, [first.id, second.id]),
            pool.submit(touch, other, [second.id, first.id]),
        ]
        assert {tuple(each.result()) for each in done} == {
            (first.id, second.id),
            (second.id, first.id),
        }
