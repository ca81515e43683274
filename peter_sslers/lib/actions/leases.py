"""Who works on an order: one piece of work at a time, and never for longer than it lives."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm.attributes import set_committed_value

from ...errors import Conflict
from ...model import AcmeOrder, UniqueFQDNSet
from ..context import Context
from ..store import acme_orders

# More than one request may wait for the CA, and the network's time-outs on top.
MARGIN_S = 120.0
# So long before its end a lease is surely still ours, whatever the clocks of two machines say.
SURE = timedelta(seconds=30)


class Busy(Conflict):
    """Another request works on the order right now."""


@contextlib.contextmanager
def held(ctx: Context, order: AcmeOrder) -> Iterator[None]:
    """Work on an order alone, with its rows as they are now. Raises Busy while somebody else does.

    A lease ends with its time, or with its process: one of this machine that is gone has left its
    orders to whoever comes next.
    """
    with ctx.commit():
        take(ctx, order)
    # What we have read before may be what somebody else has changed until now.
    ctx.db.get(AcmeOrder, order.id, options=acme_orders.SHOWN, populate_existing=True)
    with ended(ctx, order):
        yield


@contextlib.contextmanager
def ended(ctx: Context, order: AcmeOrder) -> Iterator[None]:
    """Give back at the end what was begun or taken, unless a commit has done it on its way."""
    try:
        yield
    finally:
        if is_mine(ctx, order):
            with ctx.commit():
                release(ctx, order)


def begin(ctx: Context, order: AcmeOrder) -> None:
    """A new order is ours from its first row on; before it is flushed."""
    order.lease_owner = worker(ctx)
    order.lease_until = ctx.clock() + lease_time(ctx)


def take(ctx: Context, order: AcmeOrder) -> None:
    """One statement decides, so that of two only one gets it; inside a commit."""
    now = ctx.clock()
    holder = ctx.db.scalar(select(AcmeOrder.lease_owner).where(AcmeOrder.id == order.id))
    free = or_(
        AcmeOrder.lease_owner.is_(None),
        AcmeOrder.lease_until < now,
        AcmeOrder.lease_owner == (holder if holder and is_dead(holder) else ""),
    )
    taken = ctx.db.execute(
        update(AcmeOrder)
        .where(AcmeOrder.id == order.id, free)
        .values(lease_owner=worker(ctx), lease_until=now + lease_time(ctx))
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise Busy(f"AcmeOrder {order.id} is being processed by another request; ask again later")


def held_of(ctx: Context, fqdns: UniqueFQDNSet) -> AcmeOrder | None:
    """An order for these names that somebody works on: one that `take` would refuse."""
    held = ctx.db.scalars(acme_orders.held_of_unique_fqdn_set(fqdns, ctx.clock()))
    return next((order for order in held if not is_dead(order.lease_owner or "")), None)


def keep(ctx: Context, order: AcmeOrder) -> None:
    """Work that goes on and on, as on a hundred names, keeps its lease; inside a commit."""
    if not is_mine(ctx, order) or order.lease_until is None:
        return
    now = ctx.clock()
    if order.lease_until - now < timedelta(seconds=MARGIN_S):
        order.lease_until = now + lease_time(ctx)


def release(ctx: Context, order: AcmeOrder) -> None:
    """Ours only: one that was too slow has lost it to somebody else. Inside a commit."""
    if not is_mine(ctx, order):
        return
    if order.lease_until is not None and ctx.clock() + SURE < order.lease_until:
        order.lease_owner = order.lease_until = None  # goes with what else is written of the order
        return
    ctx.db.execute(
        update(AcmeOrder)
        .where(AcmeOrder.id == order.id, AcmeOrder.lease_owner == worker(ctx))
        .values(lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    for column in ("lease_owner", "lease_until"):
        set_committed_value(order, column, None)


def is_mine(ctx: Context, order: AcmeOrder) -> bool:
    """As this session knows it: whether the work of this request holds the order."""
    return bool(ctx.worker) and order.lease_owner == ctx.worker


def lease_time(ctx: Context) -> timedelta:
    return timedelta(seconds=ctx.settings.acme_wait_s + MARGIN_S)


def worker(ctx: Context) -> str:
    """Who the work of this context is."""
    ctx.worker = ctx.worker or owner()
    return ctx.worker


def owner() -> str:
    """This piece of work: machine, its boot, process, when that began, and which work of it."""
    return f"{_process(os.getpid())} {uuid4().hex}"


@cache
def _process(pid: int) -> str:
    return f"{machine()} {boot()} {pid} {began(pid)}"


def is_dead(holder: str) -> bool:
    """A process of this machine that is gone; of any other nothing is known, so it may live.

    That includes other containers of this machine: their processes can not be seen from here.
    """
    try:
        where, booted, pid, start, _work = holder.split(" ")
        booted, _, numbers = booted.partition("/")
        here, _, ours = boot().partition("/")
        if where != machine():
            return False
        return booted != here or (numbers == ours and began(int(pid)) != start)
    except ValueError:
        return False  # not in our words


def machine() -> str:
    """Two may have the same name."""
    name = socket.gethostname()[:64].replace(" ", "-")
    with contextlib.suppress(OSError):
        return f"{name}/{Path('/etc/machine-id').read_text().strip()[:32]}"
    return f"{name}/"


def boot() -> str:
    """What the numbers of processes mean: this boot, and in a container its own numbers."""
    with contextlib.suppress(OSError):
        booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{booted}/{Path('/proc/self/ns/pid').readlink()}"
    return "-"


def began(pid: int) -> str:
    """When a process began, in ticks since the boot: a number is used again, this is not."""
    with contextlib.suppress(OSError):
        state, *_, start = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:20]
        return "gone" if state in {"Z", "X"} else start
    try:
        os.kill(pid, 0)  # no /proc here, or nobody
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass
    return "-"
