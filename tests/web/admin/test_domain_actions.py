"""Domains marked, enabled and disabled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import OperationsEventType

from ... import factories
from .acme_site import Site
from .certificate_rows import stored
from .test_private_key_marks import event_of

MARK = "/domain/example.com/mark"


def marked(site: Site, action: str, status: int = 200) -> Any:
    return site.post(f"{MARK}.json", {"action": action}, status=status).json


def object_log(site: Site) -> list[str]:
    with site.database.session() as db:
        query = select(model.OperationsObjectEvent.operations_object_event_status)
        return list(db.scalars(query.order_by(model.OperationsObjectEvent.id)))


def test_inactive_and_active_again(site: Site) -> None:
    stored(site)
    found = marked(site, "inactive")["Domain"]
    assert found["is_active"] is False
    assert found["certificate__latest_single"]["id"] == 1
    assert marked(site, "active")["Domain"]["is_active"] is True
    assert object_log(site)[-2:] == ["Domain__mark__inactive", "Domain__mark__active"]


def test_mark_is_logged(site: Site) -> None:
    stored(site)
    marked(site, "inactive")
    told = {"v": 1, "domain_id": 1, "action": "inactive"}
    assert event_of(site, OperationsEventType.DOMAIN_MARK) == told


def test_a_mark_that_changes_nothing_is_refused_and_leaves_no_trace(site: Site) -> None:
    stored(site)
    before = object_log(site)
    assert marked(site, "active", 400)["form_errors"]["action"] == "Already active."
    assert object_log(site) == before
    assert "action" in marked(site, "gone", 400)["form_errors"]


def test_html_marks_lead_back_to_the_domain(site: Site) -> None:
    stored(site)
    answer = site.post(MARK, {"action": "inactive"}, status=303)
    assert site.location(answer) == "/domain/1?result=success&operation=mark&action=inactive"
    answer = site.post(MARK, {"action": "inactive"}, status=303)
    assert site.location(answer).startswith("/domain/1?result=error&error=")
    assert "Activate" in site.get("/domain/1").text


def test_update_recents_points_to_the_latest_certificate(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        domain = rows.db.query(model.Domain).one()
        domain.certificate_signed_id__latest_single = None
    found = site.post("/domain/1/update-recents.json").json["Domain"]
    assert found["certificate__latest_single"]["id"] == 1
    kind = OperationsEventType.OPERATIONS_UPDATE_RECENTS_DOMAINS
    assert event_of(site, kind) == {"v": 1, "domain.ids": [1], "unique_fqdn_set.ids": []}


@pytest.fixture
def names(site: Site) -> Site:
    """A name in each state."""
    with site.writing() as rows:
        factories.domain(rows.db, "active.example.com")
        factories.domain(rows.db, "inactive.example.com", is_active=False)
        factories.queue_domain(rows.db, "waiting.example.com")
        factories.queue_domain(rows.db, "cancelled.example.com").is_active = None
        rows.add(model.DomainBlocklisted(domain_name="blocked.example.com"))
    return site


def results(site: Site, verb: str, *names: str) -> dict[str, str]:
    fields = {"domain_names": ", ".join(f"{name}.example.com" for name in names)}
    answer = site.post(f"/api/domain/{verb}.json", fields).json
    assert answer["result"] == "success"
    found: dict[str, str] = answer["domain_results"]
    return {name.removesuffix(".example.com"): word for name, word in found.items()}


def waiting(site: Site) -> set[str]:
    with site.database.session() as db:
        query = select(model.QueueDomain.domain_name).where(model.QueueDomain.is_active.is_(True))
        return {name.removesuffix(".example.com") for name in db.scalars(query)}


@pytest.mark.parametrize(
    ("name", "word", "logged"),
    [
        ("active", "exists", "QueueDomain__add__already_exists"),
        ("inactive", "exists", "QueueDomain__add__already_exists_activate"),
        ("waiting", "already_queued", "QueueDomain__add__already_queued"),
        ("cancelled", "queued", "QueueDomain__add__success"),
        ("new", "queued", "QueueDomain__add__success"),
    ],
)
def test_enable(names: Site, name: str, word: str, logged: str) -> None:
    fields = {"domain_names": f"{name}.example.com"}
    found = names.post("/api/domain/enable", fields).json
    assert found == {"result": "success", "domain_results": {f"{name}.example.com": word}}
    assert object_log(names)[-1] == logged
    assert ("queued" in word) == (name in waiting(names))
    assert event_of(names, OperationsEventType.API_DOMAINS_ENABLE) == {"v": 1}


def test_enabled_means_active(names: Site) -> None:
    results(names, "enable", "inactive")
    assert names.json("/domain/inactive.example.com.json")["Domain"]["is_active"] is True


def test_blocklisted_names_are_told_and_the_others_go_on(names: Site) -> None:
    found = results(names, "enable", "blocked", "active")
    assert found == {"blocked": "blocklisted", "active": "exists"}
    assert "blocked" not in waiting(names)


def test_disable(names: Site) -> None:
    given = ("active", "inactive", "waiting", "cancelled", "new")
    fields = {"domain_names": ",".join(f"{name}.example.com" for name in given)}
    found = names.post("/api/domain/disable", fields).json["domain_results"]
    assert list(found.values()) == [
        "deactivated",
        "already deactivated",
        "de-queued",
        "not active or in queue",
        "not active or in queue",
    ]
    assert waiting(names) == set()
    told = {"v": 1, "results": found}
    assert event_of(names, OperationsEventType.API_DOMAINS_DISABLE) == told
    assert set(object_log(names)) == {"Domain__mark__inactive", "QueueDomain__mark__cancelled"}


@pytest.mark.parametrize("verb", ["enable", "disable"])
@pytest.mark.parametrize("text", ["nodot", "a_b.example.com", "", ","])
def test_what_is_no_name_is_refused(site: Site, verb: str, text: str) -> None:
    found = site.post(f"/api/domain/{verb}", {"domain_names": text}, status=400).json
    assert "domain_names" in found["form_errors"]
