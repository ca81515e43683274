"""Statements for a row or two, compiled once: SQLAlchemy takes longer over them than databases."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Enum,
    Insert,
    Select,
    Table,
    insert,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")
Statement = Select[Any] | UpdateBase
Convert = Callable[[Any], Any]
_times: dict[tuple[type, str], Convert] = {}
_CONVERTED = 32  # words and times that a column remembers: rows of one moment have the same


def run(db: Connection, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Run it for each of `rows`, which all name the same columns: the rows that come back.

    The statement is one that lives as long as the program, with bound values only, none of them
    expanding. Errors are SQLAlchemy's.
    """
    if not rows:
        return []
    return _prepared(statement, db.dialect, tuple(rows[0])).run(db, rows)


def changed(db: Connection, statement: UpdateBase, row: Mapping[str, Any]) -> int:
    """Run it once: how many rows it found to change."""
    return _prepared(statement, db.dialect, tuple(row)).changed(db, row)


def inserted(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert the rows, which all have the same columns: the id of each."""
    if not rows:
        return []
    if db.dialect.name == "postgresql":
        return [row.id for row in run(db, insert_into(table, table.c.id), rows)]
    # SQLite takes a copy of every page first where a statement is to return something.
    return _prepared(insert_into(table), db.dialect, tuple(rows[0])).inserted(db, rows)


@lru_cache
def insert_into(table: Table, *returning: Column[Any]) -> Insert:
    """Built once: that takes longer than to run it for a single row."""
    query = insert(table)
    return query.returning(*returning) if returning else query


class _Prepared:
    def __init__(self, statement: Statement, dialect: Dialect, columns: tuple[str, ...]) -> None:
        # Else a plain INSERT would return its id.
        many: dict[str, Any] = {"for_executemany": True}
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns), **many)
        if compiled.prefetch:
            raise ValueError("a column whose value SQLAlchemy makes is missing")
        self._sql = str(compiled)
        self._dialect = dialect
        self._errors = dialect.loaded_dbapi.Error
        self._constants = {k: v for k, v in compiled.params.items() if k not in columns}
        convert = {
            name: _converter(bind.type, dialect) for bind, name in compiled.bind_names.items()
        }
        places = list(compiled.positiontup if compiled.positional else convert)
        self._in_order = _values_of(places) if compiled.positional else None
        self._convert = [
            (at if compiled.positional else name, needed)
            for at, name in enumerate(places)
            if (needed := convert[name])
        ]
        returned = list(statement.exported_columns)
        # Named as SQLAlchemy's rows are.
        self._row: Any = namedtuple("Row", [str(c.key) for c in returned]) if returned else None
        self._read = [_impl(c.type, dialect).result_processor(dialect, None) for c in returned]
        self._reads_as_is = not any(self._read)

    def run(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        return self._done(db, self._all, rows)

    def changed(self, db: Connection, row: Mapping[str, Any]) -> int:
        return self._done(db, self._changed, [row])

    def inserted(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        return self._done(db, self._inserted, rows)

    def _done(
        self,
        db: Connection,
        work: Callable[[Any, list[Any]], T],
        rows: Sequence[Mapping[str, Any]],
    ) -> T:
        given = [self._bound(row) for row in rows]
        cursor = db.connection.cursor()
        try:
            return work(cursor, given)
        except self._errors as exc:
            raise DBAPIError.instance(
                self._sql, None, exc, self._errors, hide_parameters=True, dialect=self._dialect
            ) from exc
        finally:
            cursor.close()

    def _all(self, cursor: Any, given: list[Any]) -> list[Any]:
        if self._row is None:
            cursor.executemany(self._sql, given)
            return []
        found: list[Any] = []
        for values in given:
            cursor.execute(self._sql, values)
            found += cursor.fetchall()
        return [self._named(row) for row in found]

    def _changed(self, cursor: Any, given: list[Any]) -> int:
        cursor.execute(self._sql, given[0])
        return int(cursor.rowcount)

    def _inserted(self, cursor: Any, given: list[Any]) -> list[int]:
        made = []
        for values in given:
            cursor.execute(self._sql, values)
            made.append(cursor.lastrowid)
        return made

    def _bound(self, row: Mapping[str, Any]) -> Any:
        given: Any = {**self._constants, **row} if self._constants else row
        given = self._in_order(given) if self._in_order else {**given}
        for place, convert in self._convert:
            given[place] = convert(given[place])
        return given

    def _named(self, row: Sequence[Any]) -> Any:
        if self._reads_as_is:
            return self._row._make(row)
        pairs = zip(row, self._read, strict=True)
        return self._row._make(convert(value) if convert else value for value, convert in pairs)


_prepared = lru_cache(maxsize=256)(_Prepared)


def _values_of(names: Sequence[str]) -> Callable[[Mapping[str, Any]], list[Any]]:
    """The values of these, in their order."""
    if len(names) < 2:  # of one, `itemgetter` would answer the value
        return lambda row: [row[name] for name in names]
    found = itemgetter(*names)
    return lambda row: list(found(row))


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    convert = _impl(kind, dialect).bind_processor(dialect)
    of = kind.impl if isinstance(kind, TypeDecorator) else kind
    if convert is None or not isinstance(of, Boolean | DateTime | Enum):
        return convert
    if isinstance(of, DateTime):  # all columns of the kind write a time alike
        return _times.setdefault((type(kind), dialect.name), lru_cache(_CONVERTED)(convert))
    return lru_cache(_CONVERTED)(convert)
