"""Marks of private keys, and what falls with a compromised one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import CoverageAssuranceEventType, OperationsEventType
from peter_sslers.lib.store import unique_fqdn_sets

from ... import factories
from .acme_site import Site
from .certificate_rows import CHAIN, EC256, pem, stored

MARK = "/private-key/1/mark"


def marked(site: Site, action: str, status: int = 200) -> Any:
    return site.post(f"{MARK}.json", {"action": action}, status=status).json


def latest(site: Site, name: str = "example.com") -> int | None:
    with site.database.session() as db:
        domain = db.scalars(select(model.Domain).where(model.Domain.domain_name == name)).one()
        return domain.certificate_signed_id__latest_single


def event_of(site: Site, kind: OperationsEventType) -> Any:
    with site.database.session() as db:
        query = select(model.OperationsEvent).where(
            model.OperationsEvent.operations_event_type == kind
        )
        return db.scalars(query).one().event_payload_json


def test_inactive_and_active_again(site: Site) -> None:
    stored(site)
    assert marked(site, "inactive")["PrivateKey"]["is_active"] is False
    assert latest(site) == 1  # its certificates stay as they are
    found = marked(site, "active")
    assert found["result"] == "success"
    assert found["PrivateKey"]["is_active"] is True


@pytest.mark.parametrize(
    ("before", "action", "text"),
    [
        ([], "active", "Already activated."),
        (["inactive"], "inactive", "Already deactivated"),
        (["compromised"], "inactive", "Already deactivated"),
        (["compromised"], "active", "Can not activate a compromised key"),
        (["compromised"], "compromised", "Already compromised"),
    ],
)
def test_refused_marks_leave_no_trace(
    site: Site, before: list[str], action: str, text: str
) -> None:
    stored(site)
    for earlier in before:
        marked(site, earlier)
    events = site.database.session().query(model.OperationsEvent).count()
    assert text in marked(site, action, 400)["form_errors"]["Error_Main"]
    assert site.database.session().query(model.OperationsEvent).count() == events


def test_placeholder_can_not_be_marked(site: Site) -> None:
    with site.writing() as rows:
        rows.placeholder()
    found = site.post("/private-key/0/mark.json", {"action": "inactive"}, status=400).json
    assert "can not be marked" in found["form_errors"]["Error_Main"]


def test_wrong_word(site: Site) -> None:
    stored(site)
    assert set(marked(site, "stolen", 400)["form_errors"]) == {"action", "Error_Main"}


def test_page_leads_back_to_the_key(site: Site) -> None:
    stored(site)
    answer = site.post(MARK, {"action": "inactive"}, status=303)
    assert site.location(answer) == "/private-key/1?result=success&operation=mark&action=inactive"
    answer = site.post(MARK, {"action": "inactive"}, status=303)
    assert site.location(answer).startswith("/private-key/1?result=error&error=")
    assert site.location(answer).endswith("&operation=mark&action=inactive")


def test_get_explains_and_asks_to_confirm(site: Site) -> None:
    stored(site)
    assert site.json(f"{MARK}.json")["valid_options"]["action"] == [
        "compromised",
        "active",
        "inactive",
    ]
    answer = site.get(MARK, status=303)
    assert site.location(answer) == "/private-key/1?result=error&error=post+required&operation=mark"
    page = site.get(f"{MARK}?confirm=1&action=compromised").text
    assert "for ever" in page
    assert 'id="sure"' in page


def test_compromised_takes_the_certificates_down(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        factories.certificate(
            rows.db,
            private_key=rows.db.get(model.PrivateKey, 1),
            unique_fqdn_set=rows.db.get(model.UniqueFQDNSet, 1),
            is_active=False,
        )
    key = marked(site, "compromised")["PrivateKey"]
    assert (key["is_active"], key["is_compromised"]) == (False, True)
    for number in (1, 2):
        certificate = site.json(f"/certificate-signed/{number}.json")["CertificateSigned"]
        assert certificate["is_compromised_private_key"] is True
        assert certificate["is_revoked"] is True
        assert certificate["is_active"] is False
        assert certificate["is_deactivated"] is False
        assert certificate["timestamp_revoked_upstream"] is None
    assert latest(site) is None


def test_compromise_is_reported_for_the_key_and_each_certificate(site: Site) -> None:
    stored(site)
    marked(site, "compromised")
    with site.database.session() as db:
        parent, child = db.scalars(
            select(model.CoverageAssuranceEvent).order_by(model.CoverageAssuranceEvent.id)
        )
        for event in (parent, child):
            kind = CoverageAssuranceEventType.PRIVATE_KEY_COMPROMISED_MARK
            assert event.coverage_assurance_event_type is kind
            assert event.coverage_assurance_event_status == "reported+deactivated"
            assert event.coverage_assurance_resolution == "unresolved"
            assert event.private_key_id == 1
        assert (parent.certificate_signed_id, child.certificate_signed_id) == (None, 1)
        assert child.coverage_assurance_event_id__parent == parent.id


def test_compromise_is_logged_with_what_fell(site: Site) -> None:
    stored(site)
    marked(site, "compromised")
    assert event_of(site, OperationsEventType.PRIVATE_KEY_REVOKE) == {
        "v": 1,
        "private_key.id": 1,
        "action": "compromised",
        "coverage_assurance_event.id": 1,
        "coverage_assurance_event__children.id": [2],
        "certificate_signeds.revoked": {"active": [1], "inactive": []},
    }
    recents = event_of(site, OperationsEventType.OPERATIONS_UPDATE_RECENTS_DOMAINS)
    assert recents == {"v": 1, "domain.ids": [1], "unique_fqdn_set.ids": [1]}


def test_compromise_of_a_key_without_certificates_is_logged_briefly(site: Site) -> None:
    site.post("/private-key/upload.json", {"private_key_file_pem": EC256})
    marked(site, "compromised")
    payload = event_of(site, OperationsEventType.PRIVATE_KEY_REVOKE)
    assert payload == {"v": 1, "private_key.id": 1, "action": "compromised"}


def test_names_fall_back_on_the_next_certificate(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        other = factories.certificate(
            rows.db,
            unique_fqdn_set=unique_fqdn_sets.get_or_create(rows.ctx, ["example.com"]),
            is_single_domain_cert=True,
        )
        rows.db.flush()
        number = other.id
    marked(site, "compromised")
    assert latest(site) == number


def test_compromised_key_is_known_again_in_any_wrapping(site: Site) -> None:
    stored(site)
    marked(site, "compromised")
    found = site.post(
        "/private-key/upload.json", {"private_key_file_pem": pem("keys/ec256_traditional")}
    ).json
    assert found["is_created"] is False
    assert found["PrivateKey"]["is_compromised"] is True


def test_certificate_of_a_compromised_key_is_stored_inactive(site: Site) -> None:
    site.post("/private-key/upload.json", {"private_key_file_pem": EC256})
    marked(site, "compromised")
    number = stored(site, [CHAIN])
    found = site.json(f"/certificate-signed/{number}.json")["CertificateSigned"]
    assert (found["is_active"], found["is_compromised_private_key"]) == (False, True)
    assert latest(site) is None
    refused = site.post(f"/certificate-signed/{number}/mark.json", {"action": "active"}, status=400)
    assert "compromised PrivateKey" in refused.json["form_errors"]["Error_Main"]


@pytest.mark.parametrize(
    ("option", "fields", "field"),
    [
        ("private_key_existing", {}, "private_key_existing"),
        (
            "private_key_file",
            {"private_key_file_pem": pem("keys/ec256_traditional")},
            "private_key_file_pem",
        ),
    ],
)
def test_order_refuses_a_compromised_key(
    site: Site, option: str, fields: dict[str, str], field: str
) -> None:
    with site.writing() as rows:
        account = rows.account(account_url="https://ca.example.com/1")
        md5 = account.acme_account_key.key_pem_md5
    stored(site)
    key = marked(site, "compromised")["PrivateKey"]
    form = {
        "domain_names_http01": "a.example.com",
        "account_key_option": "account_key_existing",
        "account_key_existing": md5,
        "processing_strategy": "create_order",
        "private_key_option": option,
        "private_key_existing": key["key_pem_md5"],
        **fields,
    }
    found = site.post("/acme-order/new/freeform.json", form, status=400).json
    assert "PrivateKey 1 is compromised" in found["form_errors"][field]


def test_compromised_key_can_not_become_an_accounts(site: Site) -> None:
    with site.writing() as rows:
        rows.provider()
    stored(site)
    marked(site, "compromised")
    form = {
        "account_key_file_pem": pem("keys/ec256_traditional"),
        "acme_account_provider_id": "1",
        "account__contact": "ops@example.com",
        "account__private_key_cycle": "single_certificate",
    }
    found = site.post("/acme-account/upload.json", form, status=400).json
    assert "compromised" in found["form_errors"]["account_key_file_pem"]


def test_where_a_key_is_used_is_shown_both_ways(site: Site) -> None:
    stored(site)
    assert list(site.json("/private-key/1/certificate-signeds.json")["CertificateSigneds"]) == ["1"]
    assert "/private-key/1" in site.get("/certificate-signed/1").text
