"""What accounts have asked of their ACME servers day by day, and which limits are in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, Select, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ...model import AcmeAccount, AcmeAccountRequestCount, AcmeRateLimit
from .. import prepared

SLOTS = 16
DAYS = 14  # that are shown
COUNT = AcmeAccountRequestCount


@dataclass
class Requests:
    """As yet uncounted ones of an account."""

    requests: int = 0
    new_orders: int = 0
    refused: int = 0


KEY = ("acme_account_id", "day", "slot")
COUNTED = ("count_requests", "count_new_orders", "count_refused")
_TABLE = cast("Table", COUNT.__table__)
# Built once: every commit of an order counts.
_RAISE = (
    update(_TABLE)
    .where(*(_TABLE.c[name] == bindparam(f"its_{name}") for name in KEY))
    .values({name: _TABLE.c[name] + bindparam(f"its_{name}") for name in COUNTED})
)


def add(db: Session, day: date, slot: int, counts: Mapping[int, Requests]) -> None:
    """Count requests, {account id: how many}, in a row of the day; inside a commit."""
    for account_id, told in sorted(counts.items()):
        key = dict(zip(KEY, (account_id, day, slot), strict=True))
        row = {**key, **{f"count_{name}": count for name, count in vars(told).items()}}
        if not _raise(db, row):
            _begin(db, row)


def _raise(db: Session, row: Mapping[str, Any]) -> bool:
    its = {f"its_{name}": value for name, value in row.items()}
    return bool(prepared.changed(db.connection(), _RAISE, its))


def _begin(db: Session, row: Mapping[str, Any]) -> None:
    try:
        with db.begin_nested():
            db.connection().execute(insert(_TABLE), row)
    except IntegrityError:  # somebody else was faster
        _raise(db, row)


def by_day(db: Session, account: AcmeAccount) -> Sequence[Row[Any]]:
    """(day, requests, newOrders, refused) of the latest days that had any, newest first."""
    sums = [func.sum(getattr(COUNT, name)).label(name) for name in COUNTED]
    return db.execute(
        select(COUNT.day, *sums)
        .where(COUNT.acme_account_id == account.id)
        .group_by(COUNT.day)
        .order_by(COUNT.day.desc())
        .limit(DAYS)
    ).all()


def limits(account: AcmeAccount, now: datetime) -> Select[AcmeRateLimit]:
    """Those in force; what lasts longest first."""
    return (
        select(AcmeRateLimit)
        .where(AcmeRateLimit.acme_account_id == account.id, AcmeRateLimit.timestamp_until > now)
        .order_by(AcmeRateLimit.timestamp_until.desc())
    )


def drop_expired_limits(db: Session, now: datetime) -> None:
    """Of all accounts; inside a commit."""
    db.execute(
        delete(AcmeRateLimit)
        .where(AcmeRateLimit.timestamp_until <= now)
        .execution_options(synchronize_session=False)
    )


def forget(db: Session, account: AcmeAccount) -> None:
    """Before an account's row is removed; inside a commit."""
    for table in (AcmeAccountRequestCount, AcmeRateLimit):
        db.execute(
            delete(table)
            .where(table.acme_account_id == account.id)
            .execution_options(synchronize_session=False)
        )
