"""Engines and transactions: how SQLite, PostgreSQL and MariaDB are opened, read and written."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, engine_from_config, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

AT_ONCE = 500  # values in one statement
BUSY_TIMEOUT_S = 30
_WRITES, _OBJECTS, _ROWS = "peter_writes", "objects", "rows"  # in Session.info: what is written
CONNECTIONS = 20  # that are kept: as many as the admin has threads, usually
# How a row is locked whose id stays (PostgreSQL: FOR NO KEY UPDATE). For FOR UPDATE every new row
# that refers to it, as the event log's do, would wait, with locks that we may wait for.
LOCKED = {"key_share": True}
TURN_S = 0.001  # between two looks whether another process still writes
PAUSE_S = 1.0  # after which a connection is tried before it is used


class Database:
    """One database: an engine, and the only way to write through it.

    Readers use `session()` as they like. Whoever writes does it inside `writing(session)`, which is
    one short transaction and holds no network call.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reader = engine.execution_options(peter_single_read=True)
        self._writer = engine.execution_options(peter_writes=True)
        # Objects stay readable after a commit: a view shows what it has loaded.
        self.session = sessionmaker(engine, expire_on_commit=False)
        event.listen(self.session, "before_flush", _refuse_stray_writes)
        # On SQLite there is one writer at a time; inside one process a lock is the quickest way to
        # wait for one's turn, and a fair one. Between processes: `_begin_writing`.
        self._turn: AbstractContextManager[Any] = (
            threading.RLock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()
        )
        # So its connection can stay: to take one from the pool and to give it back takes longer
        # than a few rows do. One in memory is its thread's.
        self._keeps_connection = engine.dialect.name == "sqlite" and not in_memory(engine.url)
        self._kept: Connection | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Database:
        """`sqlalchemy.url` and every other `sqlalchemy.X` as an argument X of create_engine."""
        own: dict[str, Any] = {
            # Else the text of a refused INSERT, and so the log, would hold the private key.
            "sqlalchemy.hide_parameters": True,
            # What is above that is closed after each transaction, and opened anew for the next.
            "sqlalchemy.pool_size": CONNECTIONS,
        }
        if in_memory(make_url(settings["sqlalchemy.url"])):
            del own["sqlalchemy.pool_size"]  # SQLAlchemy's pool for these has no size
        engine = engine_from_config({**own, **settings})
        if engine.dialect.name == "sqlite":
            _tame_sqlite(engine)
        else:
            _ping_after_a_pause(engine)
        if engine.dialect.name in {"mysql", "mariadb"}:
            _tame_mysql(engine)
        return cls(engine)

    def single_read(self) -> Connection:
        """A connection for one SELECT. That is a transaction by itself: SQLite gets no BEGIN."""
        return self._reader.connect()

    @contextlib.contextmanager
    def writing(self, session: Session) -> Iterator[None]:
        """One write transaction: committed at the end, rolled back if anything is raised.

        Ends the read transaction that the session may be in, so that queries inside see what
        others have committed; on SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that
        it never fails half way because somebody else wrote first.
        """
        with self._begun(session, _OBJECTS):
            session.connection(execution_options={"peter_writes": True})
            try:
                yield
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextlib.contextmanager
    def writing_rows(self, session: Session) -> Iterator[Connection]:
        """As `writing`, in Core alone: through the session, a few rows would take twice as long."""
        with self._begun(session, _ROWS):
            if self._keeps_connection:
                with self._kept_connection() as connection, connection.begin():
                    yield connection
            else:
                with self._writer.begin() as connection:
                    yield connection

    @contextlib.contextmanager
    def _kept_connection(self) -> Iterator[Connection]:
        if self._kept is None or self._kept.closed:
            self._kept = self._writer.connect()
            self._kept.detach()  # it takes no place in the pool
        try:
            yield self._kept
        except BaseException:
            # After a COMMIT that failed, SQLite may still be in it, with the lock.
            self._kept.close()
            raise

    def close_connections(self) -> None:
        """Nobody may be writing. The next that asks opens one."""
        if self._kept is not None:
            self._kept.close()
        self.engine.dispose()

    @contextlib.contextmanager
    def _begun(self, session: Session, what: str) -> Iterator[None]:
        if self.is_writing(session):
            raise RuntimeError("write transactions do not nest")
        with self._turn:
            end_reading(session)
            session.info[_WRITES] = what
            try:
                yield
            finally:
                session.info[_WRITES] = ""

    @staticmethod
    def is_writing(session: Session) -> bool:
        return bool(session.info.get(_WRITES))


def reader(settings: Mapping[str, Any]) -> Engine:
    """The same database for single statements that only read, through a pool of its own.

    Whatever other threads hold, here is a connection; and there is no BEGIN and ROLLBACK around
    each statement, which on SQLite would take longer than the statement.
    """
    own = {"sqlalchemy.isolation_level": "AUTOCOMMIT", "sqlalchemy.pool_reset_on_return": None}
    engine = engine_from_config({**settings, **own})
    if engine.dialect.name != "sqlite":
        _ping_after_a_pause(engine)
    else:

        @event.listens_for(engine, "connect")
        def patience(connection: Any, _record: Any) -> None:
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")

    return engine


def _ping_after_a_pause(engine: Engine) -> None:
    """A connection that was not used for a while may have died: it is tried before it is used.

    SQLAlchemy's `pool_pre_ping` tries it before every transaction: of the statements of an order
    that was every tenth.
    """

    @event.listens_for(engine, "checkin")
    def back(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def out(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_at", time.monotonic()) < PAUSE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as exc:
            raise DisconnectionError from exc  # the pool opens another


def in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def chunks(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Databases limit how many values one statement takes."""
    listed = list(values)
    return (listed[at : at + size] for at in range(0, len(listed), size))


def end_reading(session: Session) -> None:
    """End a read transaction and keep what was read (a rollback would forget it)."""
    if session.in_transaction():
        session.commit()


def _refuse_stray_writes(session: Session, _context: object, _objects: object) -> None:
    if session.info.get(_WRITES) != _OBJECTS:
        raise RuntimeError("rows are changed inside `with ctx.commit():` only")


def _tame_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # A key or an order that was committed survives a power cut.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # Pages of the log, 16 MB: those that every write changes are copied back less often.
        cursor.execute("PRAGMA wal_autocheckpoint=4000")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("peter_single_read"):
            if options.get("peter_writes"):
                _begin_writing(connection)
            else:
                connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    """Wait until no other process writes: SQLite's own handler sleeps up to 100 ms between tries.

    That is longer than most writes take, so processes would wait for nobody half of the time.
    """
    cursor = connection.connection.cursor()
    end = time.monotonic() + BUSY_TIMEOUT_S
    try:
        cursor.execute("PRAGMA busy_timeout=0")
        while time.monotonic() < end:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as exc:
                if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break  # said in SQLAlchemy's words below
                time.sleep(TURN_S)
            else:
                return
    finally:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        cursor.close()
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _tame_mysql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            # The placeholder key has the id 0.
            cursor.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
