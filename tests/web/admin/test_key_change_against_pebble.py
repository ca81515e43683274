"""Key rollover with a real CA, and what becomes of one that is cut off."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from peter_sslers import model
from peter_sslers.lib import acme_v2
from peter_sslers.lib.acme_v2 import Problem, Unreachable, jws
from peter_sslers.lib.actions import account_key_change, account_keys
from peter_sslers.lib.actions.acme import client_of, server_of

from ...services.pebble import Pebble
from .acme_site import NOW, Site
from .ca import account, authorization, events_of, know, registered, words_logged

pytestmark = pytest.mark.service("pebble")

SERVER = "/acme-account/1/acme-server"


def key_of(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.json("/acme-account/1.json")["AcmeAccount"]["AcmeAccountKey"]
    return found


def proof(site: Site) -> dict[str, str]:
    return {"key_pem_existing": key_of(site)["key_pem_md5"]}


def keys(site: Site) -> list[tuple[int, bool, bool]]:
    """(id, active, retired) of the account's keys."""
    with site.database.session() as db:
        return [
            (key.id, bool(key.is_active), key.timestamp_deactivated is not None)
            for key in account(db).acme_account_keys_all
        ]


def asked_with(site: Site, number: int) -> str:
    """What the CA says to a request that is signed with a key of ours: "" or a problem's type."""
    with site.database.session() as db:
        ctx = site.context(db)
        key = db.get(model.AcmeAccountKey, number)
        assert key is not None
        server = server_of(ctx, account(db).acme_account_provider)
        client = account_keys.client(ctx, server, account(db), key)
        try:
            acme_v2.accounts.fetch(client)
        except Problem as exc:
            return exc.type
        return ""


def test_new_key_signs_and_the_old_one_is_refused(at_pebble: Site) -> None:
    old = key_of(at_pebble)
    found = at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble)).json
    assert found["result"] == "success"
    new = found["AcmeAccount"]["AcmeAccountKey"]
    assert new["key_pem"] != old["key_pem"]
    assert (new["acme_account_key_source"], new["key_technology"]) == ("generated", "RSA")
    assert keys(at_pebble) == [(1, False, True), (2, True, False)]
    assert asked_with(at_pebble, 1) != ""
    assert asked_with(at_pebble, 2) == ""
    done = {"acme_account.id": 1, "acme_account_key-old.id": 1, "acme_account_key-new.id": 2}
    assert events_of(at_pebble, "AcmeAccount__key_change") == [{}, done]
    assert "v2|keyChange" in words_logged(at_pebble)


def test_key_change_leads_to_the_account(at_pebble: Site) -> None:
    answer = at_pebble.post(f"{SERVER}/key-change", proof(at_pebble), status=303)
    assert at_pebble.location(answer) == (
        "/acme-account/1?&result=success&operation=acme-server--key-change"
    )


def test_account_may_go_over_to_an_elliptic_curve(at_pebble: Site) -> None:
    fields = {**proof(at_pebble), "account__key_technology": "EC"}
    found = at_pebble.post(f"{SERVER}/key-change.json", fields).json["AcmeAccount"]
    assert found["AcmeAccountKey"]["key_technology"] == "EC"
    again = at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble)).json["AcmeAccount"]
    assert again["AcmeAccountKey"]["key_technology"] == "EC"


def test_account_may_have_an_elliptic_curve_from_the_beginning(site: Site, pebble: Pebble) -> None:
    know(site, pebble)
    made = registered(site, account__key_technology="EC")
    assert made["AcmeAccountKey"]["key_technology"] == "EC"
    assert asked_with(site, 1) == ""


def test_pending_challenges_name_the_new_key(at_pebble: Site) -> None:
    with at_pebble.writing() as rows:
        challenge = authorization(rows, rows.order(account(rows.db))).acme_challenges[0]
        other = authorization(rows, rows.order()).acme_challenges[0]
        before = other.keyauthorization
    at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble))
    with at_pebble.database.session() as db:
        key = client_of(at_pebble.context(db), account(db)).key
        found = db.get(model.AcmeChallenge, challenge.id)
        assert found is not None
        assert found.keyauthorization == jws.key_authorization(found.token or "", key)
        untouched = db.get(model.AcmeChallenge, other.id)
        assert untouched is not None
        assert untouched.keyauthorization == before


def test_refused_key_change_leaves_no_key(at_pebble: Site) -> None:
    with at_pebble.database.session() as db:
        acme_v2.accounts.deactivate(client_of(at_pebble.context(db), account(db)))
    answer = at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble), status=400).json
    assert "deactivated" in answer["form_errors"]["Error_Main"]
    assert keys(at_pebble) == [(1, True, False)]


class Killed(BaseException):
    """The process ends here."""


def killed(*_args: Any) -> None:
    raise Killed


def lost(*_args: Any) -> None:
    raise Unreachable("the line is dead")


def test_killed_after_the_ca_has_taken_the_new_key(
    at_pebble: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(account_keys, "swap", killed)
        with at_pebble.database.session() as db:
            md5 = key_of(at_pebble)["key_pem_md5"]
            account_key_change.key_change(at_pebble.context(db), account(db), md5)
    assert keys(at_pebble) == [(1, True, False), (2, False, False)]
    assert at_pebble.post(f"{SERVER}/check.json").json["acme_server"]["status"] == "valid"
    assert keys(at_pebble) == [(1, False, True), (2, True, False)]


def test_killed_before_the_ca_has_heard_of_the_new_key(
    at_pebble: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(acme_v2.accounts, "key_change", lost)
        answer = at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble), status=502).json
    assert answer["AcmeAccount"]["id"] == 1
    assert "when the account is next used" in answer["error"]
    assert at_pebble.post(f"{SERVER}/check.json").json["acme_server"]["status"] == "valid"
    assert keys(at_pebble) == [(1, True, False), (2, False, False)]
    again = at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble), status=409).json
    assert "under way" in again["error"]


def test_key_that_the_ca_never_got_is_retired_in_the_end(
    at_pebble: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(acme_v2.accounts, "key_change", lost)
        at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble), status=502)
    with at_pebble.writing() as rows:
        account(rows.db).timestamp_key_change_began = NOW - timedelta(days=1)
    at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble))
    assert keys(at_pebble) == [(1, False, True), (2, False, True), (3, True, False)]


def test_answer_that_was_lost_is_found_out(
    at_pebble: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = acme_v2.accounts.key_change

    def done_and_lost(*args: Any) -> None:
        do(*args)
        lost()

    with monkeypatch.context() as patch:
        patch.setattr(acme_v2.accounts, "key_change", done_and_lost)
        at_pebble.post(f"{SERVER}/key-change.json", proof(at_pebble), status=502)
    at_pebble.post(f"{SERVER}/authenticate.json")
    assert keys(at_pebble) == [(1, False, True), (2, True, False)]
    assert asked_with(at_pebble, 2) == ""
