from __future__ import annotations

from datetime import timedelta

import pytest

from peter_sslers import model
from peter_sslers.enums import ChallengeStatus
from peter_sslers.lib.context import utc_now

from ... import factories
from .acme_site import Site
from .certificate_rows import stored


@pytest.mark.parametrize("ident", ["1", "example.com", "Example.COM", "example.com."])
def test_domain_is_found_by_id_and_name(site: Site, ident: str) -> None:
    stored(site)
    found = site.json(f"/domain/{ident}.json")
    assert found["Domain"]["domain_name"] == "example.com"
    assert found["Domain"]["certificate__latest_multi"] == {}
    latest = found["Domain"]["certificate__latest_single"]
    assert latest["id"] == 1
    assert latest["timestamp_not_after"] == "2045-01-01T00:00:00"
    assert found["AcmeChallenges_Active"] is None
    site.get(f"/domain/{ident}")
    site.get(f"/domain/{ident}/certificate-signeds")


@pytest.mark.parametrize("ident", ["7", "9" * 30, "other.example.com", "a b", "%C2%B2"])
def test_unknown_domain_is_not_found(site: Site, ident: str) -> None:
    assert site.get(f"/domain/{ident}.json", status=404).json["code"] == "404 Not Found"


def test_challenges_that_may_be_validated_stand_beside_the_domain(site: Site) -> None:
    with site.writing() as rows:
        rows.placeholder()
        active = factories.challenge(rows.db)
        factories.challenge(
            rows.db,
            domain=active.domain,
            acme_authorization=active.acme_authorization,
            acme_status_challenge=ChallengeStatus.VALID,
        )
        domain_id, challenge_id = active.domain_id, active.id
        factories.domain(rows.db)
    found = site.json(f"/domain/{domain_id}.json")["AcmeChallenges_Active"]
    assert [challenge["id"] for challenge in found] == [challenge_id]
    assert list(site.json("/domains/challenged.json")["Domains"]) == [str(domain_id)]


def test_expiring_are_those_whose_latest_certificate_runs_out(site: Site) -> None:
    now = utc_now()
    with site.writing() as rows:
        domains = []
        for days in (10, 60):
            domain = factories.domain(rows.db)
            latest = factories.certificate(rows.db, timestamp_not_after=now + timedelta(days=days))
            domain.certificate_signed_id__latest_single = latest.id
            domains.append(domain)
        rows.db.flush()
        near = domains[0].id
    assert list(site.json("/domains/expiring.json")["Domains"]) == [str(near)]


def test_new_domain_is_made_once(site: Site) -> None:
    first = site.post("/domain/new.json", {"domain_name": "New.Example.com"}).json
    assert first["is_created"] is True
    assert first["Domain"]["domain_name"] == "new.example.com"
    again = site.post("/domain/new.json", {"domain_name": "new.example.com"}).json
    assert again == {**first, "is_created": False}


def test_html_form_leads_to_the_domain(site: Site) -> None:
    answer = site.post("/domain/new", {"domain_name": "new.example.com"}, status=303)
    assert site.location(answer) == "/domain/1?result=success&operation=new&is_created=True"


def test_blocklisted_name_is_refused(site: Site) -> None:
    with site.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name="always-fail.example.com"))
    fields = {"domain_name": "always-fail.example.com"}
    found = site.post("/domain/new.json", fields, status=400).json
    assert "blocklisted" in found["form_errors"]["domain_name"]


@pytest.mark.parametrize("name", ["nodot", "a_b.example.com", "a.example.com,b.example.com", ""])
def test_what_is_no_name_is_refused(site: Site, name: str) -> None:
    found = site.post("/domain/new.json", {"domain_name": name}, status=400).json
    assert "domain_name" in found["form_errors"]
