"""The queue of names that wait for their first certificate: put in, taken out, ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import Any

from ...enums import ChallengeType, OperationsEventType, OrderType
from ...errors import Conflict, Failed, FieldErrors, InvalidTransition, SslersError, UpstreamError
from ...model import AcmeOrder, Domain, OperationsEvent, QueueDomain
from ..context import Context
from ..database import AT_ONCE
from ..names import is_wildcard
from ..store import domains, domains_blocklisted, events, queue_domains
from ..store.acme_challenges import active_on_names
from . import orders
from .orders import OrderRequest
from .races import commit_anew

KINDS = OperationsEventType
MOST = "max_domains_per_certificate"
TRIES = 5  # of several that process the queue at once, each finds names of its own


class Mark(StrEnum):
    CANCEL = "cancel"


def add(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """{name: word}: names that are not known yet wait in the queue; known ones become active."""
    return commit_anew(ctx, lambda: put(ctx, names))


def put(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """`add`, inside a commit."""
    event = events.record(ctx, KINDS.QUEUE_DOMAIN_ADD)
    known = {domain.domain_name: domain for domain in locked_domains(ctx, names)}
    waiting = {queued.domain_name: queued for queued in locked(ctx, names)}
    blocked = set(domains_blocklisted.among(ctx.db, list(names)))
    return {
        name: "blocklisted"
        if name in blocked
        else _put(ctx, event, name, known.get(name), waiting.get(name))
        for name in names
    }


def _put(
    ctx: Context,
    event: OperationsEvent,
    name: str,
    domain: Domain | None,
    waiting: QueueDomain | None,
) -> str:
    if domain is not None:
        if domain.is_active:
            events.record_object(ctx, event, KINDS.QUEUE_DOMAIN_ADD_ALREADY_EXISTS, domain)
        else:
            domain.is_active = True
            ctx.served_anew([domain.id])
            kind = KINDS.QUEUE_DOMAIN_ADD_ALREADY_EXISTS_ACTIVATE
            events.record_object(ctx, event, kind, domain)
        return "exists"
    if waiting is not None:
        events.record_object(ctx, event, KINDS.QUEUE_DOMAIN_ADD_ALREADY_QUEUED, waiting)
        return "already_queued"
    queued = QueueDomain(
        domain_name=name, timestamp_created=ctx.now, operations_event__created=event
    )
    ctx.db.add(queued)
    events.record_object(ctx, event, KINDS.QUEUE_DOMAIN_ADD_SUCCESS, queued)
    return "queued"


def locked_domains(ctx: Context, names: Sequence[str]) -> list[Domain]:
    """Those that are known, in their order, as they are now."""
    query = domains.by_names(names).order_by(Domain.id).with_for_update()
    return list(ctx.db.scalars(query.execution_options(populate_existing=True)))


def locked(ctx: Context, names: Sequence[str]) -> list[QueueDomain]:
    """Those that wait, in their order, as they are now."""
    query = queue_domains.active_by_names(names).order_by(QueueDomain.id).with_for_update()
    return list(ctx.db.scalars(query.execution_options(populate_existing=True)))


def refusal(queued: QueueDomain, _to: Mark) -> str | None:
    """Why a mark is refused, or None."""
    if queued.is_active:
        return None
    return "Already cancelled" if queued.is_active is None else "Already processed"


def mark(ctx: Context, queued: QueueDomain, to: Mark) -> None:
    """Raises FieldErrors where it does not wait any more."""
    with ctx.commit():
        ctx.db.refresh(queued, ["is_active"], with_for_update=True)
        if reason := refusal(queued, to):
            raise FieldErrors({"action": reason})
        told = {"queue_domain.id": queued.id, "action": str(to)}
        take_out(ctx, events.record(ctx, KINDS.QUEUE_DOMAIN_MARK, told), queued)


def take_out(
    ctx: Context,
    event: OperationsEvent,
    queued: QueueDomain,
    kind: OperationsEventType = KINDS.QUEUE_DOMAIN_MARK_CANCELLED,
) -> None:
    """It waits no more, and was in no order."""
    queued.is_active = None
    queued.timestamp_processed = ctx.now
    events.record_object(ctx, event, kind, queued)


class _Changed(SslersError):
    """Somebody else has taken one of the names."""


@dataclass
class _Batch:
    """The names of one order, and its event once they are taken."""

    ids: list[int]
    names: list[str]
    event: OperationsEvent | None = None
    told: dict[str, Any] = field(default_factory=dict)


def process(ctx: Context, request: Callable[[], OrderRequest], most: int | None) -> AcmeOrder:
    """Order one certificate, by http-01, for the names that were queued last, `most` at most.

    `request` is asked for with what account and key. A name that the CA would not get, or that
    another order is about, is left waiting. Raises FieldErrors, Conflict, InvalidTransition,
    TryLater or UpstreamError where there is no order, and all wait on; Failed, with the order, for
    all that goes wrong after that: then they wait no more, for one bad name would hold up the rest.
    """
    most = _most(ctx, most)
    wanted = replace(request(), type=OrderType.QUEUE_DOMAINS)
    for _ in range(TRIES):
        batch = _waiting(ctx, most)
        names = dict.fromkeys(batch.names, ChallengeType.HTTP_01)
        try:
            return _ordered(ctx, replace(wanted, names=names), batch)
        except _Changed:
            continue
    raise Conflict("Others process the queue at the same moment; ask again later.")


def _most(ctx: Context, most: int | None) -> int:
    low, high = ctx.settings.queue_domains_min_per_cert, ctx.settings.queue_domains_max_per_cert
    if most is None:
        return high
    if not low <= most <= high:
        raise FieldErrors({MOST: f"Please enter a number from {low} to {high}"})
    return most


def _waiting(ctx: Context, most: int) -> _Batch:
    """What can be ordered. Raises InvalidTransition where that is too little."""
    fit = list(islice(_fit(ctx), most))
    if not fit:
        raise InvalidTransition("No items in the Domain Queue to process")
    least = ctx.settings.queue_domains_min_per_cert
    if len(fit) < least:
        raise InvalidTransition(
            f"Not enough domains to issue. Only found `{len(fit)}`, need `{least}`."
        )
    return _Batch([queued.id for queued in fit], [queued.domain_name for queued in fit])


def _fit(ctx: Context) -> Iterator[QueueDomain]:
    """The newest first. The queue may be long: it is read as far as it is asked for."""
    query, last = queue_domains.active().order_by(QueueDomain.id.desc()).limit(AT_ONCE), None
    while True:
        older = query if last is None else query.where(QueueDomain.id < last)
        found = list(ctx.db.scalars(older))
        names = [queued.domain_name for queued in found]
        left_out = {*filter(is_wildcard, names), *domains_blocklisted.among(ctx.db, names)}
        if ctx.settings.block_competing_challenges:
            left_out |= {name for name, _ in ctx.db.execute(active_on_names(names))}
        yield from (queued for queued in found if queued.domain_name not in left_out)
        if len(found) < AT_ONCE:
            return
        last = found[-1].id


def _ordered(ctx: Context, wanted: OrderRequest, batch: _Batch) -> AcmeOrder:
    try:
        order = orders.new(ctx, wanted, lambda: _take(ctx, batch))
    except (Failed, UpstreamError) as exc:
        if batch.event is None:  # it was before anything was taken
            raise
        if isinstance(exc, Failed):
            told = {"status": "error - AcmeOrderFatal", "error": str(exc)}
            _end(ctx, batch, exc.obj, KINDS.QUEUE_DOMAIN_PROCESS_FAIL, told)
        else:
            _put_back(ctx, batch, str(exc))
        raise
    _end(ctx, batch, order, KINDS.QUEUE_DOMAIN_PROCESS_SUCCESS, {"status": "success"})
    return order


def _take(ctx: Context, batch: _Batch) -> None:
    """In the commit that writes the order down: either both are stored, or neither."""
    items = _items(ctx, batch)
    if not all(queued.is_active for queued in items):
        raise _Changed("the queue has changed")
    batch.told = {
        "batch_size": len(items),
        "queue_domain_ids": ",".join(map(str, batch.ids)),
    }
    batch.event = events.record(
        ctx, KINDS.QUEUE_DOMAIN_PROCESS, {**batch.told, "status": "attempt"}
    )
    known = domains.get_or_create_all(ctx, batch.names, is_from_queue_domain=True)
    for queued in items:
        queued.domain = known[queued.domain_name]
        queued.is_active = False
        queued.timestamp_processed = ctx.now
        events.record_object(ctx, batch.event, KINDS.QUEUE_DOMAIN_PROCESS, queued)


def _items(ctx: Context, batch: _Batch) -> list[QueueDomain]:
    query = queue_domains.every().where(QueueDomain.id.in_(batch.ids)).order_by(QueueDomain.id)
    query = query.with_for_update().execution_options(populate_existing=True)
    return list(ctx.db.scalars(query))


def _end(
    ctx: Context, batch: _Batch, order: Any, kind: OperationsEventType, told: dict[str, Any]
) -> None:
    about = {}
    if isinstance(order, AcmeOrder):
        about = {"acme_order.id": order.id, "unique_fqdn_set_id": order.unique_fqdn_set_id}
    with ctx.commit():
        _describe(ctx, batch, kind, {**about, **told})


def _put_back(ctx: Context, batch: _Batch, error: str) -> None:
    """They wait again, but for those that somebody has queued anew meanwhile."""
    with ctx.commit():
        anew = {queued.domain_name for queued in locked(ctx, batch.names)}
        for queued in _items(ctx, batch):
            if queued.domain_name not in anew:
                queued.is_active, queued.timestamp_processed = True, None
        told = {"status": "error", "error": error}
        _describe(ctx, batch, KINDS.QUEUE_DOMAIN_PROCESS_FAIL, told)


def _describe(ctx: Context, batch: _Batch, kind: OperationsEventType, told: dict[str, Any]) -> None:
    if batch.event is None:
        raise RuntimeError("nothing was taken")
    for queued in _items(ctx, batch):
        events.record_object(ctx, batch.event, kind, queued)
    events.describe(batch.event, {**batch.told, **told})
