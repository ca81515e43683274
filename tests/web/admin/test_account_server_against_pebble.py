"""What is asked of an account's CA, with a real one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import AcmeEvent
from peter_sslers.lib import acme_v2
from peter_sslers.lib.actions.acme import client_of

from ...services.pebble import Options, Pebble, StartPebble
from ...services.peter import unused_name
from .acme_site import Site
from .ca import account, authorization, events_of, know, registered, words_logged

pytestmark = pytest.mark.service("pebble")

SERVER = "/acme-account/1/acme-server"


@pytest.fixture
def forgetful(start_pebble: StartPebble) -> Pebble:
    """A CA that may be started anew."""
    return start_pebble(Options(chain_length=2))


def test_check_says_what_the_ca_has(at_pebble: Site) -> None:
    found = at_pebble.post(f"{SERVER}/check.json").json
    assert found["result"] == "success"
    assert found["acme_server"]["is_known"] is True
    assert found["acme_server"]["status"] == "valid"
    assert found["acme_server"]["contact"] == ["mailto:ops@example.com"]
    page = at_pebble.post(f"{SERVER}/check", status=303)
    assert at_pebble.location(page) == (
        "/acme-account/1?result=success&operation=acme-server--check&status=valid"
    )


def test_check_stores_the_contact_that_the_ca_has(at_pebble: Site) -> None:
    with at_pebble.database.session() as db:
        client = client_of(at_pebble.context(db), account(db))
        acme_v2.accounts.update(client, contact=["new@example.com"])
    assert at_pebble.post(f"{SERVER}/check.json").json["AcmeAccount"]["contact"] == (
        "new@example.com"
    )


def test_check_finds_the_url_of_an_uploaded_account(at_pebble: Site) -> None:
    url = at_pebble.json("/acme-account/1.json")["AcmeAccount"]["account_url"]
    with at_pebble.writing() as rows:
        account(rows.db).account_url = None
    assert at_pebble.post(f"{SERVER}/check.json").json["AcmeAccount"]["account_url"] == url


def test_check_registers_nothing(at_pebble: Site, forgetful: Pebble) -> None:
    know(at_pebble, forgetful)
    with at_pebble.writing() as rows:
        account(rows.db).acme_account_provider_id = 2
        account(rows.db).account_url = None
    found = at_pebble.post(f"{SERVER}/check.json").json
    assert found["acme_server"]["is_known"] is False
    assert found["AcmeAccount"]["account_url"] is None


def test_account_that_the_ca_has_forgotten_is_registered_when_it_is_used_again(
    site: Site, forgetful: Pebble
) -> None:
    know(site, forgetful)
    before = registered(site)["account_url"]
    forgetful.stop()
    forgetful.start()
    answer = site.post(f"{SERVER}/authenticate.json", status=502).json
    assert answer["AcmeAccount"]["account_url"] is None
    assert "registered anew" in answer["error"]
    again = site.post(f"{SERVER}/authenticate.json").json["AcmeAccount"]
    assert again["account_url"] not in {None, before}


def test_contact_is_changed_at_the_ca_and_here(at_pebble: Site) -> None:
    fields = {"account__contact": "second@example.com"}
    found = at_pebble.post(f"{SERVER}/update-contact.json", fields).json
    assert found["AcmeAccount"]["contact"] == "second@example.com"
    said = at_pebble.post(f"{SERVER}/check.json").json["acme_server"]
    assert said["contact"] == ["mailto:second@example.com"]
    assert {"v2|Account-update", "v2|-account-request"} <= words_logged(at_pebble)


def test_contact_that_the_ca_refuses_stays(at_pebble: Site) -> None:
    # Pebble takes what looks like an address; the CA's no is the deactivated account's.
    end_at_ca(at_pebble)
    fields = {"account__contact": "second@example.com"}
    answer = at_pebble.post(f"{SERVER}/update-contact.json", fields, status=400).json
    assert "deactivated" in answer["form_errors"]["Error_Main"]
    found = at_pebble.json("/acme-account/1.json")["AcmeAccount"]
    assert (found["contact"], found["is_active"]) == ("ops@example.com", False)


def end_at_ca(site: Site) -> None:
    with site.database.session() as db:
        acme_v2.accounts.deactivate(client_of(site.context(db), account(db)))


def md5(site: Site) -> str:
    found: str = site.json("/acme-account/1.json")["AcmeAccount"]["AcmeAccountKey"]["key_pem_md5"]
    return found


@pytest.mark.parametrize("proof", ["md5", "pem"])
def test_account_is_deactivated_for_ever(at_pebble: Site, proof: str) -> None:
    with at_pebble.writing() as rows:
        account(rows.db).is_global_default = True
    pem = at_pebble.get("/acme-account/1/key.pem").text.replace("\n", "\r\n")
    fields = {"key_pem": md5(at_pebble) if proof == "md5" else pem}
    found = at_pebble.post(f"{SERVER}/deactivate.json", fields).json["AcmeAccount"]
    assert found["is_active"] is False
    assert found["is_deactivated"]
    assert found["is_global_default"] is False
    assert "v2|Account-deactivate" in words_logged(at_pebble)
    assert events_of(at_pebble, "AcmeAccount__deactivate") == [{}, {"acme_account.id": 1}]
    at_pebble.post("/acme-account/1/mark.json", {"action": "active"}, status=400)
    again = at_pebble.post(f"{SERVER}/deactivate.json", fields, status=409).json
    assert again["error"] == "This AcmeAccount can not be deactivated"


def test_deactivation_leads_to_the_account(at_pebble: Site) -> None:
    answer = at_pebble.post(f"{SERVER}/deactivate", {"key_pem": md5(at_pebble)}, status=303)
    assert at_pebble.location(answer) == (
        "/acme-account/1?result=success&operation=acme-server--deactivate"
    )


def test_account_that_was_deactivated_elsewhere_is_marked_so_with_the_ca_s_words(
    at_pebble: Site,
) -> None:
    end_at_ca(at_pebble)
    fields = {"key_pem": md5(at_pebble)}
    errors = at_pebble.post(f"{SERVER}/deactivate.json", fields, status=400).json["form_errors"]
    assert "deactivated" in errors["Error_Main"]
    assert at_pebble.json("/acme-account/1.json")["AcmeAccount"]["is_deactivated"]


def test_check_tells_of_an_account_that_was_deactivated_elsewhere(at_pebble: Site) -> None:
    end_at_ca(at_pebble)
    found = at_pebble.post(f"{SERVER}/check.json").json
    assert found["acme_server"]["status"] == "deactivated"
    assert found["AcmeAccount"]["is_active"] is False


def test_pending_authorizations_are_given_up_one_by_one(at_pebble: Site) -> None:
    urls = pending_urls(at_pebble)
    with at_pebble.writing() as rows:
        order = rows.order(account(rows.db), "a.example.com", is_processing=True)
        known = authorization(rows, order, url=urls[0])
        gone = authorization(rows, order, url=urls[0].rsplit("/", 1)[0] + "/none")
        done = authorization(rows, order, acme_status_authorization="valid")
        foreign = authorization(rows, rows.order())
        ids = [known.id, gone.id, done.id, foreign.id, 999]
    path = f"{SERVER}/deactivate-pending-authorizations"
    answer = at_pebble.post(f"{path}.json", [("acme_authorization_id", str(i)) for i in ids]).json
    known_, gone_, *others = (answer["results"][str(i)] for i in ids)
    assert (known_, gone_, others) == (True, None, [False, False, False])
    assert answer["AcmeAccount"]["id"] == 1
    with at_pebble.database.session() as db:
        found = db.get(model.AcmeOrder, order.id)
        assert found is not None
        assert (found.acme_status_order, found.is_processing) == ("invalid", None)
        one = db.get(model.AcmeAuthorization, ids[0])
        assert one is not None
        assert one.acme_status_authorization == "deactivated"
        kind = model.AcmeEventLog.acme_event == AcmeEvent.AUTHORIZATION_DEACTIVATE
        logged = db.scalars(select(model.AcmeEventLog).where(kind)).all()
        told = [(e.acme_account_id, e.acme_order_id, e.acme_authorization_id) for e in logged]
        assert told == [(1, None, ids[0]), (1, None, ids[1])]


def test_check_boxes_give_up_some_or_all(at_pebble: Site) -> None:
    urls = [pending_urls(at_pebble)[0] for _ in range(3)]
    with at_pebble.writing() as rows:
        for url in urls:
            authorization(rows, rows.order(account(rows.db)), url=url)
    listed = "/acme-account/1/acme-authorizations"
    form = at_pebble.get(listed).form
    form.set("acme_authorization_id", True, index=0)  # the newest
    done = f"{listed}?status=active&result=success"
    done += "&operation=acme-server--deactivate-pending-authorizations"
    assert at_pebble.location(form.submit(status=303)) == done
    assert states(at_pebble) == ["pending", "pending", "deactivated"]
    form = at_pebble.get(f"{listed}?status=active").form
    form["_select_all"] = True
    assert at_pebble.location(form.submit(status=303)) == done
    assert states(at_pebble) == ["deactivated"] * 3


def states(site: Site) -> list[str]:
    with site.database.session() as db:
        query = select(model.AcmeAuthorization.acme_status_authorization)
        return list(map(str, db.scalars(query.order_by(model.AcmeAuthorization.id))))


def pending_urls(site: Site) -> tuple[str, ...]:
    with site.database.session() as db:
        client = client_of(site.context(db), account(db))
        return acme_v2.orders.new(client, [unused_name()]).authorizations


def test_given_up_authorizations_lead_to_the_pending_ones(at_pebble: Site) -> None:
    answer = at_pebble.post(
        f"{SERVER}/deactivate-pending-authorizations", {"authorization_id": "7"}, status=303
    )
    assert at_pebble.location(answer) == (
        "/acme-account/1/acme-authorizations?status=active&result=success"
        "&operation=acme-server--deactivate-pending-authorizations"
    )


class TestExternalAccountBinding:
    """A CA that registers its customers only."""

    KID, HMAC_KEY = "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wE"
    OTHER_KEY = "AAAAZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wE"

    @pytest.fixture
    def ca(self, site: Site, start_pebble: StartPebble) -> Pebble:
        ca = start_pebble(Options(eab=((self.KID, self.HMAC_KEY),)))
        know(site, ca)
        return ca

    def refused(self, site: Site, **fields: str) -> Any:
        made = registered(site, status=400, **fields)["form_errors"]
        assert site.json("/acme-accounts.json")["AcmeAccounts"] == {}
        return made

    def test_account_is_registered(self, site: Site, ca: Pebble) -> None:
        made = registered(site, eab_kid=self.KID, eab_hmac_key=self.HMAC_KEY)
        assert made["account_url"]

    def test_form_asks_for_it_before_the_ca_does(self, site: Site, ca: Pebble) -> None:
        with ca.counting() as asked:
            errors = self.refused(site)
        assert set(errors) == {"Error_Main", "eab_kid", "eab_hmac_key"}
        assert not [path for method, path in asked if method == "POST"]

    def test_unknown_kid_in_the_ca_s_words(self, site: Site, ca: Pebble) -> None:
        errors = self.refused(site, eab_kid="kid-2", eab_hmac_key=self.HMAC_KEY)
        assert "kid" in errors["Error_Main"]

    def test_wrong_key_in_the_ca_s_words(self, site: Site, ca: Pebble) -> None:
        errors = self.refused(site, eab_kid=self.KID, eab_hmac_key=self.OTHER_KEY)
        assert "external account binding JWS verification error" in errors["Error_Main"]

    def test_uploaded_account_is_registered_with_it_when_it_is_used(
        self, site: Site, ca: Pebble
    ) -> None:
        pem = site.x509.new_key("EC", 256)  # type: ignore[arg-type]
        upload = {
            "account_key_file_pem": pem,
            "acme_account_provider_id": "1",
            "account__contact": "ops@example.com",
            "account__private_key_cycle": "single_certificate",
        }
        site.post("/acme-account/upload.json", upload)
        refused = site.post(f"{SERVER}/authenticate.json", status=409).json["error"]
        assert "external account binding" in refused
        binding = {"eab_kid": self.KID, "eab_hmac_key": self.HMAC_KEY}
        site.post("/acme-account/upload.json", {**upload, **binding})
        found = site.post(f"{SERVER}/authenticate.json").json["AcmeAccount"]
        assert found["account_url"]

    def test_binding_is_shown_nowhere(
        self, site: Site, ca: Pebble, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        shown = []
        fields = {"eab_kid": self.KID, "eab_hmac_key": self.HMAC_KEY}
        for path in ("/acme-account/new", "/acme-account/new.json"):
            shown.append(site.post(path, {**fields, "account__contact": "x"}, status=400).text)
        registered(site, **fields)
        for path in ("", "/edit", "/edit?help", "/parse.json", "/acme-account-keys", ".json"):
            shown.append(site.get(f"/acme-account/1{path}").text)
        shown.append(site.get("/acme-accounts").text)
        shown.append(site.post(f"{SERVER}/check.json").text)
        with site.database.session() as db:
            shown.append(repr(account(db)))
            payloads = db.scalars(select(model.OperationsEvent.event_payload))
            shown.extend(payloads)
        shown.append(caplog.text)
        assert not [text for text in shown if self.HMAC_KEY in text]
        in_forms = shown[0]  # the key id is no secret there: it was just typed
        assert not [text for text in shown[1:-1] if f'"{self.KID}"' in text]
        assert 'name="eab_kid"' in in_forms
