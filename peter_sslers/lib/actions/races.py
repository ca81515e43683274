"""Commits that insert what another process may be inserting at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from ...model import AcmeOrder
from ..context import Context

T = TypeVar("T")
Commit = TypeVar("Commit")
ATTEMPTS = 5
_DEADLOCK = {"40P01", "40001", 1213, 1205}  # PostgreSQL's, MariaDB's


def commit_anew(ctx: Context, work: Callable[[], T], fresh: AcmeOrder | None = None) -> T:
    """Do it in one commit; again from its beginning, where somebody else was faster with a row.

    The rollback makes the session forget what it knew, so that `work` finds their rows then.
    `fresh`: see `Context.commit`.
    """
    return _anew(ctx, partial(ctx.commit, fresh), lambda _: work())


def commit_rows_anew(ctx: Context, work: Callable[[Connection], T]) -> T:
    """The same in a `Context.commit_rows`."""
    return _anew(ctx, ctx.commit_rows, work)


def _anew(
    ctx: Context,
    begin: Callable[[], AbstractContextManager[Commit]],
    work: Callable[[Commit], T],
) -> T:
    before = ctx.event
    for attempt in range(ATTEMPTS):
        try:
            with begin() as commit:
                return work(commit)
        except BaseException as exc:
            ctx.event = before  # the one of this commit was rolled back
            if attempt == ATTEMPTS - 1 or not _is_a_race(exc):
                raise
    raise AssertionError("unreachable")


def _is_a_race(error: BaseException) -> bool:
    if not isinstance(error, OperationalError):
        return isinstance(error, IntegrityError)
    codes = {getattr(error.orig, "sqlstate", None), *getattr(error.orig, "args", ())[:1]}
    return bool(codes & _DEADLOCK)
