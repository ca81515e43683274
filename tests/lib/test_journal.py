"""The log of what was asked of a CA: each request is in it once, whatever happens to a commit."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from peter_sslers.enums import AcmeEvent
from peter_sslers.lib.context import Context
from peter_sslers.lib.journal import Subject
from peter_sslers.model import AcmeEventLog


def logged(ctx: Context) -> list[AcmeEvent]:
    return list(ctx.db.scalars(select(AcmeEventLog.acme_event).order_by(AcmeEventLog.id)))


def test_what_was_asked_goes_with_the_next_commit_and_once(ctx: Context) -> None:
    ctx.journal.note(Subject(AcmeEvent.NEW_ORDER))
    for _ in range(2):
        with ctx.commit():
            pass
    assert logged(ctx) == [AcmeEvent.NEW_ORDER]


def test_a_commit_that_the_database_refuses_loses_nothing(ctx: Context) -> None:
    def refuse(_session: object) -> None:
        raise OSError("no space left on device")

    ctx.journal.note(Subject(AcmeEvent.NEW_ORDER))
    event.listen(ctx.db, "before_commit", refuse)
    with pytest.raises(OSError, match="no space"), ctx.commit():
        ctx.journal.written_now(ctx.db)
    event.remove(ctx.db, "before_commit", refuse)
    with ctx.commit():
        pass
    assert logged(ctx) == [AcmeEvent.NEW_ORDER]


def test_what_a_failed_commit_has_found_out_is_not_told(ctx: Context) -> None:
    def fail() -> None:
        with ctx.commit():
            ctx.journal.note(Subject(AcmeEvent.CHALLENGE_PASS))
            raise LookupError

    ctx.journal.note(Subject(AcmeEvent.NEW_ORDER))
    with pytest.raises(LookupError):
        fail()
    with ctx.commit():
        pass
    assert logged(ctx) == [AcmeEvent.NEW_ORDER]
