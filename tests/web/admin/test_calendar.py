"""When certificates were issued, and when they end: JSON, picture and table."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from peter_sslers.lib.store.calendar import week_key

from ... import factories
from .acme_site import Site

NOW = datetime.now(UTC)
PATHS = ("/domain/1/calendar", "/unique-fqdn-set/1/calendar", "/certificate-signeds/calendar")


@pytest.fixture
def calendar(site: Site) -> Site:
    """Two certificates for one domain, one of another."""
    with site.writing() as rows:
        names = factories.fqdns(rows.db, "a.example.com")
        for fqdns, days in ((names, 10), (names, 20), (factories.fqdns(rows.db), 10)):
            factories.certificate(
                rows.db,
                unique_fqdn_set=fqdns,
                timestamp_not_before=datetime(2026, 1, 1, tzinfo=UTC),
                timestamp_not_after=NOW + timedelta(days=days),
            )
        factories.certificate(
            rows.db,
            unique_fqdn_set=names,
            is_active=False,
            timestamp_not_before=datetime(2027, 1, 3, 23, 59, tzinfo=UTC),
            timestamp_not_after=NOW + timedelta(days=20),
        )
    return site


def key(days: int) -> str:
    return week_key((NOW + timedelta(days=days)).date())


def test_weeks_are_those_of_iso_8601_on_either_side_of_a_year(calendar: Site) -> None:
    assert calendar.json("/domain/a.example.com/calendar.json")["issues"] == {
        "2026.01": 2,
        "2026.53": 1,  # the Sunday of the last week
    }


@pytest.mark.parametrize(("path", "count"), list(zip(PATHS, (1, 1, 2), strict=True)))
def test_active_certificates_are_counted_in_the_week_of_their_end(
    calendar: Site, path: str, count: int
) -> None:
    ends = calendar.json(f"{path}.json")["expires"]
    assert ends == {key(10): count, key(20): 1}


@pytest.mark.parametrize("path", PATHS)
def test_the_picture_has_a_bar_for_each_week_and_no_script(calendar: Site, path: str) -> None:
    page = calendar.get(path)
    bars = page.html.select(".chart g title")
    assert [bar.get_text().partition(",")[0] for bar in bars] == [key(10), key(20)]
    assert not page.html.select("script")
    rows = page.html.select("section[aria-labelledby=expires] tbody tr")
    assert [row.th.get_text() for row in rows] == [key(10), key(20)]


def test_no_certificate_no_picture(site: Site) -> None:
    page = site.get("/certificate-signeds/calendar")
    assert not page.html.select("svg")
    assert site.json("/certificate-signeds/calendar.json") == {"issues": {}, "expires": {}}


def test_objects_lead_to_their_calendar(calendar: Site) -> None:
    for path in ("/domain/1", "/unique-fqdn-set/1", "/certificate-signeds/active"):
        links = [a["href"] for a in calendar.get(path).html.select(".head .tools a")]
        assert any(link.endswith("/calendar") for link in links)


@pytest.mark.service("lynx")
def test_lynx_reads_the_figures(calendar: Site) -> None:
    shown: Any = subprocess.run(
        ["lynx", "-dump", "-stdin", "-width=120"],
        input=calendar.get("/certificate-signeds/calendar").body,
        capture_output=True,
        check=True,
    )
    lines = [" ".join(line.split()) for line in shown.stdout.decode().splitlines()]
    assert any(line.startswith(key(10)) and line.endswith(" 2 0 2") for line in lines)


def test_an_unknown_object_has_none(site: Site) -> None:
    for path in ("/domain/nobody.example.com/calendar", "/unique-fqdn-set/9/calendar.json"):
        site.get(path, status=404)
