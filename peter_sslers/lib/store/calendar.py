"""How many certificates begin and end, week by week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from ...model import CertificateSigned, Domain, UniqueFQDNSet
from . import unique_fqdn_sets
from .overview import renewed_by_itself

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """What ends in one ISO week: what is renewed by itself, and the rest."""

    monday: date
    planned: int = 0
    by_hand: int = 0

    @property
    def key(self) -> str:
        return week_key(self.monday)

    @property
    def total(self) -> int:
        return self.planned + self.by_hand


def week_key(day: date) -> str:
    """`2026.48`: the year and the week of ISO 8601."""
    year, week, _ = day.isocalendar()
    return f"{year}.{week:02}"


def of_all() -> tuple[ColumnElement[bool], ...]:
    return ()


def of_domain(domain: Domain) -> tuple[ColumnElement[bool], ...]:
    sets = unique_fqdn_sets.ids_of_domain(domain)
    return (CertificateSigned.unique_fqdn_set_id.in_(sets),)


def of_unique_fqdn_set(fqdns: UniqueFQDNSet) -> tuple[ColumnElement[bool], ...]:
    return (CertificateSigned.unique_fqdn_set_id == fqdns.id,)


def issues(db: Session, which: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    """{week: certificates that are valid from then on}, the oldest week first."""
    day = func.date(CertificateSigned.timestamp_not_before)
    query = select(day, func.count()).where(*which).group_by(day).order_by(day)
    found: Counter[str] = Counter()
    for when, number in db.execute(query):
        found[week_key(_date(when))] += number
    return dict(found)


def expires(
    db: Session, which: Sequence[ColumnElement[bool]], now: datetime, weeks: int
) -> list[Week]:
    """What ends in this week and in the next ones, of the active certificates."""
    first = _monday(now.date())
    last = first + weeks * WEEK
    day = func.date(CertificateSigned.timestamp_not_after)
    by_itself = renewed_by_itself().label("by_itself")
    query: Select[Any] = (
        select(day, by_itself, func.count())
        .where(
            CertificateSigned.is_active.is_(True),
            CertificateSigned.timestamp_not_after >= _midnight(first, now),
            CertificateSigned.timestamp_not_after < _midnight(last, now),
            *which,
        )
        .group_by(day, by_itself)
    )
    found: Counter[tuple[date, bool]] = Counter()
    for when, planned, number in db.execute(query):
        found[_monday(_date(when)), bool(planned)] += number
    mondays = _mondays(first, weeks)
    return [Week(monday, found[monday, True], found[monday, False]) for monday in mondays]


def _mondays(first: date, weeks: int) -> Iterator[date]:
    return (first + n * WEEK for n in range(weeks))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _date(value: date | str) -> date:
    """SQLite's date is a text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
