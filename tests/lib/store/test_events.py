"""The operations log."""

from __future__ import annotations

import pytest

from peter_sslers.enums import OperationsEventType as Kind
from peter_sslers.lib.store import events
from peter_sslers.model import OperationsObjectEvent
from tests import factories as make


def test_later_events_of_a_request_are_below_its_first(ctx):
    with ctx.commit():
        first = events.record(ctx, Kind.DOMAIN_MARK)
        second = events.record(ctx, Kind.PRIVATE_KEY_MARK)
    with ctx.commit():
        third = events.record(ctx, Kind.DOMAIN_MARK, parent=second)
    assert [e.operations_event_id__child_of for e in (first, second, third)] == [
        None,
        first.id,
        second.id,
    ]


def test_the_payload_is_sorted_and_has_a_version(ctx):
    with ctx.commit():
        event = events.record(ctx, Kind.DOMAIN_MARK, {"domain_id": 7})
        events.describe(event, {"action": "active"})
    assert event.event_payload == '{"action": "active", "domain_id": 7, "v": 1}'


def test_an_event_that_was_rolled_back_is_nobody_s_parent(ctx):
    def fail() -> None:
        with ctx.commit():
            events.record(ctx, Kind.DOMAIN_MARK)
            ctx.db.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with ctx.commit():
        event = events.record(ctx, Kind.PRIVATE_KEY_MARK)
    assert event.parent is None
    assert ctx.event is event


def of_domain(number):
    return events.object_events().where(OperationsObjectEvent.domain_id == number)


def test_what_was_done_to_an_object_is_found_by_the_object(ctx):
    with ctx.commit():
        domain = make.domain(ctx.db)
        event = events.record(ctx, Kind.DOMAIN_MARK)
        events.record_object(ctx, event, Kind.DOMAIN_MARK_INACTIVE, domain)
    (row,) = ctx.db.scalars(of_domain(domain.id))
    assert row.operations_event is event
    assert row.event_status_text == "Domain__mark__inactive"


def test_an_object_can_be_removed_with_its_rows_in_the_log(ctx):
    with ctx.commit():
        domain = make.domain(ctx.db)
        events.record_object(ctx, events.record(ctx, Kind.DOMAIN_MARK), Kind.DOMAIN_MARK, domain)
        events.forget_object(ctx, domain)
        ctx.db.delete(domain)
    assert list(ctx.db.scalars(of_domain(domain.id))) == []


def test_the_log_knows_no_event_of_an_event(ctx):
    with ctx.commit(), pytest.raises(TypeError, match="operations_event"):
        events.record_object(
            ctx, events.record(ctx, Kind.DOMAIN_MARK), Kind.DOMAIN_MARK, make.event(ctx.db)
        )
