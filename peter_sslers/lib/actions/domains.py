"""Domains: stored by hand, marked, enabled and disabled by scripts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ...enums import OperationsEventType
from ...errors import FieldErrors
from ...model import Domain, OperationsEvent, QueueDomain
from ..context import Context
from ..store import domains, domains_blocklisted, events, queue_domains
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
        _set_active(ctx, event, domain, to is Mark.ACTIVE)


def _set_active(ctx: Context, event: OperationsEvent, domain: Domain, is_active: bool) -> None:
    kinds = OperationsEventType
    domain.is_active = is_active
    ctx.served_anew([domain.id])
    done = kinds.DOMAIN_MARK_ACTIVE if is_active else kinds.DOMAIN_MARK_INACTIVE
    events.record_object(ctx, event, done, domain)


def enable(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """{name: word}: names that are not known yet wait in the queue; known ones become active."""

    def work() -> dict[str, str]:
        events.record(ctx, OperationsEventType.API_DOMAINS_ENABLE)
        event = events.record(ctx, OperationsEventType.QUEUE_DOMAIN_ADD)
        known = _known(ctx, names)
        waiting = _waiting(ctx, names)
        blocked = set(domains_blocklisted.among(ctx.db, list(names)))
        return {
            name: "blocklisted"
            if name in blocked
            else _enabled(ctx, event, name, known.get(name), waiting.get(name))
            for name in names
        }

    return commit_anew(ctx, work)


def _enabled(
    ctx: Context,
    event: OperationsEvent,
    name: str,
    domain: Domain | None,
    waiting: QueueDomain | None,
) -> str:
    kinds = OperationsEventType
    if domain is not None:
        if domain.is_active:
            events.record_object(ctx, event, kinds.QUEUE_DOMAIN_ADD_ALREADY_EXISTS, domain)
        else:
            domain.is_active = True
            ctx.served_anew([domain.id])
            kind = kinds.QUEUE_DOMAIN_ADD_ALREADY_EXISTS_ACTIVATE
            events.record_object(ctx, event, kind, domain)
        return "exists"
    if waiting is not None:
        events.record_object(ctx, event, kinds.QUEUE_DOMAIN_ADD_ALREADY_QUEUED, waiting)
        return "already_queued"
    queued = QueueDomain(
        domain_name=name, timestamp_created=ctx.now, operations_event__created=event
    )
    ctx.db.add(queued)
    events.record_object(ctx, event, kinds.QUEUE_DOMAIN_ADD_SUCCESS, queued)
    return "queued"


def disable(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """{name: word}: active domains become inactive, names that wait are taken from the queue.

    Certificates stay as they are.
    """

    def work() -> dict[str, str]:
        event = events.record(ctx, OperationsEventType.API_DOMAINS_DISABLE)
        known = _known(ctx, names)
        waiting = _waiting(ctx, names)
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
        _set_active(ctx, event, domain, False)
        return "deactivated"
    if waiting is None:
        return "not active or in queue"
    waiting.is_active = None
    waiting.timestamp_processed = ctx.now
    cancelled = OperationsEventType.QUEUE_DOMAIN_MARK_CANCELLED
    events.record_object(ctx, event, cancelled, waiting)
    return "de-queued"


def _known(ctx: Context, names: Sequence[str]) -> dict[str, Domain]:
    """Locked in their order, as they are now."""
    query = domains.by_names(names).order_by(Domain.id).with_for_update()
    found = ctx.db.scalars(query.execution_options(populate_existing=True))
    return {domain.domain_name: domain for domain in found}


def _waiting(ctx: Context, names: Sequence[str]) -> dict[str, QueueDomain]:
    query = queue_domains.active_by_names(names).order_by(QueueDomain.id).with_for_update()
    found = ctx.db.scalars(query.execution_options(populate_existing=True))
    return {queued.domain_name: queued for queued in found}
