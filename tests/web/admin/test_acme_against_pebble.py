"""Accounts and orders over HTTP with a real CA: what clients of the JSON see, step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from peter_sslers import model
from peter_sslers.lib import acme_v2
from peter_sslers.lib.actions.acme import client_of

from ...services.pebble import Pebble
from ...services.peter import Peter, StartPeter, unused_name
from .acme_site import Site
from .ca import NEW_ACCOUNT, know

pytestmark = pytest.mark.service("pebble")

OBSERVED = {
    "id",
    "AcmeAccount",
    "acme_status_order",
    "acme_order_type",
    "acme_order_processing_status",
    "acme_order_processing_strategy",
    "acme_process_steps",
    "certificate_request_id",
    "domains_as_list",
    "domains_challenged",
    "finalize_url",
    "certificate_url",
    "is_processing",
    "is_auto_renew",
    "is_can_acme_process",
    "is_can_mark_invalid",
    "is_can_retry",
    "is_renewable_custom",
    "is_renewable_queue",
    "is_renewable_quick",
    "is_can_acme_server_deactivate_authorizations",
    "is_renewed",
    "order_url",
    "PrivateKey",
    "certificate_signed_id",
    "certificate_signed_id__renewal_of",
    "timestamp_created",
    "timestamp_expires",
    "timestamp_finalized",
    "timestamp_updated",
    "unique_fqdn_set_id",
    "url_acme_server_sync",
    "url_acme_certificate_signed_download",
    "url_acme_process",
    "private_key_cycle__renewal",
    "private_key_strategy__requested",
    "private_key_strategy__final",
    "acme_authorization_ids",
}


@pytest.fixture(scope="module")
def peter(start_peter: StartPeter, pebble: Pebble) -> Iterator[Peter]:
    started = start_peter(pebble)
    started.account()
    yield started
    started.stop()


def placed(peter: Peter, name: str, strategy: str, status: int = 200, **more: str) -> Any:
    fields = peter.order_fields([name], strategy, **more)
    answer = peter.post("/acme-order/new/freeform", **fields)
    assert answer.status_code == status, answer.text
    return answer.json()


def done(peter: Peter, order: dict[str, Any], action: str) -> Any:
    return peter.posted(f"/acme-order/{order['id']}/{action}")


def test_new_account_is_registered(peter: Peter) -> None:
    account = peter.account()
    assert account["account_url"].startswith("https://")
    assert account["AcmeAccountKey"]["acme_account_key_source"] == "generated"


def test_contact_is_registered_once_at_a_ca(peter: Peter) -> None:
    account = peter.account()
    fields = {
        "acme_account_provider_id": str(account["acme_account_provider_id"]),
        "account__contact": account["contact"].upper(),
        "account__private_key_cycle": "single_certificate",
        "account__private_key_technology": "RSA",
    }
    answer = peter.post("/acme-account/new", **fields)
    assert answer.status_code == 400
    assert "already associated" in answer.json()["form_errors"]["account__contact"]


def test_account_is_authenticated(peter: Peter) -> None:
    account = peter.account()
    found = peter.posted(f"/acme-account/{account['id']}/acme-server/authenticate")
    assert found["AcmeAccount"]["account_url"] == account["account_url"]
    page = peter.http.post(
        f"{peter.url}/acme-account/{account['id']}/acme-server/authenticate",
        allow_redirects=False,
        timeout=30,
    )
    assert page.status_code == 303
    assert page.headers["Location"].endswith(
        f"/acme-account/{account['id']}?result=success&operation=acme-server--authenticate"
        "&is_authenticated=True"
    )


def test_account_that_the_ca_knows_is_merged_with_the_older_one(site: Site, pebble: Pebble) -> None:
    know(site, pebble)
    older = site.post("/acme-account/new.json", NEW_ACCOUNT).json["AcmeAccount"]
    with site.writing() as rows:  # as if the key had come from elsewhere
        key = rows.db.get(model.AcmeAccountKey, 1)
        pem, key.key_pem = key.key_pem, "lost"
        key.spki_sha256 = key.key_pem_md5 = "lost"
    upload = {
        "account_key_file_pem": pem,
        "acme_account_provider_id": "1",
        "account__contact": "second@example.com",
        "account__private_key_cycle": "single_certificate",
    }
    assert site.post("/acme-account/upload.json", upload).json["AcmeAccount"]["id"] == 2
    answer = site.post("/acme-account/2/acme-server/authenticate.json").json
    assert answer["AcmeAccount"]["id"] == older["id"]
    assert answer["AcmeAccount"]["account_url"] == older["account_url"]
    assert answer["AcmeAccount"]["AcmeAccountKey"]["key_pem"] == pem
    site.get("/acme-account/2.json", status=404)


def test_account_that_the_ca_has_deactivated_is_marked_so(site: Site, pebble: Pebble) -> None:
    know(site, pebble)
    site.post("/acme-account/new.json", NEW_ACCOUNT)
    with site.database.session() as db:
        account = db.get(model.AcmeAccount, 1)
        assert account is not None
        acme_v2.accounts.deactivate(client_of(site.context(db), account))
    answer = site.post("/acme-account/1/acme-server/authenticate.json").json
    assert answer["AcmeAccount"]["is_active"] is False
    assert answer["AcmeAccount"]["is_deactivated"]


def test_whole_order_in_one_request(peter: Peter) -> None:
    name = unused_name()
    answer = placed(peter, name, "process_single")
    order = answer["AcmeOrder"]
    assert answer["result"] == "success"
    assert set(order) >= OBSERVED
    assert order["acme_status_order"] == "valid"
    assert order["acme_order_processing_status"] == "certificate_downloaded"
    assert order["private_key_strategy__final"] == "deferred-associate"
    assert order["is_can_acme_process"] is False
    assert order["url_acme_process"] is None
    issued = peter.get(f"/certificate-signed/{order['certificate_signed_id']}")["CertificateSigned"]
    assert issued["domains_as_list"] == [name]


def test_whole_order_step_by_step(peter: Peter) -> None:
    order = placed(peter, unused_name(), "create_order")["AcmeOrder"]
    assert order["acme_process_steps"]["next_step"] == "challenge"
    assert order["PrivateKey"] == {"id": 0, "key_pem_md5": None}
    first = done(peter, order, "acme-process")
    assert (first["result"], first["operation"]) == ("success", "acme-process")
    assert first["AcmeOrder"]["acme_process_steps"]["authorizations_remaining"] == 0
    assert first["AcmeOrder"]["is_can_acme_process"] is True
    second = done(peter, order, "acme-process")["AcmeOrder"]
    assert second["acme_status_order"] == "valid"
    assert second["certificate_signed_id"] is not None
    answer = peter.post(f"/acme-order/{order['id']}/acme-finalize")
    assert (answer.status_code, answer.json()["operation"]) == (409, "finalize-order")


def test_sync_and_finalize(peter: Peter) -> None:
    order = placed(peter, unused_name(), "process_multi")["AcmeOrder"]
    done(peter, order, "acme-process")
    synced = done(peter, order, "acme-server/sync")
    assert (synced["operation"], synced["AcmeOrder"]["acme_status_order"]) == (
        "acme-server/sync",
        "ready",
    )
    final = done(peter, order, "acme-finalize")
    assert final["operation"] == "finalize-order"
    assert final["AcmeOrder"]["acme_order_processing_status"] == "certificate_downloaded"


def test_order_on_the_page_leads_to_the_order(peter: Peter) -> None:
    fields = peter.order_fields([unused_name()], "create_order")
    page = peter.http.post(
        f"{peter.url}/acme-order/new/freeform", data=fields, allow_redirects=False, timeout=60
    )
    assert page.status_code == 303
    at = page.headers["Location"]
    assert at.rpartition("/")[2].isdigit()
    assert "Next step: prove control of" in peter.http.get(at, timeout=30).text


def test_name_that_leads_nowhere_fails_with_the_cas_words(peter: Peter, dead_name: str) -> None:
    answer = placed(peter, dead_name, "process_single", status=502)
    order = answer["AcmeOrder"]
    assert answer["error"] == "`pending` AcmeOrder failed an AcmeAuthorization"
    assert order["acme_status_order"] == "invalid"
    assert order["certificate_url"] is None
    assert order["acme_order_processing_status"] == "processing_deactivated"
    assert dead_name in order["error"]
    assert dead_name in peter.http.get(f"{peter.url}/acme-order/{order['id']}", timeout=30).text


def test_step_that_meets_a_name_first_and_finds_it_dead_is_an_error(
    peter: Peter, dead_name: str
) -> None:
    order = placed(peter, dead_name, "create_order")["AcmeOrder"]
    answer = peter.post(f"/acme-order/{order['id']}/acme-process")
    assert (answer.status_code, answer.json()["operation"]) == (502, "acme-process")
    assert answer.json()["AcmeOrder"]["acme_status_order"] == "invalid"


def test_step_that_finds_a_challenge_dead_tells_so_with_the_order(
    peter: Peter, dead_name: str
) -> None:
    order = placed(peter, dead_name, "create_order")["AcmeOrder"]
    path = f"/acme-authorization/{order['acme_authorization_ids'][0]}"
    synced = peter.posted(f"{path}/acme-server/sync")
    assert synced["operation"] == "acme-server/sync"
    assert synced["AcmeAuthorization"]["acme_status_authorization"] == "pending"
    answer = peter.post(f"/acme-order/{order['id']}/acme-process")
    assert answer.status_code == 502
    assert answer.json()["AcmeOrder"]["acme_status_order"] == "invalid"
    found = peter.get(path)["AcmeAuthorization"]
    assert found["acme_status_authorization"] == "invalid"
    challenge = peter.get(f"/acme-challenge/{found['acme_challenge_http_01_id']}")["AcmeChallenge"]
    assert challenge["acme_status_challenge"] == "invalid"
    assert challenge["acme_challenge_fail_type"] == "upstream-validation"
    assert challenge["error"]


def test_refused_order_leaves_nothing_but_the_words(peter: Peter) -> None:
    before = peter.get("/acme-orders/all")["pagination"]["total_items"]
    answer = placed(peter, "www.blocked.example", "create_order", status=502)
    assert answer["result"] == "error"
    assert "rejectedIdentifier" in answer["error"]
    assert "AcmeOrder" not in answer
    assert peter.get("/acme-orders/all")["pagination"]["total_items"] == before


def test_polls_and_the_event_log_tell_of_an_order(peter: Peter) -> None:
    name = unused_name()
    order = placed(peter, name, "process_single")["AcmeOrder"]
    logged = peter.get(f"/acme-order/{order['id']}/acme-event-logs")["AcmeEventLogs"]
    words = {row["acme_event"] for row in logged.values()}
    assert words >= {
        "v2|newOrder",
        "v2|-authorization-request",
        "v2|-challenge-trigger",
        "v2|-challenge-pass",
        "v2|Order-finalize",
        "v2|Certificate-procured",
    }
    mine = polls_of(peter, name)
    assert mine[0]["remote_ip_address"]["ip_address"] == "127.0.0.1"


def polls_of(peter: Peter, name: str) -> list[dict[str, Any]]:
    """They are written beside the answers, a little later."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        polls = peter.get("/acme-challenge-polls")["AcmeChallengePolls"].values()
        if mine := [p for p in polls if p["AcmeChallenge"]["domain"]["domain_name"] == name]:
            return mine
        time.sleep(0.05)
    raise AssertionError(f"no poll of {name} was logged")
