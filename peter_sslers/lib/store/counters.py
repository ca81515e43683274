"""Counters that many count up at the same time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, inspect


def one_more(row: Any, counter: str) -> None:
    """Count up in the database: what the session has read may be old. Inside a commit."""
    column = getattr(type(row), counter)
    setattr(row, counter, func.coalesce(column, 0) + 1 if inspect(row).persistent else 1)
