"""Statements for a row or two, compiled once: SQLAlchemy takes longer over them than databases."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
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


class _Prepared:
    def __init__(self, statement: Statement, dialect: Dialect, columns: tuple[str, ...]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
        if compiled.prefetch:
            raise ValueError("a column whose value SQLAlchemy makes is missing")
        self._sql = str(compiled)
        self._names: list[str] | None = compiled.positiontup
        self._constants = {k: v for k, v in compiled.params.items() if k not in columns}
        self._bind = {
            name: convert
            for name, bind in compiled.binds.items()
            if (convert := _impl(bind.type, dialect).bind_processor(dialect))
        }
        returned = statement.exported_columns
        names = [str(column.key) for column in returned]
        self._row: Any = namedtuple("Row", names) if names else None
        self._read = [
            (at, convert)
            for at, column in enumerate(returned)
            if (convert := _impl(column.type, dialect).result_processor(dialect, None))
        ]

    def run(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        given = [self._bound(row) for row in rows]
        errors = db.dialect.loaded_dbapi.Error
        try:
            with closing(db.connection.cursor()) as cursor:
                return self._all(cursor, given)
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
            found += map(self._named, cursor.fetchall())
        return found

    def _bound(self, row: Mapping[str, Any]) -> Any:
        values = {**self._constants, **row}
        for name, convert in self._bind.items():
            values[name] = convert(values[name])
        return values if self._names is None else [values[name] for name in self._names]

    def _named(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for at, convert in self._read:
            values[at] = convert(values[at])
        return self._row._make(values)


_prepared = lru_cache(maxsize=256)(_Prepared)


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
