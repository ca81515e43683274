"""Revocation and alternate chains through Peter's own JSON, with Pebble as the CA."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from peter_sslers.lib import acme_v2, x509
from peter_sslers.lib.x509.pem import pem_to_der

from .pebble import Options, Pebble, StartPebble
from .peter import Peter, StartPeter, unused_name

pytestmark = pytest.mark.service("pebble")


@pytest.fixture(scope="module")
def ca(start_pebble: StartPebble) -> Pebble:
    return start_pebble(Options(alternate_roots=2, chain_length=2, orders_per_page=4))


@pytest.fixture(scope="module")
def peter(start_peter: StartPeter, ca: Pebble) -> Iterator[Peter]:
    started = start_peter(ca)
    started.account()
    yield started
    started.stop()


def issued(peter: Peter, name: str = "") -> dict[str, Any]:
    order = peter.order([name or unused_name()])
    return certificate(peter, order["certificate_signed_id"])


def certificate(peter: Peter, number: int) -> dict[str, Any]:
    found: dict[str, Any] = peter.get(f"/certificate-signed/{number}")["CertificateSigned"]
    return found


def revoked(peter: Peter, number: int, **fields: str) -> dict[str, Any]:
    answer: dict[str, Any] = peter.posted(
        f"/certificate-signed/{number}/acme-server/revoke", **fields
    )
    return answer


def at_the_ca(ca: Pebble, certificate: dict[str, Any]) -> Any:
    return json.loads(ca.management(f"/cert-status-by-serial/{certificate['serial'].lower()}"))


@pytest.mark.parametrize("signer", ["account_key", "certificate_key"])
def test_certificate_is_revoked_with_either_key(peter: Peter, ca: Pebble, signer: str) -> None:
    before = issued(peter)
    assert at_the_ca(ca, before)["Status"] == "Valid"
    answer = revoked(peter, before["id"], reason="superseded", revoke_with=signer)
    assert (answer["result"], answer["operation"]) == ("success", "acme-server/revoke")
    assert answer["is_already_revoked"] is False
    status = at_the_ca(ca, before)
    assert (status["Status"], status["Reason"]) == ("Revoked", 4)
    after = answer["CertificateSigned"]
    assert (after["is_revoked"], after["is_active"]) == (True, False)
    told = datetime.fromisoformat(after["timestamp_revoked_upstream"]).replace(tzinfo=UTC)
    assert abs(told.timestamp() - time.time()) < 600


def test_revocation_without_fields_gives_no_reason(peter: Peter, ca: Pebble) -> None:
    before = issued(peter)
    revoked(peter, before["id"])
    status = at_the_ca(ca, before)
    assert (status["Status"], status.get("Reason", 0)) == ("Revoked", 0)


def test_revoked_certificate_is_its_names_latest_no_more(peter: Peter) -> None:
    name = unused_name()
    older, newer = issued(peter, name), issued(peter, name)

    def served() -> Any:
        found = peter.get(f"/domain/{name}/config")["certificate_signed__latest_single"]
        return found and int(found["id"])

    assert served() == newer["id"]
    revoked(peter, newer["id"], reason="4")
    assert served() == older["id"]
    revoked(peter, older["id"])
    assert served() is None


def test_what_was_asked_stands_in_the_event_log(peter: Peter) -> None:
    number = issued(peter)["id"]
    revoked(peter, number)
    (logged, *_) = peter.get("/acme-event-logs")["AcmeEventLogs"].values()
    assert logged["acme_event"] == "v2|Certificate-revoke"
    assert logged["certificate_signed_id"] == number


def test_certificate_that_the_ca_had_revoked_is_recorded(peter: Peter, ca: Pebble) -> None:
    """As if another Peter, or the process before it could say so, had asked."""
    before = issued(peter)
    ask_behind_its_back(peter, ca, before)
    answer = revoked(peter, before["id"])
    assert answer["is_already_revoked"] is True
    assert answer["CertificateSigned"]["timestamp_revoked_upstream"]
    again = peter.post(f"/certificate-signed/{before['id']}/acme-server/revoke", reason="4")
    assert again.status_code == 409


def ask_behind_its_back(peter: Peter, ca: Pebble, before: dict[str, Any]) -> None:
    backend = x509.choose()
    key = peter.get(f"/private-key/{before['private_key_id']}")["PrivateKey"]["key_pem"]
    servers = acme_v2.Servers()
    server = servers.get(ca.directory_url, ca_bundle=ca.ca_file.read_text())
    signer = backend.account_key(key)
    client = acme_v2.Client(server, signer)
    acme_v2.revocations.revoke(client, pem_to_der(before["cert_pem"]), 4, signer)
    servers.close()


def test_key_compromise_falls_on_the_key_and_all_its_certificates(peter: Peter, ca: Pebble) -> None:
    first = issued(peter)
    key = peter.get(f"/private-key/{first['private_key_id']}")["PrivateKey"]
    fields = peter.order_fields(
        [unused_name()],
        "process_single",
        private_key_option="private_key_existing",
        private_key_existing=key["key_pem_md5"],
    )
    order = peter.posted("/acme-order/new/freeform", **fields)["AcmeOrder"]
    second = certificate(peter, order["certificate_signed_id"])
    assert second["private_key_id"] == first["private_key_id"]
    revoked(peter, first["id"], reason="keyCompromise", revoke_with="certificate_key")
    assert at_the_ca(ca, first)["Reason"] == 1
    key = peter.get(f"/private-key/{first['private_key_id']}")["PrivateKey"]
    assert (key["is_compromised"], key["is_active"]) == (True, False)
    for number in (first["id"], second["id"]):
        found = certificate(peter, number)
        assert (found["is_compromised_private_key"], found["is_active"]) == (True, False)
    assert certificate(peter, second["id"])["timestamp_revoked_upstream"] is None
    revoked(peter, second["id"], reason="keyCompromise")  # it is still to be told to the CA
    assert at_the_ca(ca, second)["Status"] == "Revoked"


def test_every_alternate_chain_is_stored_and_handed_out_by_its_id(peter: Peter) -> None:
    found = issued(peter)
    chains = found["certificate_ca_chain_ids"]
    assert len(chains) == 3
    assert found["certificate_ca_chain_id__preferred"] == chains[0]
    path = f"/certificate-signed/{found['id']}/via-certificate-ca-chain"
    pems = {peter.get(f"{path}/{chain}/config")["fullchain"]["pem"] for chain in chains}
    assert len(pems) == 3


def test_default_endpoints_follow_a_preference_at_once(peter: Peter) -> None:
    name = unused_name()
    found = issued(peter, name)
    here = f"/certificate-signed/{found['id']}"
    *_, other = found["certificate_ca_chain_ids"]
    chain = peter.get(f"/certificate-ca-chain/{other}")["CertificateCAChain"]
    ca = peter.get(f"/certificate-ca/{chain['certificate_ca_ids'][-1]}")["CertificateCA"]
    slots = peter.get("/certificate-cas/preferred")["PreferenceOrder"]
    peter.posted("/certificate-cas/preferred/add", fingerprint_sha1=ca["fingerprint_sha1"])
    try:
        assert peter.get(f"{here}/config")["chain"]["id"] == str(other)
        served = peter.get(f"/domain/{name}/config")["certificate_signed__latest_single"]
        assert served["chain"]["id"] == str(other)
        for file, text in (
            ("chain.pem", chain["chain_pem"]),
            ("fullchain.pem", found["cert_pem"] + chain["chain_pem"]),
        ):
            assert peter.http.get(f"{peter.url}{here}/{file}", timeout=60).text == text
    finally:
        peter.posted(
            "/certificate-cas/preferred/delete",
            slot=str(len(slots) + 1),
            fingerprint_sha1=ca["fingerprint_sha1"],
        )
    first = found["certificate_ca_chain_ids"][0]
    assert peter.get(f"{here}/config")["chain"]["id"] == str(first)


def test_refusal_of_the_ca_changes_nothing_and_reaches_the_caller(peter: Peter, ca: Pebble) -> None:
    """The last one: the CA has forgotten everything after it."""
    before = issued(peter)
    ca.stop()
    ca.start()
    path = f"/certificate-signed/{before['id']}/acme-server/revoke"
    answer = peter.post(path, revoke_with="certificate_key")
    assert answer.status_code == 502
    assert answer.json()["result"] == "error"
    assert "certificate" in answer.json()["error"]
    after = certificate(peter, before["id"])
    assert (after["is_active"], after["timestamp_revoked_upstream"]) == (True, None)
    logged = next(iter(peter.get("/acme-event-logs")["AcmeEventLogs"].values()))
    assert logged["certificate_signed_id"] == before["id"]
