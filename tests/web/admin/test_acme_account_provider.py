"""ACME servers as rows: added, changed, enabled, disabled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .acme_site import Site
from .ca import events_of
from .certificate_rows import pem

FORM_ERROR = "There was an error with your form."
NEW = {"name": "step-ca", "directory": "https://ca.example.net/acme/directory"}


@pytest.fixture
def two(site: Site) -> Site:
    """It has a default provider, and another that has an account."""
    with site.writing() as rows:
        rows.provider(is_default=True, name="first")
        rows.account(rows.provider(name="second"))
    return site


def errors(site: Site, path: str, **fields: str) -> dict[str, str]:
    found: dict[str, str] = site.post(path, fields, status=400).json["form_errors"]
    return found


def test_new_provider_is_there_for_accounts(site: Site) -> None:
    bundle = pem("chains/intermediate")
    fields = {**NEW, "is_eab_required": "1", "ca_bundle_pem": bundle}
    answer = site.post("/acme-account-provider/new.json", fields).json
    made = answer["AcmeAccountProvider"]
    assert answer["result"] == "success"
    assert (made["name"], made["server"]) == ("step-ca", "ca.example.net")
    assert (made["is_enabled"], made["is_default"], made["protocol"]) == (True, False, "acme-v2")
    assert made["is_eab_required"] is True
    options = site.json("/acme-account/new.json")["valid_options"]["acme_account_provider_id"]
    assert options == {"1": f"step-ca ({NEW['directory']})"}
    assert bundle.split("\n")[1] in site.get("/acme-account-provider/1")


def test_new_provider_leads_to_itself(site: Site) -> None:
    answer = site.post("/acme-account-provider/new", NEW, status=303)
    assert site.location(answer) == (
        "/acme-account-provider/1?result=success&operation=new&is_created=1"
    )


@pytest.mark.parametrize(
    ("change", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "n" * 33}, "name"),
        ({"name": "FIRST"}, "name"),
        ({"directory": ""}, "directory"),
        ({"directory": "ca.example.net"}, "directory"),
        ({"directory": "ftp://ca.example.net/"}, "directory"),
        ({"directory": "https://ca.example.net:0/"}, "directory"),
        ({"directory": "https://ca.example.net:port/"}, "directory"),
        ({"directory": "https://me:secret@ca.example.net/"}, "directory"),
        ({"directory": "https://ca.example.net/#x"}, "directory"),
        ({"directory": "https://ca.example.net/" + "x" * 255}, "directory"),
        ({"directory": "http://ca.example.net/dir"}, "directory"),
        ({"directory": "http://192.0.2.1/dir"}, "directory"),
        ({"directory": "https://ca1.example.com/other"}, "directory"),
        ({"ca_bundle_pem": "no certificate"}, "ca_bundle_pem"),
        ({"ca_bundle_pem": "-----BEGIN CERTIFICATE-----\nAAAA\n"}, "ca_bundle_pem"),
    ],
)
def test_new_provider_says_what_is_wrong(two: Site, change: dict[str, str], at_fault: str) -> None:
    found = errors(two, "/acme-account-provider/new.json", **{**NEW, **change})
    assert set(found) == {at_fault, "Error_Main"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:4001", "[::1]:4001"])
def test_http_is_taken_on_this_machine(site: Site, host: str) -> None:
    fields = {**NEW, "directory": f"http://{host}/dir"}
    made = site.post("/acme-account-provider/new.json", fields).json["AcmeAccountProvider"]
    assert made["server"] == host


def test_http_is_taken_for_tests(tmp_path: Path) -> None:
    site = Site(tmp_path, certificate_authority_testing=True)
    fields = {**NEW, "directory": "http://ca.example.net/dir"}
    assert site.post("/acme-account-provider/new.json", fields).json["result"] == "success"
    site.close()


def test_help_says_who_decides_the_default(site: Site) -> None:
    notes = site.json("/acme-account-provider/new.json")["notes"]
    assert "`certificate_authority`" in notes[0]


class TestEdit:
    @pytest.fixture
    def third(self, two: Site) -> Site:
        two.post("/acme-account-provider/new.json", {**NEW, "ca_bundle_pem": pem(BUNDLE)})
        return two

    def changed(self, site: Site, **fields: str) -> dict[str, Any]:
        path = "/acme-account-provider/3/edit.json"
        found: dict[str, Any] = site.post(path, {**NEW, **fields}).json["AcmeAccountProvider"]
        return found

    def test_name_and_directory(self, third: Site) -> None:
        directory = "https://other.example.net:8443/dir"
        found = self.changed(third, name="renamed", directory=directory, is_eab_required="1")
        assert (found["name"], found["directory"]) == ("renamed", directory)
        assert found["server"] == "other.example.net:8443"
        assert found["is_eab_required"] is True

    def test_bundle_stays_until_it_is_forgotten(self, third: Site) -> None:
        block = pem(BUNDLE).split("\n")[1]
        self.changed(third)
        assert block in third.get("/acme-account-provider/3")
        self.changed(third, drop_ca_bundle="1")
        assert block not in third.get("/acme-account-provider/3")

    def test_form_shows_what_is_there(self, third: Site) -> None:
        page = third.get("/acme-account-provider/3/edit")
        form = next(f for f in page.forms.values() if "directory" in f.fields)
        assert form["directory"].value == NEW["directory"]
        done = form.submit(status=303)
        assert third.location(done) == "/acme-account-provider/3?result=success&operation=edit"

    def test_directory_with_accounts_stays(self, two: Site) -> None:
        found = errors(two, "/acme-account-provider/2/edit.json", **NEW)
        assert set(found) == {"directory", "Error_Main"}

    def test_default_keeps_its_directory(self, two: Site) -> None:
        fields = {"name": "first", "directory": NEW["directory"]}
        found = errors(two, "/acme-account-provider/1/edit.json", **fields)
        assert "certificate_authority_directory" in found["directory"]

    def test_what_the_settings_name_keeps_its_name(self, two: Site) -> None:
        two.settings.certificate_authority = "First"
        directory = two.json("/acme-account-providers.json")["AcmeAccountProviders"]["1"]
        fields = {"name": "renamed", "directory": directory["directory"]}
        assert set(errors(two, "/acme-account-provider/1/edit.json", **fields)) == {
            "name",
            "Error_Main",
        }

    def test_other_providers_names_are_taken(self, third: Site) -> None:
        fields = {**NEW, "name": "second"}
        assert "name" in errors(third, "/acme-account-provider/3/edit.json", **fields)

    def test_old_protocol_stays_as_it_is(self, site: Site) -> None:
        with site.writing() as rows:
            rows.provider(protocol="acme-v1", directory=None, endpoint="https://v1.example.com")
        errors(site, "/acme-account-provider/1/edit.json", **NEW)
        site.get("/acme-account-provider/1/edit", status=303)


class TestMark:
    PATH = "/acme-account-provider/2/mark"

    def test_disabled_and_enabled_again(self, two: Site) -> None:
        found = two.post(f"{self.PATH}.json", {"action": "inactive"}).json
        assert found["AcmeAccountProvider"]["is_enabled"] is False
        page = two.post(self.PATH, {"action": "active"}, status=303)
        assert two.location(page) == (
            "/acme-account-provider/2?result=success&operation=mark&action=active"
        )
        assert events_of(two, "AcmeAccountProvider__mark__is_enabled") == [
            {"acme_account_provider.id": 2, "is_enabled": False},
            {"acme_account_provider.id": 2, "is_enabled": True},
        ]

    @pytest.mark.parametrize(
        ("number", "action", "text"),
        [
            (2, "active", "Already activated."),
            (1, "inactive", "It is the default"),
        ],
    )
    def test_refusals(self, two: Site, number: int, action: str, text: str) -> None:
        found = errors(two, f"/acme-account-provider/{number}/mark.json", action=action)
        assert found["Error_Main"].startswith(f"{FORM_ERROR} {text}")

    def test_what_the_settings_enable_stays_enabled(self, two: Site) -> None:
        two.settings.certificate_authorities_enable = ("second",)
        found = errors(two, f"{self.PATH}.json", action="inactive")
        assert "certificate_authorities_enable" in found["Error_Main"]

    def test_get_explains(self, two: Site) -> None:
        assert two.location(two.get(self.PATH, status=303)) == (
            "/acme-account-provider/2?result=error&error=post+required&operation=mark"
        )


BUNDLE = "chains/intermediate"
