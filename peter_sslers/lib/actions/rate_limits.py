"""When an ACME server wants to be left alone: kept until then, and asked of before every order."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ...errors import Failed, SslersError, TryLater, UpstreamError
from ...model import AcmeAccount, AcmeOrder, AcmeRateLimit
from .. import acme_v2
from ..context import Context
from ..names import is_ip
from ..store import acme_usage

log = logging.getLogger(__name__)

# A request waits so long by itself, if the server wants no more; longer pauses are the operator's.
PATIENCE_S = 5.0
MOST_PARTS = 1000  # of a refusal's text that are looked at


@dataclass(frozen=True)
class Scope:
    """What a limit holds for: one name and all below it, the order's whole set, or everything."""

    identifier: str | None = None
    exact_set: bool = False


def patience_s(ctx: Context) -> float:
    return min(PATIENCE_S, float(ctx.settings.acme_wait_s))


def listener(ctx: Context, account: AcmeAccount) -> Callable[[acme_v2.Exchange], None]:
    """What an account's client calls after each request: it is counted, a limit is kept."""

    def heard(exchange: acme_v2.Exchange) -> None:
        ctx.journal.heard(exchange, account.id)
        told_s = acme_v2.pause(exchange.problem)
        if told_s is not None and told_s > patience_s(ctx):
            keep(ctx, account, exchange.problem or UpstreamError(), told_s)

    return heard


def keep(ctx: Context, account: AcmeAccount, said: UpstreamError, told_s: float) -> None:
    """Store that the server wants to be left alone for `told_s` seconds; in a commit of its own.

    It is one however the request ends: who sent it has other things to tell.
    """
    subject = ctx.journal.latest
    order = subject.order if subject and subject.account is account else None
    now = ctx.clock()
    until = now + timedelta(seconds=told_s)
    log.warning("AcmeAccount %s is told to wait until %s: %s", account.id, until, said)
    with ctx.commit():
        acme_usage.drop_expired_limits(ctx.db, now)
        for scope in scopes(said, order.domains_as_list if order else ()):
            store(ctx, account, order, scope, (str(said), until))
        if order is not None:
            order.timestamp_retry_after = until


def store(
    ctx: Context,
    account: AcmeAccount,
    order: AcmeOrder | None,
    scope: Scope,
    said: tuple[str, datetime],
) -> None:
    """One row for each scope, with the latest word; inside a commit."""
    fqdns_id = order.unique_fqdn_set_id if order and scope.exact_set else None
    limit = ctx.db.scalar(
        select(AcmeRateLimit).where(
            AcmeRateLimit.acme_account_id == account.id,
            AcmeRateLimit.identifier == scope.identifier,
            AcmeRateLimit.unique_fqdn_set_id == fqdns_id,
        )
    )
    if limit is None:
        limit = AcmeRateLimit(
            acme_account_id=account.id,
            identifier=scope.identifier,
            unique_fqdn_set_id=fqdns_id,
            timestamp_created=ctx.clock(),
        )
        ctx.db.add(limit)
    limit.text, limit.timestamp_until = said


def scopes(said: UpstreamError, names: Collection[str]) -> list[Scope]:
    """What a refusal of an order of `names` is about.

    The subproblems say it (RFC 8555 section 6.7.1), else the text does: CAs name the domain that
    has too many certificates, or speak of the exact set. Otherwise it is the whole account.
    """
    if not isinstance(said, acme_v2.Problem) or not names:
        return [Scope()]
    told = {sub.identifier.lower() for sub in said.subproblems if sub.identifier}
    told = told or set(_words(said.detail))
    found = sorted({part for name in names for part in upwards(name) if part in told})
    if found:
        # Of a name and its parent the parent says it all.
        return [Scope(f) for f in found if not any(f.endswith(f".{other}") for other in found)]
    return [Scope(exact_set="exact set" in said.detail)]


def upwards(name: str) -> Iterator[str]:
    """A name and its parents, but no top-level domain; an IP address alone."""
    name = name.removeprefix("*.")
    yield name
    parent = "" if is_ip(name) else name.partition(".")[2]
    while "." in parent:
        yield parent
        parent = parent.partition(".")[2]


def _words(text: str) -> list[str]:
    found = re.findall(r"[a-z0-9.:-]+", text.lower())[:MOST_PARTS]
    return [word.strip(".:") if "::" not in word else word for word in found]


def require_none(ctx: Context, account: AcmeAccount, names: Collection[str]) -> None:
    """Raises TryLater while the account's server wants to hear nothing of these names."""
    now = ctx.clock()
    for limit in ctx.db.scalars(acme_usage.limits(account, now)):
        if concerns(limit, names):
            raise TryLater(
                f"The CA wants to be left alone until {limit.timestamp_until:%Y-%m-%d %H:%M:%S} "
                f"UTC, so nothing was sent. It said: {limit.text}",
                (limit.timestamp_until - now).total_seconds(),
            )


def require_none_for(ctx: Context, order: AcmeOrder) -> None:
    """The same before a step of an order, whose page says when to come back."""
    try:
        require_none(ctx, order.acme_account, order.domains_as_list)
    except TryLater as exc:
        with ctx.commit():
            order.timestamp_retry_after = ctx.clock() + timedelta(seconds=exc.retry_after_s or 0)
        raise


def concerns(limit: AcmeRateLimit, names: Collection[str]) -> bool:
    if limit.identifier is not None:
        return any(limit.identifier in upwards(name) for name in names)
    if limit.unique_fqdn_set is not None:
        return set(limit.unique_fqdn_set.domains_as_list) == set(names)
    return True


def failed(obj: object, exc: SslersError, text: str = "") -> Failed:
    """What went wrong, to be told with `obj`; a limit or an overload with its Retry-After.

    `text`: what is told instead of the error's own words.
    """
    retry_after_s, status = failure_of(exc)
    found = Failed(text or str(exc), obj, status or exc.status)
    found.retry_after_s = retry_after_s
    return found


def failure_of(exc: Exception) -> tuple[float | None, int | None]:
    """For the answer to our own caller: (Retry-After in seconds, HTTP status if it is another)."""
    if isinstance(exc, TryLater):
        return exc.retry_after_s, None
    told_s = acme_v2.pause(exc)
    is_limit = isinstance(exc, acme_v2.RateLimited)
    return told_s, 503 if told_s is not None and not is_limit else None
