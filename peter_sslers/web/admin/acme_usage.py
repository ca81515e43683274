"""What an account asked of its CA day by day, and what the CA wants to be spared for now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...lib.context import Context
from ...lib.store import acme_usage
from ...model import AcmeAccount, AcmeRateLimit


@dataclass(frozen=True)
class Day:
    day: date
    requests: int
    new_orders: int
    refused: int


def days(ctx: Context, account: AcmeAccount) -> list[Day]:
    """The latest days with requests, newest first."""
    return [Day(day, int(n), int(new), int(no)) for day, n, new, no in _rows(ctx, account)]


def _rows(ctx: Context, account: AcmeAccount) -> Sequence[Any]:
    return acme_usage.by_day(ctx.db, account)


def limits(ctx: Context, account: AcmeAccount) -> Sequence[AcmeRateLimit]:
    """Those in force."""
    return ctx.db.scalars(acme_usage.limits(account, ctx.now)).all()


def concerned(limit: AcmeRateLimit) -> str:
    """Which orders a limit holds up."""
    if limit.identifier:
        return f"{limit.identifier} and all names below it"
    if limit.unique_fqdn_set:
        return f"exactly {limit.unique_fqdn_set.domains_as_string}"
    return "everything that this account asks"


def as_json(ctx: Context, account: AcmeAccount) -> dict[str, Any]:
    """Beside an account's own JSON."""
    return {
        "request_counts": [
            {
                "date": day.day,
                "requests": day.requests,
                "new_orders": day.new_orders,
                "refused": day.refused,
            }
            for day in days(ctx, account)
        ],
        "rate_limits": [
            {
                "identifier": limit.identifier,
                "unique_fqdn_set_id": limit.unique_fqdn_set_id,
                "timestamp_until": limit.timestamp_until,
                "text": limit.text,
            }
            for limit in limits(ctx, account)
        ],
    }
