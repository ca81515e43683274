"""What is set on an account by a form, and what a form refuses before any CA is asked."""

from __future__ import annotations

from typing import Any

import pytest

from .acme_site import NOW, Site
from .ca import NEW_ACCOUNT, account, events_of, objects_of

FORM_ERROR = "There was an error with your form."
EDITED = {
    "account__private_key_cycle": "account_weekly",
    "account__private_key_technology": "EC",
}
SERVER = "/acme-account/1/acme-server"
BINDING = {"eab_kid": "kid-1", "eab_hmac_key": "c2VjcmV0"}


@pytest.fixture
def one(site: Site) -> Site:
    """It has the account 1, at a CA that nobody can reach."""
    with site.writing() as rows:
        rows.account(rows.provider(directory="http://127.0.0.1:9/dir"))
    return site


def stored(site: Site) -> Any:
    with site.database.session() as db:
        return account(db)


def test_edit_stores_and_logs_what_is_different(one: Site) -> None:
    found = one.post("/acme-account/1/edit.json", EDITED).json
    assert found["result"] == "success"
    assert found["AcmeAccount"]["private_key_cycle"] == "account_weekly"
    assert found["AcmeAccount"]["private_key_technology"] == "EC"
    assert events_of(one, "AcmeAccount__edit") == [
        {
            "acme_account_id": 1,
            "action": "edit",
            "edit": {
                "old": {"private_key_cycle": "single_certificate", "private_key_technology": "RSA"},
                "new": {"private_key_cycle": "account_weekly", "private_key_technology": "EC"},
            },
        }
    ]
    assert objects_of(one, "AcmeAccount__edit") == {"AcmeAccount__edit__private_key_technology"}


def test_edit_of_the_cycle_alone_is_logged_as_that(one: Site) -> None:
    one.post("/acme-account/1/edit.json", {**EDITED, "account__private_key_technology": "RSA"})
    assert objects_of(one, "AcmeAccount__edit") == {"AcmeAccount__edit__private_key_cycle"}


def test_edit_that_changes_nothing_succeeds_and_logs_nothing(one: Site) -> None:
    one.post("/acme-account/1/edit.json", EDITED)
    again = one.post("/acme-account/1/edit", EDITED, status=303)
    assert one.location(again) == "/acme-account/1?result=success&operation=edit"
    assert len(events_of(one, "AcmeAccount__edit")) == 1


@pytest.mark.parametrize("field", EDITED)
def test_edit_wants_both_fields(one: Site, field: str) -> None:
    fields = {name: word for name, word in EDITED.items() if name != field}
    errors = one.post("/acme-account/1/edit.json", fields, status=400).json["form_errors"]
    assert errors == {field: "Missing value", "Error_Main": FORM_ERROR}


def test_edit_refuses_a_word_of_orders(one: Site) -> None:
    fields = {**EDITED, "account__private_key_cycle": "account_key_default"}
    errors = one.post("/acme-account/1/edit.json", fields, status=400).json["form_errors"]
    assert errors["account__private_key_cycle"] == (
        "Value must be one of: single_certificate; account_daily; global_daily; account_weekly; "
        "global_weekly (not 'account_key_default')"
    )


def test_edit_stores_a_binding_and_shows_it_nowhere(one: Site) -> None:
    answer = one.post("/acme-account/1/edit.json", {**EDITED, **BINDING})
    assert "c2VjcmV0" not in answer
    assert (stored(one).eab_kid, stored(one).eab_hmac) == ("kid-1", "c2VjcmV0")
    for page in ("/acme-account/1", "/acme-account/1/edit", "/acme-account/1.json"):
        assert "c2VjcmV0" not in one.get(page)
        assert "kid-1" not in one.get(page)
    assert "c2VjcmV0" not in str(events_of(one, "AcmeAccount__edit"))
    one.post("/acme-account/1/edit.json", EDITED)
    assert stored(one).eab_kid == "kid-1"


@pytest.mark.parametrize("path", ["/acme-account/1/edit.json", "/acme-account/new.json"])
@pytest.mark.parametrize(
    ("binding", "at_fault"),
    [
        ({"eab_kid": "kid-1"}, "eab_hmac_key"),
        ({"eab_hmac_key": "c2VjcmV0"}, "eab_kid"),
        ({**BINDING, "eab_hmac_key": "no base64!"}, "eab_hmac_key"),
        ({**BINDING, "eab_kid": "k" * 256}, "eab_kid"),
    ],
)
def test_half_a_binding_is_refused(
    one: Site, path: str, binding: dict[str, str], at_fault: str
) -> None:
    answer = one.post(path, {**EDITED, **NEW_ACCOUNT, **binding}, status=400)
    assert set(answer.json["form_errors"]) == {at_fault, "Error_Main"}
    assert "base64!" not in answer


def test_provider_that_wants_a_binding_is_not_asked_without(site: Site) -> None:
    with site.writing() as rows:
        rows.provider(directory="http://127.0.0.1:9/dir", is_eab_required=True)
    errors = site.post("/acme-account/new.json", NEW_ACCOUNT, status=400).json["form_errors"]
    assert set(errors) == {"eab_kid", "eab_hmac_key", "Error_Main"}


@pytest.mark.parametrize(
    ("action", "field"), [("deactivate", "key_pem"), ("key-change", "key_pem_existing")]
)
class TestProof:
    def test_another_key_is_no_proof(self, one: Site, action: str, field: str) -> None:
        path = f"{SERVER}/{action}.json"
        errors = one.post(path, {field: "0" * 32}, status=400).json["form_errors"]
        assert errors == {
            field: "This does not match the active account key",
            "Error_Main": FORM_ERROR,
        }

    def test_nothing_is_no_proof(self, one: Site, action: str, field: str) -> None:
        path = f"{SERVER}/{action}.json"
        nothing = one.post(path, "", status=400).json["form_errors"]
        assert nothing == {"Error_Main": "Nothing submitted."}
        blank = one.post(path, {field: " "}, status=400).json["form_errors"]
        assert blank[field] == "Please enter a value"

    def test_what_was_entered_is_not_sent_back(self, one: Site, action: str, field: str) -> None:
        page = one.post(f"{SERVER}/{action}", {field: "-----BEGIN secret"}, status=400)
        assert "does not match" in page
        assert "BEGIN secret" not in page

    def test_ca_out_of_reach_is_told_and_nothing_changes(
        self, one: Site, action: str, field: str
    ) -> None:
        with one.writing() as rows:
            key = account(rows.db).acme_account_key
            assert key is not None
            key.key_pem = one.x509.new_key("EC", 256)  # type: ignore[arg-type]
            md5 = key.key_pem_md5
            account(rows.db).account_url = "http://127.0.0.1:9/account/1"
        answer = one.post(f"{SERVER}/{action}.json", {field: md5}, status=502).json
        assert answer["AcmeAccount"]["is_active"] is True
        assert answer["AcmeAccount"]["AcmeAccountKey"]["id"] == 1

    def test_account_that_is_not_active_is_refused_on_get_too(
        self, site: Site, action: str, field: str
    ) -> None:
        with site.writing() as rows:
            rows.account(is_active=False)
        told = "deactivated" if action == "deactivate" else "key changed"
        text = f"This AcmeAccount can not be {told}"
        assert site.get(f"{SERVER}/{action}.json", status=409).json["error"] == text
        assert site.post(f"{SERVER}/{action}.json", {field: "x"}, status=409).json["error"] == text
        assert site.location(site.get(f"{SERVER}/{action}", status=303)) == (
            f"/acme-account/1?result=error&error={text.replace(' ', '+')}"
            f"&operation=acme-server--{action}"
        )

    def test_form_has_the_field(self, one: Site, action: str, field: str) -> None:
        form_id = f"form-acme_account-{action.replace('-', '_')}"
        assert field in one.get(f"{SERVER}/{action}").forms[form_id].fields


class TestDeactivatePendingAuthorizations:
    PATH = f"{SERVER}/deactivate-pending-authorizations"
    BACK = "/acme-account/1/acme-authorizations"

    def test_get_explains(self, one: Site) -> None:
        assert one.location(one.get(self.PATH, status=303)) == (
            f"{self.BACK}?status=active&result=error&error=post+required"
            "&operation=acme-server--deactivate-pending-authorizations"
        )
        help_ = one.json(f"{self.PATH}.json")["form_fields"]
        assert set(help_) == {"acme_authorization_id", "authorization_id", "_select_all"}

    def test_nothing_chosen(self, one: Site) -> None:
        nothing = one.post(f"{self.PATH}.json", "", status=400).json["form_errors"]
        assert nothing == {"Error_Main": "Nothing submitted."}
        blank = {"acme_authorization_id": ""}
        none = one.post(f"{self.PATH}.json", blank, status=400).json["form_errors"]
        assert none["Error_Main"].startswith(f"{FORM_ERROR} ")
        page = one.post(self.PATH, blank, status=303)
        assert one.location(page).startswith(f"{self.BACK}?status=active&result=error&error=")

    def test_form_shows_what_can_be_given_up(self, one: Site) -> None:
        with one.writing() as rows:
            order = rows.order(account(rows.db), "a.example.com", "b.example.com")
            for name in ("a.example.com", "b.example.com"):
                rows.authorization(order, name)
            rows.authorization(order, acme_status_authorization="valid")
        page = one.get(f"{self.PATH}?confirm=1")
        assert page.html.find("input", {"name": "acme_authorization_id"})["value"] == "1, 2"

    def test_ca_out_of_reach_is_asked_once(self, one: Site) -> None:
        with one.writing() as rows:
            key = account(rows.db).acme_account_key
            assert key is not None
            key.key_pem = one.x509.new_key("EC", 256)  # type: ignore[arg-type]
            owner = account(rows.db)
            owner.account_url = "http://127.0.0.1:9/account/1"
            url = "http://127.0.0.1:9/authz/{}"
            order = rows.order(owner, "a.example.com")
            for n in (1, 2):
                rows.authorization(order, authorization_url=url.format(n))
        answer = one.post(f"{self.PATH}.json", {"acme_authorization_id": "1,2"}).json
        assert answer["results"] == {"1": False, "2": False}
        assert answer["errors"]["2"].startswith("not tried")

    def test_old_protocol(self, site: Site) -> None:
        with site.writing() as rows:
            old = rows.provider(
                protocol="acme-v1", directory=None, endpoint="https://v1.example.com"
            )
            rows.account(old)
        text = "This AcmeAccount can not Authenticate"
        fields = {"acme_authorization_id": "1"}
        assert site.post(f"{self.PATH}.json", fields, status=409).json["error"] == text


def test_contact_of_another_account_is_refused(one: Site) -> None:
    with one.writing() as rows:
        rows.account(account(rows.db).acme_account_provider, contact="taken@example.com")
    fields = {"account__contact": "TAKEN@example.com"}
    errors = one.post(f"{SERVER}/update-contact.json", fields, status=400).json["form_errors"]
    assert "already associated" in errors["account__contact"]


def test_contact_that_no_column_holds_is_not_told_to_the_ca(one: Site) -> None:
    """The CA, which nobody can reach here, is not asked."""
    domain = ".".join(["a" * 49] * 4) + ".example.com"
    fields = {"account__contact": "o" * 48 + "@" + domain}
    errors = one.post(f"{SERVER}/update-contact.json", fields, status=400).json["form_errors"]
    assert errors["account__contact"] == "Please enter at most 255 characters"


def test_profile_that_no_column_holds_is_refused(one: Site) -> None:
    fields = {"account__profile": "p" * 65}
    errors = one.post("/acme-account/1/edit.json", fields, status=400).json["form_errors"]
    assert errors["account__profile"] == "Please enter at most 64 characters"


def test_contact_of_an_inactive_account_stays(site: Site) -> None:
    with site.writing() as rows:
        rows.account(is_active=False, timestamp_deactivated=NOW)
    fields = {"account__contact": "new@example.com"}
    site.post(f"{SERVER}/update-contact.json", fields, status=409)
