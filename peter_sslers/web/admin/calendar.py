"""Calendars: when certificates were issued, and when they end, as JSON, picture and table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import ColumnElement

from ...lib.store import calendar
from ...lib.store.calendar import Week
from .. import pages
from ..cells import day
from ..chart import Bar, bars, nice_top
from ..register import add_page, given
from ..resource import Resource
from ..shown import Custom
from .domain import DOMAIN
from .unique_fqdn_set import UNIQUE_FQDN_SET

WEEKS = 52
TICKS = 4
Which = Sequence[ColumnElement[bool]]


def of_object(resource: Resource, which: Callable[[Any], Which], request: Request) -> Custom:
    """`/domain/{id}/calendar`, `/unique-fqdn-set/{id}/calendar`"""
    obj = pages.found(request, resource)
    path = f"/{resource.path}/{obj.id}"
    return page(
        request,
        which(obj),
        title=f"Calendar of {resource.title_of(obj)}",
        group=resource.group,
        path=f"{path}/calendar",
        tools=((resource.label, path), ("All certificates", "/certificate-signeds/calendar")),
    )


def of_all(request: Request) -> Custom:
    """`/certificate-signeds/calendar`"""
    return page(
        request,
        calendar.of_all(),
        title="Calendar of all certificates",
        group="Certificates",
        path="/certificate-signeds/calendar",
        tools=(("Certificates", "/certificate-signeds"),),
    )


def page(request: Request, which: Which, **head: Any) -> Custom:
    ctx = request.ctx
    issues = calendar.issues(ctx.db, which)
    weeks = calendar.expires(ctx.db, which, ctx.now, WEEKS)
    ending = [week for week in weeks if week.total]
    data = {
        "issues": issues,
        "ending": ending,
        "top": nice_top(weeks),
        "bars": chart(weeks),
        "width": 10 * WEEKS,
        "ticks": [day(weeks[n].monday) for n in range(0, WEEKS, WEEKS // TICKS)],
    }
    document = {"issues": issues, "expires": {week.key: week.total for week in ending}}
    return Custom("calendar.mako", data, document, sentence=sentence(ending), **head)


def chart(weeks: Sequence[Week]) -> list[Bar]:
    return bars(weeks, [f"{week.key}, from {day(week.monday)}" for week in weeks])


def sentence(ending: Sequence[Week]) -> str:
    total = sum(week.total for week in ending)
    counted = "1 active certificate ends" if total == 1 else f"{total:,} active certificates end"
    return f"{counted} within {WEEKS} weeks. Weeks are those of ISO 8601, in UTC."


def includeme(config: Configurator) -> None:
    for resource, which in (
        (DOMAIN, calendar.of_domain),
        (UNIQUE_FQDN_SET, calendar.of_unique_fqdn_set),
    ):
        add_page(config, f"{resource.one}/calendar", given(of_object, resource, which))
    add_page(config, "/certificate-signeds/calendar", of_all)
