"""Names, sets of names and addresses: each is there once, whoever asks and however many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import event, func, select

from peter_sslers.enums import OperationsEventType
from peter_sslers.lib.store import (
    domains,
    domains_blocklisted,
    unique_fqdn_sets,
)
from peter_sslers.model import Domain, UniqueFQDNSet
from tests import factories as make
from tests.services.databases import context

HUNDRED = [f"n{number}.example.com" for number in range(100)]


def count(ctx, kind) -> int:
    return ctx.db.scalar(select(func.count()).select_from(kind))


@pytest.fixture
def statements(database):
    """Every statement, once however often it is sent in a row: SQLite inserts one by one."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if statement not in seen[-1:]:
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_name_is_one_domain_however_it_is_written(ctx):
    with ctx.commit():
        first, is_new = domains.get_or_create(ctx, "A.Example.com")
        again, is_again_new = domains.get_or_create(ctx, "a.example.com.")
    assert (is_new, is_again_new) == (True, False)
    assert first is again
    assert first.domain_name == "a.example.com"


def test_a_new_domain_is_in_the_log(ctx):
    with ctx.commit():
        domain, _ = domains.get_or_create(ctx, "a.example.com")
    ctx.db.expire_all()
    (row,) = domain.operations_object_events
    assert row.operations_object_event_status is OperationsEventType.DOMAIN_INSERT
    assert row.operations_event.event_payload_json == {"v": 1, "domain.id": domain.id}


def test_a_hundred_names_cost_as_many_statements_as_two(ctx, statements):
    def cost(names) -> int:
        statements.clear()
        with ctx.commit():
            assert len(unique_fqdn_sets.get_or_create(ctx, names).domains) == len(names)
        return len(statements)

    assert cost(HUNDRED) <= cost(["a.example.com", "b.example.com"]) + 3


def test_a_set_of_names_is_there_once(ctx):
    with ctx.commit():
        first = unique_fqdn_sets.get_or_create(ctx, ["b.example.com", "A.example.com"])
        again = unique_fqdn_sets.get_or_create(ctx, ["a.example.com", "b.example.com"])
        other = unique_fqdn_sets.get_or_create(ctx, ["b.example.com"])
    assert first is again
    assert other is not first
    assert first.domains_as_list == ["a.example.com", "b.example.com"]
    assert unique_fqdn_sets.find(ctx.db, ["b.example.com", "a.example.com"]) is first
    assert unique_fqdn_sets.find(ctx.db, ["a.example.com", "c.example.com"]) is None


def test_domains_that_are_there_already_are_used(ctx):
    with ctx.commit():
        known = make.domain(ctx.db, "a.example.com")
        made: list[str] = []
        found = domains.get_or_create_all(ctx, ["b.example.com", "a.example.com"], made=made)
    assert found["a.example.com"] is known
    assert made == ["b.example.com"]


def at_once(database, work: Callable, workers: int = 6) -> None:
    """`work(ctx)` in as many threads, each in a transaction of its own."""
    ready = threading.Barrier(workers)
    failed: list[BaseException] = []

    def run() -> None:
        ctx = context(database)
        ready.wait(10)
        try:
            with ctx.commit():
                work(ctx)
        except BaseException as exc:
            failed.append(exc)
        finally:
            ctx.db.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_those_who_make_a_set_at_the_same_moment_get_the_same(database, ctx):
    found: list[UniqueFQDNSet] = []
    at_once(database, lambda c: found.append(unique_fqdn_sets.get_or_create(c, HUNDRED[:5])))
    assert len({fqdns.id for fqdns in found}) == 1
    assert (count(ctx, Domain), count(ctx, UniqueFQDNSet)) == (5, 1)


def test_blocklisted_names_are_found_by_their_whole_name_only(ctx):
    names = ["Always-Fail.example.com", "www.always-fail.example.com"]
    assert domains_blocklisted.among(ctx.db, names) == ["always-fail.example.com"]
