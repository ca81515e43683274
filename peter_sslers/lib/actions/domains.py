"""Domains: stored by hand, marked, enabled and disabled by scripts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ...enums import OperationsEventType
from ...errors import FieldErrors
from ...model import Domain, OperationsEvent, QueueDomain
from ..context import Context
from ..store import domains, domains_blocklisted, events
from . import queue_domains
from .races import commit_anew


class Mark(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


def new(ctx: Context, name: str) -> tuple[Domain, bool]:
    """Find or store a domain; True if it is new. `name` is normalised.

    Raises FieldErrors on `domain_name` for a name that is on the blocklist.
    """
    if domains_blocklisted.among(ctx.db, [name]):
        raise FieldErrors({"domain_name": "This domain_name has been blocklisted"})
    with ctx.commit():
        return domains.get_or_create(ctx, name)


def refusal(domain: Domain, to: Mark) -> str | None:
    """Why a mark is refused, or None."""
    is_so = domain.is_active is (to is Mark.ACTIVE)
    return f"Already {to}." if is_so else None


def mark(ctx: Context, domain: Domain, to: Mark) -> None:
    """Certificates and pointers stay as they are. Raises FieldErrors if it is so already."""
    with ctx.commit():
        ctx.db.refresh(domain, ["is_active"], with_for_update=True)
        if reason := refusal(domain, to):
            raise FieldErrors({"action": reason})
        told = {"domain_id": domain.id, "action": str(to)}
        event = events.record(ctx, OperationsEventType.DOMAIN_MARK, told)
        set_active(ctx, event, domain, to is Mark.ACTIVE)


def set_active(ctx: Context, event: OperationsEvent, domain: Domain, is_active: bool) -> None:
    """Inside a commit; `event` is told of it."""
    kinds = OperationsEventType
    domain.is_active = is_active
    ctx.served_anew([domain.id])
    done = kinds.DOMAIN_MARK_ACTIVE if is_active else kinds.DOMAIN_MARK_INACTIVE
    events.record_object(ctx, event, done, domain)


def enable(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """{name: word}: names that are not known yet wait in the queue; known ones become active."""

    def work() -> dict[str, str]:
        events.record(ctx, OperationsEventType.API_DOMAINS_ENABLE)
        return queue_domains.put(ctx, names)

    return commit_anew(ctx, work)


def disable(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """{name: word}: active domains become inactive, names that wait are taken from the queue.

    Certificates stay as they are.
    """

    def work() -> dict[str, str]:
        event = events.record(ctx, OperationsEventType.API_DOMAINS_DISABLE)
        known = {domain.domain_name: domain for domain in queue_domains.locked_domains(ctx, names)}
        waiting = {queued.domain_name: queued for queued in queue_domains.locked(ctx, names)}
        results = {
            name: _disabled(ctx, event, known.get(name), waiting.get(name)) for name in names
        }
        events.describe(event, {"results": results})
        return results

    return commit_anew(ctx, work)


def _disabled(
    ctx: Context, event: OperationsEvent, domain: Domain | None, waiting: QueueDomain | None
) -> str:
    if domain is not None:
        if not domain.is_active:
            return "already deactivated"
        set_active(ctx, event, domain, False)
        return "deactivated"
    if waiting is None:
        return "not active or in queue"
    queue_domains.take_out(ctx, event, waiting)
    return "de-queued"
