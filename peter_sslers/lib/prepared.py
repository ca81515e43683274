"""Statements for a row or two, compiled once: SQLAlchemy takes longer over them than databases."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

Statement = Select[Any] | UpdateBase
Convert = Callable[[Any], Any]


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


class _Prepared:
    def __init__(self, statement: Statement, dialect: Dialect, columns: tuple[str, ...]) -> None:
        # Else a plain INSERT would return its id.
        many: dict[str, Any] = {"for_executemany": True}
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns), **many)
        if compiled.prefetch:
            raise ValueError("a column whose value SQLAlchemy makes is missing")
        self._sql = str(compiled)
        self._constants = {k: v for k, v in compiled.params.items() if k not in columns}
        convert = {
            name: _impl(bind.type, dialect).bind_processor(dialect)
            for bind, name in compiled.bind_names.items()
        }
        self._is_positional: bool = compiled.positional
        places = compiled.positiontup if compiled.positional else convert
        self._places = [(name, convert[name]) for name in places]
        returned = list(statement.exported_columns)
        # Named as SQLAlchemy's rows are.
        self._row: Any = namedtuple("Row", [str(c.key) for c in returned]) if returned else None
        self._read = [_impl(c.type, dialect).result_processor(dialect, None) for c in returned]
        self._reads_as_is = not any(self._read)

    def run(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        given = [self._bound(row) for row in rows]
        with self._cursor(db) as cursor:
            return self._all(cursor, given)

    def changed(self, db: Connection, row: Mapping[str, Any]) -> int:
        given = self._bound(row)
        with self._cursor(db) as cursor:
            cursor.execute(self._sql, given)
            return int(cursor.rowcount)

    @contextmanager
    def _cursor(self, db: Connection) -> Iterator[Any]:
        errors = db.dialect.loaded_dbapi.Error
        try:
            with closing(db.connection.cursor()) as cursor:
                yield cursor
        except errors as exc:
            raise DBAPIError.instance(
                self._sql, None, exc, errors, hide_parameters=True, dialect=db.dialect
            ) from exc

    def _all(self, cursor: Any, given: Sequence[Any]) -> list[Any]:
        if self._row is None:
            cursor.executemany(self._sql, given)
            return []
        found: list[Any] = []
        for values in given:
            cursor.execute(self._sql, values)
            found += cursor.fetchall()
        return [self._named(row) for row in found]

    def _bound(self, row: Mapping[str, Any]) -> Any:
        if self._constants:
            row = {**self._constants, **row}
        if self._is_positional:
            return [convert(row[name]) if convert else row[name] for name, convert in self._places]
        return {
            name: convert(row[name]) if convert else row[name] for name, convert in self._places
        }

    def _named(self, row: Sequence[Any]) -> Any:
        if self._reads_as_is:
            return self._row._make(row)
        pairs = zip(row, self._read, strict=True)
        return self._row._make(convert(value) if convert else value for value, convert in pairs)


_prepared = lru_cache(maxsize=256)(_Prepared)


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
