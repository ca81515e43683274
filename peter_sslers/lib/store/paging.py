"""One page of a query: its rows, and how many rows there are in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, inspect, select
from sqlalchemy.orm import Session

PER_PAGE = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Page `number` of `pages`; both count from 1, and an empty list has one page."""

    items: list[T]
    total: int
    number: int
    pages: int
    per_page: int

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last_row(self) -> int:
        return min(self.number * self.per_page, self.total)


def page(db: Session, query: Select[T], number: int = 1, per_page: int = PER_PAGE) -> Page[T]:
    """Page `number` of the query, newest first unless the query has an order of its own.

    A number below 1 gives the first page, one beyond the end the last: compare with `.number`.
    """
    total = count(db, query)
    pages = max(1, -(-total // per_page))
    number = min(max(1, number), pages)
    items = _rows(db, query, (number - 1) * per_page, per_page) if total else []
    return Page(items, total, number, pages, per_page)


def first(db: Session, query: Select[T], limit: int) -> list[T]:
    """The first rows of a list, newest first unless the query has an order of its own."""
    return _rows(db, query, 0, limit)


def every(db: Session, query: Select[T]) -> Page[T]:
    """All rows, as one page: for the lists that are not paged."""
    items = list(db.scalars(_ordered(query)).unique())
    return Page(items, len(items), 1, 1, max(1, len(items)))


def count(db: Session, query: Select[Any]) -> int:
    key = _key(query)
    rows = query.with_only_columns(*key, maintain_column_froms=True).order_by(None)
    return db.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _rows(db: Session, query: Select[T], offset: int, limit: int) -> list[T]:
    query = _ordered(query)
    key = _key(query)
    if offset == 0 or len(key) != 1:
        return list(db.scalars(query.offset(offset).limit(limit)).unique())
    # A deep page: walk over the narrow index alone, and read whole rows for this page only.
    ids = query.with_only_columns(*key, maintain_column_froms=True).offset(offset).limit(limit)
    found = list(db.scalars(ids))
    return list(db.scalars(query.where(key[0].in_(found))).unique())


def _ordered(query: Select[T]) -> Select[T]:
    if query._order_by_clauses:
        return query
    return query.order_by(*(column.desc() for column in _key(query)))


def _key(query: Select[Any]) -> tuple[ColumnElement[Any], ...]:
    """The primary key of what the query selects."""
    entity = query.column_descriptions[0]["entity"]
    return tuple(getattr(entity, c.key) for c in inspect(inspect(entity).mapper.class_).primary_key)
