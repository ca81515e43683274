"""What autocert may order: any client can make an edge server ask for any name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from ...errors import FieldErrors, InvalidRequest, TryLater
from ...model import Domain, DomainAutocert
from ..context import Context
from ..store import domain_autocerts, domains_blocklisted
from . import leases
from .rate_limits import upwards

PAUSE = timedelta(minutes=10)
FAILURE_PAUSE = timedelta(hours=1)  # twice as long with each further failure
LONGEST_PAUSE = timedelta(days=1)
LOOK_BACK = 8  # runs: after so many failures the pause has long been the longest
# A run that has not ended by then has died, on a machine of which we know nothing.
STALE = timedelta(minutes=30)
HOUR = timedelta(hours=1)
# Of two-letter top-level domains: names are registered below these.
SECOND_LEVEL = {"ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "ne", "net", "nom", "or"} | {
    "org",
    "plc",
    "sch",
}


def require_none(ctx: Context, name: str, domain: Domain | None) -> None:
    """Raises FieldErrors, TryLater or InvalidRequest for a name that is not to be ordered now."""
    require_allowed(ctx, name, domain)
    if domain is not None:
        require_no_run(ctx, domain)
    require_budget(ctx, name)


def require_allowed(ctx: Context, name: str, domain: Domain | None) -> None:
    if domains_blocklisted.among(ctx.db, [name]):
        raise FieldErrors({"domain_name": "This domain_name has been blocklisted"})
    if domain is None and ctx.settings.autocert_known_only:
        raise FieldErrors({"domain_name": "This domain_name is not known (autocert_known_only)"})
    allowed = ctx.settings.autocert_domains
    if allowed and not {*upwards(name), name.rpartition(".")[2]} & set(allowed):
        raise FieldErrors({"domain_name": "This domain_name is not allowed (autocert_domains)"})


def require_no_run(ctx: Context, domain: Domain) -> None:
    runs = ctx.db.scalars(domain_autocerts.latest(domain, LOOK_BACK)).all()
    until = paused_until(runs, ctx.clock())
    if until is not None:
        raise FieldErrors(
            {"domain_name": "There is an active or recent autocert attempt for this domain"},
            f"The next is possible after {until:%Y-%m-%d %H:%M:%S} UTC.",
        )


def paused_until(runs: Sequence[DomainAutocert], now: datetime) -> datetime | None:
    """When the next run of a domain may begin; None is now. `runs`: the latest, newest first."""
    runs = [run for run in runs if not is_orphaned(run, now)]
    if not runs:
        return None
    if runs[0].is_successful is None:
        return runs[0].timestamp_created + STALE
    failures = len(list(takewhile(lambda run: run.is_successful is False, runs)))
    pause = min(FAILURE_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) if failures else PAUSE
    until = runs[0].timestamp_created + pause
    return until if until > now else None


def is_orphaned(run: DomainAutocert, now: datetime) -> bool:
    """It never ended, and its process is gone."""
    if run.is_successful is not None:
        return False
    is_dead = run.lease_owner is not None and leases.is_dead(run.lease_owner)
    return is_dead or run.timestamp_created + STALE <= now


def require_budget(ctx: Context, name: str) -> None:
    """Of all runs of the last hour, and of those of the same registered domain."""
    now, settings = ctx.clock(), ctx.settings
    if settings.autocert_max_per_hour == 0:
        raise InvalidRequest("autocert_max_per_hour is 0: nothing is ordered in this way")
    began = ctx.db.execute(domain_autocerts.names_since(now - HOUR)).all()
    ours = registered_domain(name)
    own = [when for other, when in began if registered_domain(other) == ours]
    require_room(now, [when for _, when in began], settings.autocert_max_per_hour, "in all")
    require_room(now, own, settings.autocert_max_per_hour_per_domain, f"for {ours}")


def require_room(now: datetime, began: Sequence[datetime], most: int, what: str) -> None:
    if len(began) >= most:
        raise TryLater(
            f"Autocert has made {len(began)} orders {what} within an hour; {most} are allowed.",
            (began[-most] + HOUR - now).total_seconds(),
        )


def registered_domain(name: str) -> str:
    """`a.b.example.com` → `example.com`: near enough to what CAs count by, without their list."""
    labels = name.split(".")
    is_below = len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    return ".".join(labels[-3 if is_below else -2 :])
