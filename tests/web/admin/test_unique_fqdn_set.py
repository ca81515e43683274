"""Sets of names: made by hand, made from another, and their latest certificates."""

from __future__ import annotations

from typing import Any

import pytest

from peter_sslers import model
from peter_sslers.enums import OperationsEventType

from .acme_site import Site
from .certificate_rows import stored
from .test_private_key_marks import event_of


def made(site: Site, names: str, status: int = 200) -> Any:
    return site.post("/unique-fqdn-set/new.json", {"domain_names": names}, status=status).json


def modified(site: Site, add: str, remove: str, status: int = 200) -> Any:
    fields = {"domain_names_add": add, "domain_names_del": remove}
    return site.post("/unique-fqdn-set/1/modify.json", fields, status=status).json


def test_a_set_is_made_once(site: Site) -> None:
    first = made(site, "b.example.com, A.example.com")
    assert first["operation"] == "new"
    assert first["is_created"] is True
    assert first["UniqueFQDNSet"]["domains_as_list"] == ["a.example.com", "b.example.com"]
    again = made(site, "a.example.com b.example.com")
    assert again == {**first, "is_created": False}


def test_the_names_are_domains_then(site: Site) -> None:
    made(site, "a.example.com,b.example.com")
    found = site.json("/unique-fqdn-set/1/domains.json")["Domains"]
    assert {d["domain_name"] for d in found.values()} == {"a.example.com", "b.example.com"}


@pytest.mark.parametrize(
    ("add", "remove", "names"),
    [
        ("c.example.com", "", ["a", "b", "c"]),
        ("", "a.example.com", ["b"]),
        ("c.example.com", "a.example.com b.example.com", ["c"]),
    ],
)
def test_modify_makes_another_set(site: Site, add: str, remove: str, names: list[str]) -> None:
    before = made(site, "a.example.com,b.example.com")["UniqueFQDNSet"]
    found = modified(site, add, remove)
    assert found["operation"] == "modify"
    assert found["is_created"] is True
    assert found["UniqueFQDNSet"]["domains_as_list"] == [f"{name}.example.com" for name in names]
    assert site.json("/unique-fqdn-set/1.json")["UniqueFQDNSet"] == before


@pytest.mark.parametrize(
    ("add", "remove", "field", "text"),
    [
        ("", "z.example.com", "domain_names_del", "Not in this set: z.example.com"),
        ("a.example.com", "a.example.com", "domain_names_add", "Both to be added and removed"),
        ("", "a.example.com,b.example.com", "domain_names_del", "No name would be left"),
        ("a.example.com", "", "Error_Main", "Nothing would change"),
        ("", "", "Error_Main", "Nothing would change"),
        ("a_b.example.com", "", "domain_names_add", "invalid domain names detected"),
        ("blocked.example.com", "", "domain_names_add", "Blocklisted: blocked.example.com"),
    ],
)
def test_what_can_not_be_modified(site: Site, add: str, remove: str, field: str, text: str) -> None:
    made(site, "a.example.com,b.example.com")
    with site.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name="blocked.example.com"))
    assert text in modified(site, add, remove, 400)["form_errors"][field]


def test_new_set_of_wrong_names_is_refused(site: Site) -> None:
    with site.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name="blocked.example.com"))
    for names in (
        "",
        "nodot",
        "blocked.example.com",
        ",".join(f"n{i}.example.com" for i in range(101)),
    ):
        assert "domain_names" in made(site, names, 400)["form_errors"]
    assert site.json("/domains.json")["Domains"] == {}


def test_html_forms_lead_to_the_set(site: Site) -> None:
    answer = site.post("/unique-fqdn-set/new", {"domain_names": "a.example.com"}, status=303)
    assert (
        site.location(answer) == "/unique-fqdn-set/1?result=success&operation=new&is_created=True"
    )
    fields = {"domain_names_add": "b.example.com"}
    answer = site.post("/unique-fqdn-set/1/modify", fields, status=303)
    target = "/unique-fqdn-set/2?result=success&operation=modify&is_created=True"
    assert site.location(answer) == target
    assert site.post("/unique-fqdn-set/1/modify", {"domain_names_del": "x.y"}, status=400)


def test_update_recents_of_all_its_domains(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        rows.db.query(model.Domain).one().certificate_signed_id__latest_single = None
    site.post("/unique-fqdn-set/1/update-recents.json")
    assert site.json("/domain/1.json")["Domain"]["certificate__latest_single"]["id"] == 1
    kind = OperationsEventType.OPERATIONS_UPDATE_RECENTS_DOMAINS
    assert event_of(site, kind) == {"v": 1, "domain.ids": [], "unique_fqdn_set.ids": [1]}
    answer = site.post("/unique-fqdn-set/1/update-recents", status=303)
    target = "/unique-fqdn-set/1?result=success&operation=update-recents"
    assert site.location(answer) == target
