"""Who works on an order: one process at a time, and never for longer than it lives."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import or_, select, update

from ...errors import Conflict
from ...model import AcmeOrder
from ..context import Context

# More than one request may wait for the CA, and the network's time-outs on top.
MARGIN_S = 120.0


class Busy(Conflict):
    """Another request works on the order right now."""


@contextlib.contextmanager
def held(ctx: Context, order: AcmeOrder) -> Iterator[None]:
    """Work on an order alone. Raises Busy while somebody else does.

    A lease ends with its time, or with its process: a process of this machine that is gone has left
    its orders to whoever comes next.
    """
    me = owner()
    with ctx.commit():
        take(ctx, order, me)
    ctx.db.refresh(order)
    try:
        yield
    finally:
        with ctx.commit():
            ctx.db.execute(
                update(AcmeOrder)
                .where(AcmeOrder.id == order.id, AcmeOrder.lease_owner == me)
                .values(lease_owner=None, lease_until=None)
                .execution_options(synchronize_session=False)
            )


def take(ctx: Context, order: AcmeOrder, me: str) -> None:
    """One statement decides, so that of two only one gets it; inside a commit."""
    now = ctx.clock()
    holder = ctx.db.scalar(select(AcmeOrder.lease_owner).where(AcmeOrder.id == order.id))
    free = or_(
        AcmeOrder.lease_owner.is_(None),
        AcmeOrder.lease_until < now,
        AcmeOrder.lease_owner == (holder if holder and is_dead(holder) else ""),
    )
    until = now + timedelta(seconds=ctx.settings.acme_wait_s + MARGIN_S)
    taken = ctx.db.execute(
        update(AcmeOrder)
        .where(AcmeOrder.id == order.id, free)
        .values(lease_owner=me, lease_until=until)
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise Busy(f"AcmeOrder {order.id} is being processed by another request; ask again later")


def owner() -> str:
    """This piece of work: machine, its boot, process, when that began, and which work of it."""
    return f"{socket.gethostname()} {boot()} {os.getpid()} {began(os.getpid())} {uuid4().hex}"


def is_dead(holder: str) -> bool:
    """A process of this machine that is gone. Of other machines nothing is known."""
    host, booted, pid, start, _work = holder.split(" ")
    if host != socket.gethostname():
        return False
    return booted != boot() or began(int(pid)) != start


def boot() -> str:
    """What the numbers of processes mean: this boot, and in a container its own numbers."""
    with contextlib.suppress(OSError):
        booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{booted}/{Path('/proc/self/ns/pid').readlink()}"
    return "-"


def began(pid: int) -> str:
    """When a process began, in ticks since the boot: a number is used again, this is not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        return "-"  # no /proc here, but it lives
    return "gone"
