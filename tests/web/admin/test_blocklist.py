"""The blocklist's page, and the two forms that change it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model

from .acme_site import Site

LIST = "/domains-blocklisted"
MAIN = "There was an error with your form."


def change(site: Site, word: str, name: str, status: int = 200) -> dict[str, Any]:
    sent = {"domain_name": name} if name else {}
    found: dict[str, Any] = site.post(f"{LIST}/{word}.json", sent, status=status).json
    return found


def names(site: Site) -> list[str]:
    return [row["domain_name"] for row in site.json(f"{LIST}.json")["DomainsBlocklisted"]]


def log(site: Site) -> list[tuple[str, str]]:
    with site.database.session() as db:
        events = db.scalars(select(model.OperationsEvent).order_by(model.OperationsEvent.id))
        return [
            (str(event.operations_event_type), json.loads(event.event_payload)["domain_name"])
            for event in events
        ]


def test_names_are_blocked_and_unblocked(site: Site) -> None:
    assert "Every name may be ordered." in site.get(LIST).text
    added = change(site, "add", "Never.Example.com")
    wanted = {"id": 1, "domain_name": "never.example.com"}
    assert added == {"result": "success", "DomainBlocklisted": wanted, "is_created": True}
    again = change(site, "add", "never.example.com")
    assert again == {**added, "is_created": False}
    for name in ("*.example.org", "192.0.2.1"):
        change(site, "add", name)
    assert names(site) == ["192.0.2.1", "*.example.org", "never.example.com"]
    assert "never.example.com" in site.get(LIST).text
    assert change(site, "delete", "NEVER.example.com") == {"result": "success"}
    assert names(site) == ["192.0.2.1", "*.example.org"]
    words = ("DomainBlocklisted__insert", "DomainBlocklisted__delete")
    assert log(site) == [
        (words[0], "never.example.com"),
        (words[0], "*.example.org"),
        (words[0], "192.0.2.1"),
        (words[1], "never.example.com"),
    ]


def test_what_is_blocked_is_not_taken(site: Site) -> None:
    change(site, "add", "never.example.com")
    refused = site.post("/domain/new.json", {"domain_name": "never.example.com"}, status=400).json
    assert refused["form_errors"]["domain_name"] == "This domain_name has been blocklisted"
    for other in ("example.com", "www.never.example.com"):
        assert site.post("/domain/new.json", {"domain_name": other}).json["is_created"]
    change(site, "delete", "never.example.com")
    assert site.post("/domain/new.json", {"domain_name": "never.example.com"}).json["is_created"]


@pytest.mark.parametrize(
    ("word", "name", "errors"),
    [
        ("add", "", {"Error_Main": "Nothing submitted."}),
        ("add", "a,b", {"domain_name": "Only 1 domain accepted here.", "Error_Main": MAIN}),
        (
            "delete",
            "a.example.com",
            {"domain_name": "This domain_name is not blocklisted", "Error_Main": MAIN},
        ),
    ],
)
def test_wrong_forms(site: Site, word: str, name: str, errors: dict[str, str]) -> None:
    assert change(site, word, name, 400) == {"result": "error", "form_errors": errors}
    assert names(site) == []


def test_browsers_are_led_back_to_the_list(site: Site) -> None:
    for word in ("add", "delete"):
        assert 'name="domain_name"' in site.get(f"{LIST}/{word}").text
        page = site.post(f"{LIST}/{word}", {"domain_name": "a.example.com"}, status=303)
        query = f"result=success&operation=domains-blocklisted--{word}"
        assert site.location(page) == f"{LIST}?{query}"
