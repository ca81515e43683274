"""Counters: nobody's count gets lost."""

from __future__ import annotations

from datetime import UTC, datetime

from peter_sslers.lib.store.counters import one_more
from peter_sslers.model import PrivateKey
from tests import factories as make
from tests.services.databases import context

NOW = datetime(2026, 7, 3, 12, tzinfo=UTC)
COLUMNS = ("count_acme_orders", "timestamp_last_certificate_request")


def test_two_that_have_read_the_same_number_count_twice(ctx, database):
    with ctx.commit():
        key = make.private_key(ctx.db)
    other = context(database)
    same = other.db.get(PrivateKey, key.id)
    for each, row in ((ctx, key), (other, same)):
        with each.commit():
            one_more(row, *COLUMNS, NOW)
    assert (same.count_acme_orders, same.timestamp_last_certificate_request) == (2, NOW)
    other.db.close()


def test_a_row_that_is_not_stored_yet_begins_with_one(ctx):
    with ctx.commit():
        key = make.private_key(ctx.db)
        fresh = PrivateKey()
        one_more(fresh, *COLUMNS, NOW)
    assert (key.count_acme_orders, fresh.count_acme_orders) == (0, 1)
    assert (key.timestamp_last_certificate_request, fresh.timestamp_last_certificate_request) == (
        None,
        NOW,
    )
