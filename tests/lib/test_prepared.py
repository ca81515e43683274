"""Prepared statements answer, and fail, as SQLAlchemy's own do."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from peter_sslers.enums import OperationsEventType
from peter_sslers.lib import prepared
from peter_sslers.lib.context import Context
from peter_sslers.model import Domain, OperationsEvent

EVENT, DOMAIN = OperationsEvent.__table__, Domain.__table__
ADD_EVENT = insert(EVENT).returning(
    EVENT.c.id, EVENT.c.timestamp_event, EVENT.c.operations_event_type
)
OF_KIND = select(EVENT.c.timestamp_event, EVENT.c.operations_event_type).where(
    EVENT.c.operations_event_type == bindparam("kind"), EVENT.c.id == bindparam("number")
)
# With a value of its own, whose name SQLAlchemy makes up.
LENGTHEN = (
    update(EVENT)
    .where(EVENT.c.id == bindparam("number"))
    .values(event_payload=func.coalesce(EVENT.c.event_payload, "") + bindparam("more"))
)
ADD_DOMAIN = insert(DOMAIN)
KIND = OperationsEventType.DOMAIN_INSERT


def row(ctx: Context) -> dict[str, object]:
    return {"operations_event_type": KIND, "timestamp_event": ctx.now, "event_payload": "{}"}


def test_rows_come_back_as_they_were_given(ctx: Context) -> None:
    with ctx.commit():
        made = prepared.run(ctx.db.connection(), ADD_EVENT, [row(ctx), row(ctx)])
        asked = [{"number": found.id, "kind": KIND} for found in made]
        found = prepared.run(ctx.db.connection(), OF_KIND, asked)
    assert [tuple(event)[1:] for event in made] == [(ctx.now, KIND)] * 2
    assert [tuple(event) for event in found] == [(ctx.now, KIND)] * 2
    assert [event.timestamp_event for event in found] == [ctx.now] * 2
    assert len({event.id for event in made}) == 2


def test_a_statement_may_have_values_of_its_own(ctx: Context) -> None:
    with ctx.commit():
        (made,) = prepared.run(ctx.db.connection(), ADD_EVENT, [row(ctx)])
        told = {"number": made.id, "more": " more"}
        assert prepared.run(ctx.db.connection(), LENGTHEN, [told]) == []
    stored = ctx.db.get(OperationsEvent, made.id)
    assert stored is not None
    assert stored.event_payload == "{} more"


@pytest.mark.parametrize(("step", "count"), [(0, 1), (1, 0)])
def test_rows_that_are_changed_are_counted(ctx: Context, step: int, count: int) -> None:
    with ctx.commit():
        (made,) = prepared.run(ctx.db.connection(), ADD_EVENT, [row(ctx)])
        told = {"number": made.id + step, "more": ""}  # the same value again, too
        assert prepared.changed(ctx.db.connection(), LENGTHEN, told) == count


def test_new_rows_are_told_their_ids_in_order(ctx: Context) -> None:
    payloads = ["1", "2", "3"]
    rows = [{**row(ctx), "event_payload": payload} for payload in payloads]
    with ctx.commit():
        ids = prepared.inserted(ctx.db.connection(), EVENT, rows)
    stored = [ctx.db.get(OperationsEvent, number) for number in ids]
    assert [event and event.event_payload for event in stored] == payloads


def test_without_rows_nothing_is_done(ctx: Context) -> None:
    with ctx.commit():
        assert prepared.run(ctx.db.connection(), ADD_EVENT, []) == []
        assert prepared.inserted(ctx.db.connection(), EVENT, []) == []


def test_an_error_is_sqlalchemys_and_tells_no_values(ctx: Context) -> None:
    wrong = {
        "domain_name": "secret.example.com",
        "is_active": True,
        "timestamp_created": ctx.now,
        "operations_event_id__created": -1,
    }
    with pytest.raises(IntegrityError) as refused, ctx.commit():
        prepared.run(ctx.db.connection(), ADD_DOMAIN, [wrong, wrong])
    assert "INSERT INTO domain" in str(refused.value)
    assert "RETURNING" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_value_that_sqlalchemy_would_make_must_be_given(ctx: Context) -> None:
    with pytest.raises(ValueError, match="a column whose value SQLAlchemy makes"), ctx.commit():
        prepared.run(ctx.db.connection(), ADD_EVENT, [{"operations_event_type": KIND}])
