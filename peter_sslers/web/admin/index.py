"""The overview: what needs you, how many there are of everything, what expires when."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.store import overview, paging
from ...lib.store.overview import Day, Figures
from ...model import AcmeOrder, CertificateSigned
from .. import to_json
from ..cells import day, number
from ..chart import Bar, bars, nice_top
from ..resource import Resource, Resources
from ..shown import Custom
from . import edge

CHART_DAYS = 28
NEWEST = 5
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Need:
    """One thing that will not become well by itself."""

    css: str
    word: str
    text: str
    label: str
    path: str


@dataclass(frozen=True)
class Watch:
    """A figure that should be zero. Its text for one is `one`, for more `many`."""

    figure: str
    css: str
    word: str
    one: str
    many: str
    label: str
    path: str

    def text(self, count: int) -> str:
        return self.one if count == 1 else self.many.format(number(count))


WATCHED = (
    Watch(
        "expired",
        "bad",
        "expired",
        "1 certificate in use is over already.",
        "{} certificates in use are over already.",
        "Show expiring certificates",
        "/certificate-signeds/expiring",
    ),
    Watch(
        "soon_by_hand",
        "bad",
        "by hand",
        "1 certificate ends within 7 days, and nothing renews it.",
        "{} certificates end within 7 days, and nothing renews them.",
        "Show expiring certificates",
        "/certificate-signeds/expiring",
    ),
    Watch(
        "orders_failed",
        "bad",
        "failed",
        "1 order failed in the last 24 hours.",
        "{} orders failed in the last 24 hours.",
        "Show finished orders",
        "/acme-orders/finished",
    ),
    Watch(
        "queue_failures",
        "bad",
        "failed",
        "1 queued renewal failed in the last 24 hours.",
        "{} queued renewals failed in the last 24 hours.",
        "Show the failures",
        "/queue-certificates/failures",
    ),
    Watch(
        "unresolved",
        "warn",
        "unresolved",
        "1 event of coverage waits for your decision.",
        "{} events of coverage wait for your decision.",
        "Show the events",
        "/coverage-assurance-events/unresolved",
    ),
)


def view(request: Request) -> Custom:
    ctx = request.ctx
    figures = overview.figures(ctx.db, ctx.now, ctx.settings.expiring_days)
    days = overview.expiring_by_day(ctx.db, ctx.now, CHART_DAYS)
    resources: Resources = request.registry.resources
    totals = overview.totals(ctx.db, (kind.model for kind in resources if kind.in_menu))
    counts = [(kind, totals[kind.model]) for kind in resources if kind.in_menu]
    needs = what_needs_you(figures)
    data = {
        "figures": figures,
        "needs": needs,
        "counts": counts,
        "newest": [
            (kind, rows)
            for model in (CertificateSigned, AcmeOrder)
            if (kind := resources.find(model)) and (rows := _newest(request, kind))
        ],
        "days": days,
        "top": nice_top(days),
        "bars": chart(days, ctx.now),
        "ticks": [day(ctx.now + timedelta(days=n))[:-5] for n in range(0, CHART_DAYS, 7)],
        "weeks": weeks(days, ctx.now),
        "expiring_days": ctx.settings.expiring_days,
    }
    document = {
        "figures": dataclasses.asdict(figures),
        "needs": [dataclasses.asdict(need) for need in needs],
        "totals": {kind.json_names: total for kind, total in counts},
        "expiring_by_day": [dataclasses.asdict(d) for d in days],
    }
    return Custom(
        "index.mako",
        data,
        document,
        title="Overview",
        sentence=f"{WEEKDAYS[ctx.now.weekday()]} {day(ctx.now)}, {ctx.now:%H:%M} UTC.",
        group="Overview",
        tools=(*_tools(resources), *edge.links(ctx)),
        path="/index",
    )


def what_needs_you(figures: Figures) -> list[Need]:
    """The worst first."""
    found = []
    for watch in WATCHED:
        count = getattr(figures, watch.figure)
        if count:
            text = watch.text(count)
            found.append(Need(watch.css, watch.word, text, watch.label, watch.path))
    if not figures.default_accounts:
        text = "There is no default account yet: scripts that name none can not order."
        found.append(Need("warn", "limit", text, "Show the accounts", "/acme-accounts"))
    return found


def chart(days: list[Day], now: datetime) -> list[Bar]:
    return bars(days, [day(now + timedelta(days=n)) for n in range(len(days))])


def weeks(days: list[Day], now: datetime) -> list[tuple[str, list[Day]]]:
    """The same as a table: a week a row."""
    return [(day(now + timedelta(days=n))[:-5], days[n : n + 7]) for n in range(0, len(days), 7)]


def _newest(request: Request, kind: Resource) -> list[Any]:
    listing = next(li for li in reversed(kind.listings) if not li.redirect)
    all_of_it = next((li for li in kind.listings if li.name in {"", "all"}), listing)
    listing = listing if all_of_it.redirect else all_of_it
    return paging.first(request.ctx.db, listing.query(request.ctx, {}), NEWEST)


def _tools(resources: Resources) -> tuple[tuple[str, str], ...]:
    found = []
    for model in (AcmeOrder, CertificateSigned):
        kind = resources.find(model)
        if kind is None:
            continue
        for form in kind.forms:
            if not form.get_query and (form.primary or form.name == "upload"):
                found.append((form.label, form.at or f"/{kind.path}/{form.name}"))
    return tuple(found)


def includeme(config: Configurator) -> None:
    config.add_route("overview", "", inherit_slash=True)
    config.add_view(view, route_name="overview", renderer="page")
    config.add_route("overview.json", "/index.json")
    config.add_view(to_json.answering(view), route_name="overview.json")
