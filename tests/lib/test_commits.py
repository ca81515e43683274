"""The two kinds of commit, of objects and of rows alone: one transaction, and rules that hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from peter_sslers import model
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from tests.services.databases import context, opened

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVENTS = model.OperationsEvent.__table__
Begin = Callable[[Context], AbstractContextManager[Any]]


def event(number: int | None = None) -> dict[str, Any]:
    """A row; two with the same number are refused."""
    row = {
        "operations_event_type": "Domain__insert",
        "timestamp_event": NOW,
        "event_payload": "{}",
    }
    return row if number is None else {**row, "id": number}


def write(ctx: Context, number: int) -> None:
    write_all(ctx, event(number))


def write_all(ctx: Context, *rows: dict[str, Any], error: Exception | None = None) -> None:
    with ctx.commit_rows() as db:
        for row in rows:
            db.execute(insert(EVENTS), [row])
        if error:
            raise error


@pytest.fixture
def count(database: Database) -> Callable[[], int]:
    """What another connection sees."""

    def events() -> int:
        with database.single_read() as db:
            return int(db.scalar(select(func.count()).select_from(EVENTS)) or 0)

    return events


def test_rows_are_committed_at_the_end(ctx: Context, count: Callable[[], int]) -> None:
    before = count()
    with ctx.commit_rows() as db:
        db.execute(insert(EVENTS), [event(), event()])
        assert count() == before
    assert count() == before + 2


def test_what_fails_leaves_nothing_and_harms_no_later_one(
    ctx: Context, count: Callable[[], int]
) -> None:
    before = count()
    write(ctx, 900_001)
    with pytest.raises(IntegrityError):
        write_all(ctx, event(), event(900_001))
    with pytest.raises(ArithmeticError):
        write_all(ctx, event(), error=ArithmeticError())
    assert count() == before + 1
    write(ctx, 900_002)
    assert count() == before + 2


def test_a_commit_that_fails_keeps_nobody_waiting(
    ctx: Context, database: Database, count: Callable[[], int]
) -> None:
    """On SQLite a transaction goes on after it."""
    refers = "REFERENCES domain (id) DEFERRABLE INITIALLY DEFERRED"
    with database.engine.begin() as db:
        db.exec_driver_sql(f"CREATE TABLE late (id BIGINT {refers})")
    before = count()
    with pytest.raises(IntegrityError):
        write_late(ctx)
    with ctx.commit():
        ctx.db.add(model.OperationsEvent(**event()))
    write(ctx, 900_001)
    assert count() == before + 2


def write_late(ctx: Context) -> None:
    with ctx.commit_rows() as db:
        db.execute(insert(EVENTS), [event()])
        db.exec_driver_sql("INSERT INTO late VALUES (900001)")


def test_a_pool_of_one_is_enough(tmp_path: Path, initialized_sqlite: Path) -> None:
    file = tmp_path / "one.sqlite"
    shutil.copy(initialized_sqlite, file)
    pool = {"sqlalchemy.pool_size": 1, "sqlalchemy.max_overflow": 0, "sqlalchemy.pool_timeout": 1}
    database = Database.from_settings({"sqlalchemy.url": f"sqlite:///{file}", **pool})
    ctx = context(database)
    for _ in range(2):
        write_all(ctx, event())
        with ctx.commit():
            ctx.db.add(model.OperationsEvent(**event()))
    ctx.db.close()
    database.close_connections()


@pytest.mark.parametrize("outer", [Context.commit, Context.commit_rows])
@pytest.mark.parametrize("inner", [Context.commit, Context.commit_rows])
def test_commits_do_not_nest(ctx: Context, outer: Begin, inner: Begin) -> None:
    with outer(ctx), pytest.raises(RuntimeError, match="do not nest"), inner(ctx):
        pytest.fail("it began")  # pragma: no cover
    write(ctx, 900_001)


@pytest.mark.parametrize("begin", [Context.commit, Context.commit_rows])
def test_no_network_inside_of_one(ctx: Context, begin: Begin) -> None:
    with begin(ctx), pytest.raises(RuntimeError, match="a network request inside"):
        ctx.outside()
    ctx.outside()


def test_objects_are_not_changed_inside_of_one_of_rows(
    ctx: Context, count: Callable[[], int]
) -> None:
    before = count()
    with ctx.commit_rows():
        ctx.db.add(model.OperationsEvent(**event()))
        with pytest.raises(RuntimeError, match="rows are changed inside"):
            ctx.db.flush()
    ctx.db.rollback()
    assert count() == before


def test_the_session_sees_what_was_committed_as_rows(ctx: Context) -> None:
    query = select(func.count()).select_from(EVENTS)
    before = ctx.db.scalar(query)
    write(ctx, 900_001)
    assert ctx.db.scalar(query) == (before or 0) + 1


def test_several_threads_write_objects_and_rows_at_once(
    database: Database, count: Callable[[], int]
) -> None:
    def work(_: int) -> None:
        ctx = context(database)
        for _ in range(10):
            write_all(ctx, event())
            with ctx.commit():
                ctx.db.add(model.OperationsEvent(**event()))
        ctx.db.close()

    before = count()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert count() == before + 4 * 10 * 2


def test_connections_that_were_closed_are_opened_anew(
    database: Database, ctx: Context, count: Callable[[], int]
) -> None:
    before = count()
    write(ctx, 900_001)
    database.close_connections()
    write(ctx, 900_002)
    assert count() == before + 2


def test_a_database_in_memory_is_written_too() -> None:
    database = opened("sqlite://")
    model.Base.metadata.create_all(database.engine)
    ctx = context(database)
    write(ctx, 1)
    assert ctx.db.scalar(select(EVENTS.c.id)) == 1
    ctx.db.close()


def test_on_sqlite_the_connection_of_rows_is_kept(ctx: Context, database: Database) -> None:
    seen: list[Connection] = []
    for _ in range(2):
        with ctx.commit_rows() as db:
            seen.append(db)
    one_writer = database.engine.dialect.name == "sqlite"
    assert (seen[0] is seen[1]) is one_writer
