"""`domains/search`: one name among the domains and in their queue."""

from __future__ import annotations

import pytest

from ... import factories
from .acme_site import NOW, Site
from .certificate_rows import stored

PATH = "/domains/search"


def test_known_domain(site: Site) -> None:
    stored(site)
    answer = site.post(f"{PATH}.json", {"domain": " Example.COM "}).json
    assert (answer["result"], answer["query"]) == ("success", "example.com")
    found = answer["search_results"]
    assert found["Domain"] == site.json("/domain/1.json")["Domain"]
    assert (found["QueueDomainActive"], found["QueueDomainsInactive"]) == (None, [])
    page = site.post(PATH, {"domain": "example.com"})
    assert page.html.select_one("table a")["href"].endswith("/domain/1")


def test_queued_name(site: Site) -> None:
    with site.writing() as rows:
        given = {"name": "a.example.com", "timestamp_created": NOW}
        cancelled = factories.queue_domain(rows.db, is_active=False, **given)
        cancelled.is_active = None  # the column's default stands for a null
        for is_active in (False, True):
            factories.queue_domain(rows.db, is_active=is_active, **given)
    found = site.post(f"{PATH}.json", {"domain": "a.example.com"}).json["search_results"]
    assert found["Domain"] is None
    assert found["QueueDomainActive"] == {
        "id": 3,
        "domain_name": "a.example.com",
        "timestamp_created": "2026-11-24T12:00:00",
        "timestamp_processed": None,
        "domain_id": None,
        "is_active": True,
    }
    assert [queued["id"] for queued in found["QueueDomainsInactive"]] == [1, 2]
    page = site.post(PATH, {"domain": "a.example.com"})
    words = [cell.text for cell in page.html.select("tbody .st")]
    assert words == ["waiting", "cancelled", "processed"]


def test_name_that_is_not_known(site: Site) -> None:
    answer = site.post(f"{PATH}.json", {"domain": "other.example.com"}).json
    assert answer["search_results"] == {
        "Domain": None,
        "QueueDomainActive": None,
        "QueueDomainsInactive": [],
    }
    assert "No domain of this name" in site.post(PATH, {"domain": "other.example.com"})


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"domain": ""}, "Please enter a value"),
        ({"domain": "exa_mple.com"}, "invalid domain names detected"),
        ({"domain": "a.example.com, b.example.com"}, "Only 1 domain accepted here."),
    ],
)
def test_what_is_no_name(site: Site, fields: dict[str, str], text: str) -> None:
    errors = site.post(f"{PATH}.json", fields, status=400).json["form_errors"]
    assert errors["domain"] == text
    assert text in site.post(PATH, fields, status=400)


def test_get_explains(site: Site) -> None:
    assert "domain" in site.get(PATH).form.fields
    assert set(site.json(f"{PATH}.json")["form_fields"]) == {"domain"}
    nothing = site.post(f"{PATH}.json", status=400).json
    assert nothing["form_errors"] == {"Error_Main": "Nothing submitted."}
