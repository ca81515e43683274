"""Many that want the day's key at the same moment get one key, on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select

from peter_sslers import model
from peter_sslers.enums import KeyTechnology, PrivateKeyCycle, PrivateKeyStrategy
from peter_sslers.lib.actions import private_key_cycles
from peter_sslers.lib.database import Database

from .. import factories
from .databases import context, opened

PROCESSES = 4
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def take(url: str, account_id: int, cycle: str, barrier: Barrier) -> int:
    """Decide that a key is to be made while no other has made it, then store it; its id.

    With an engine of its own, as a process has: nothing but the database keeps them apart.
    """
    database = opened(url)
    ctx = context(database)
    ctx.now = NOW
    account = ctx.db.get_one(model.AcmeAccount, account_id)
    strategy = PrivateKeyStrategy.DEFERRED_ASSOCIATE
    choose = private_key_cycles.of_cycle(ctx, account, PrivateKeyCycle(cycle), strategy)
    barrier.wait(60)
    with ctx.commit():
        key = choose.store()[0].id
    ctx.db.close()
    database.close_connections()
    return key


@pytest.mark.parametrize("cycle", ["account_daily", "account_weekly"])
def test_all_that_make_the_days_key_at_once_get_one(database: Database, cycle: str) -> None:
    ctx = context(database)
    with ctx.commit():
        account = factories.account(ctx.db, private_key_technology=KeyTechnology.EC)
    url = database.engine.url.render_as_string(hide_password=False)
    barrier = Barrier(PROCESSES)
    with ThreadPoolExecutor(PROCESSES) as pool:
        asked = [pool.submit(take, url, account.id, cycle, barrier) for _ in range(PROCESSES)]
        assert len({key.result() for key in asked}) == 1
    count = select(func.count()).where(model.PrivateKey.private_key_type == cycle)
    assert ctx.db.scalar(count) == 1
    ctx.db.close()
