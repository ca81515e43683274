"""Leases: one piece of work at a time has an order, and none has it for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from peter_sslers.lib.actions import leases
from peter_sslers.lib.context import Context
from peter_sslers.model import AcmeOrder

from ...web.admin.acme_site import NOW, Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with site.writing() as rows:
        rows.order()
    yield site
    site.close()


class Work:
    """One request's context, its order, and a clock that a test sets."""

    def __init__(self, site: Site) -> None:
        self.db = site.database.session()
        self.time: datetime = NOW
        self.ctx: Context = site.context(self.db)
        self.ctx.clock = lambda: self.time
        self.order = self.db.get_one(AcmeOrder, 1)


@pytest.fixture
def work(site: Site) -> Iterator[Any]:
    begun: list[Work] = []

    def begin() -> Work:
        begun.append(Work(site))
        return begun[-1]

    yield begin
    for one in begun:
        one.db.close()


def test_second_is_told_to_come_back(work: Any) -> None:
    first, second = work(), work()
    with (
        leases.held(first.ctx, first.order),
        pytest.raises(leases.Busy, match="AcmeOrder 1 is being processed"),
        leases.held(second.ctx, second.order),
    ):
        pass
    with leases.held(second.ctx, second.order):
        assert leases.is_mine(second.ctx, second.order)


def test_who_comes_next_sees_what_was_done_meanwhile(work: Any) -> None:
    first, second = work(), work()
    assert second.order.error is None
    with leases.held(first.ctx, first.order), first.ctx.commit():
        first.order.error = "no A record"
    with leases.held(second.ctx, second.order):
        assert second.order.error == "no A record"


def test_work_that_fails_leaves_the_order_free(work: Any) -> None:
    first, second = work(), work()
    with pytest.raises(ZeroDivisionError), leases.held(first.ctx, first.order):
        raise ZeroDivisionError
    with leases.held(second.ctx, second.order):
        pass


def test_lease_given_back_by_a_commit_is_not_given_back_again(work: Any) -> None:
    first, second = work(), work()
    with leases.held(first.ctx, first.order):
        with first.ctx.commit():
            leases.release(first.ctx, first.order)
        with second.ctx.commit():
            leases.take(second.ctx, second.order)
    third = work()
    with pytest.raises(leases.Busy), third.ctx.commit():
        leases.take(third.ctx, third.order)


def test_lease_ends_with_its_time(work: Any) -> None:
    slow, second, third = work(), work(), work()
    with slow.ctx.commit():
        leases.take(slow.ctx, slow.order)
    slow.db.refresh(slow.order)
    slow.time = second.time = NOW + leases.lease_time(second.ctx) + timedelta(seconds=1)
    with second.ctx.commit():
        leases.take(second.ctx, second.order)
    with slow.ctx.commit():  # it wakes up, and has nothing to give back
        leases.release(slow.ctx, slow.order)
    with pytest.raises(leases.Busy), third.ctx.commit():
        leases.take(third.ctx, third.order)


def test_long_work_keeps_its_lease(work: Any) -> None:
    first, second = work(), work()
    with leases.held(first.ctx, first.order):
        first.time += timedelta(seconds=60)
        with first.ctx.commit():
            leases.keep(first.ctx, first.order)
        second.time += leases.lease_time(second.ctx) + timedelta(seconds=1)
        with pytest.raises(leases.Busy), second.ctx.commit():
            leases.take(second.ctx, second.order)


@pytest.mark.parametrize("how", ["reaped", "zombie"])
def test_process_that_was_killed_has_left_its_orders(work: Any, how: str) -> None:
    dead = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = leases.owner().split(" ")
    holder[2:4] = [str(dead.pid), leases.began(dead.pid)]
    one = work()
    with one.ctx.commit():
        one.order.lease_owner = " ".join(holder)
        one.order.lease_until = NOW + timedelta(hours=1)
    with pytest.raises(leases.Busy), one.ctx.commit():
        leases.take(one.ctx, one.order)
    dead.kill()
    if how == "reaped":
        dead.wait()
    else:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    with leases.held(one.ctx, one.order):
        assert leases.is_mine(one.ctx, one.order)
    dead.communicate()


MACHINE, BOOT, PID, STARTED, _ = leases.owner().split(" ")


@pytest.mark.parametrize(
    ("holder", "is_dead"),
    [
        (f"{MACHINE} {BOOT} {PID} {STARTED} w", False),
        (f"{MACHINE} {BOOT} {PID} 1 w", True),  # the number was used again
        (f"{MACHINE} 1e0f/{BOOT.partition('/')[2]} {PID} {STARTED} w", True),  # booted since
        (f"{MACHINE} {BOOT.partition('/')[0]}/pid:[1] 1 1 w", False),  # another container
        (f"elsewhere/1 {BOOT} {PID} 1 w", False),
        ("of an older version", False),
        (f"{MACHINE} {BOOT} none 1 w", False),
    ],
    ids=["itself", "number used again", "booted since", "container", "machine", "old", "no number"],
)
def test_holder_is_dead_only_where_that_is_certain(holder: str, is_dead: bool) -> None:
    assert leases.is_dead(holder) is is_dead


def test_every_work_of_a_process_is_another(work: Any) -> None:
    assert leases.worker(work().ctx) != leases.worker(work().ctx)
    assert len(leases.owner()) < 255
