"""What an operator tells the edge: Redis to hold everything, nginx servers to drop what they hold.

What follows from a change by itself is in lib/edge.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...enums import OperationsEventType
from ...errors import SwitchedOff, UpstreamError
from ...model import Domain, OperationsEvent
from ..cache.nginx import Answers, NginxPool, as_json
from ..context import Context
from ..edge import Progress
from ..store import events


def prime(ctx: Context) -> tuple[OperationsEvent, Progress]:
    """Put every name that is served into Redis. Raises SwitchedOff, RedisFailed."""
    if ctx.edge is None or ctx.edge.redis is None:
        raise SwitchedOff("redis")
    ctx.outside()
    progress = ctx.edge.prime()
    told = {"prime_style": ctx.edge.redis.style, "total_primed": progress.primed}
    with ctx.commit():
        event = events.record(ctx, OperationsEventType.OPERATIONS_REDIS_PRIME, told)
    return event, progress


def flush(ctx: Context) -> tuple[OperationsEvent, Answers]:
    """Every server drops everything. Raises SwitchedOff, NobodyDid."""
    pool = _pool(ctx)
    answers = pool.flush()
    with ctx.commit():
        event = events.record(
            ctx, OperationsEventType.OPERATIONS_NGINX_CACHE_FLUSH, _summary(answers)
        )
    return event, _some_did(event, answers)


def status(ctx: Context) -> Answers:
    """What the servers hold, as they say it. Raises SwitchedOff."""
    return _pool(ctx).status()


def expire(ctx: Context, domains: Sequence[Domain]) -> tuple[OperationsEvent, Answers]:
    """Every server drops some names; the answers about the one that went worst.

    Raises SwitchedOff, NobodyDid.
    """
    told = _pool(ctx).expire([domain.domain_name for domain in domains])
    pairs = list(zip(domains, told, strict=True))
    ids = {
        "success": [d.id for d, answers in pairs if any(s.is_good for s in answers.values())],
        # One may be in both: some servers did, some did not.
        "failure": [d.id for d, answers in pairs if not all(s.is_good for s in answers.values())],
    }
    with ctx.commit():
        event = events.record(
            ctx, OperationsEventType.OPERATIONS_NGINX_CACHE_EXPIRE, {"domain_ids": ids}
        )
    worst = min(told, key=lambda answers: sum(s.is_good for s in answers.values()))
    return event, _some_did(event, worst)


def _pool(ctx: Context) -> NginxPool:
    if ctx.edge is None or ctx.edge.nginx is None:
        raise SwitchedOff("nginx")
    ctx.outside()
    return ctx.edge.nginx


def _summary(answers: Answers) -> dict[str, list[str]]:
    found = as_json(answers)
    return {word: found[word] for word in ("success", "errors")}


def _some_did(event: OperationsEvent, answers: Answers) -> Answers:
    if not any(said.is_good for said in answers.values()):
        raise NobodyDid(event, answers)
    return answers


class NobodyDid(UpstreamError):
    """No server of the pool did what it was told."""

    def __init__(self, event: OperationsEvent, answers: Answers) -> None:
        reasons = "; ".join(f"{server}: {said.reason}" for server, said in answers.items())
        super().__init__(f"No nginx server of the pool did it. {reasons}")
        self.told = {"operations_event": {"id": event.id}, "servers_status": as_json(answers)}
