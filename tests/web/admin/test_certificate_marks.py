"""Marks of certificates: ours alone, and at once in force for their names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import OperationsEventType

from .acme_site import Site
from .certificate_rows import stored
from .test_private_key_marks import event_of, latest

MARK = "/certificate-signed/1/mark"
REVOKE = "/certificate-signed/1/acme-server/revoke"


def marked(site: Site, action: str, status: int = 200) -> Any:
    return site.post(f"{MARK}.json", {"action": action}, status=status).json


def test_inactive_and_active_again_are_in_force_at_once(site: Site) -> None:
    stored(site)
    assert marked(site, "inactive")["CertificateSigned"]["is_active"] is False
    assert latest(site) is None
    assert marked(site, "active")["CertificateSigned"]["is_active"] is True
    assert latest(site) == 1


def test_mark_is_logged(site: Site) -> None:
    stored(site)
    marked(site, "inactive")
    payload = event_of(site, OperationsEventType.CERTIFICATE_SIGNED_MARK)
    assert payload == {"v": 1, "certificate_signed.id": 1, "action": "inactive"}
    with site.database.session() as db:
        status = db.scalars(
            select(model.OperationsObjectEvent.operations_object_event_status).where(
                model.OperationsObjectEvent.certificate_signed_id == 1
            )
        ).all()
    assert status == ["CertificateSigned__insert", "CertificateSigned__mark__inactive"]


def test_revoked_here_says_that_the_ca_was_not_told(site: Site) -> None:
    stored(site)
    found = marked(site, "revoked")
    certificate = found["CertificateSigned"]
    assert certificate["is_revoked"] is True
    assert certificate["is_active"] is False
    assert certificate["is_deactivated"] is True
    assert certificate["timestamp_revoked_upstream"] is None
    assert REVOKE.lstrip("/") in found["notes"][0]
    assert latest(site) is None
    assert "Marked revoked here only" in site.get("/certificate-signed/1").text
    payload = event_of(site, OperationsEventType.CERTIFICATE_SIGNED_REVOKE)
    assert payload == {"v": 1, "certificate_signed.id": 1, "action": "revoked"}
    with site.database.session() as db:
        report = db.scalars(select(model.CoverageAssuranceEvent)).one()
        assert report.coverage_assurance_event_type == "CertificateSigned_revoked_mark"
        assert (report.private_key_id, report.certificate_signed_id) == (1, 1)


@pytest.mark.parametrize(
    ("before", "action", "text"),
    [
        ("", "active", "Already active."),
        ("inactive", "inactive", "Already inactive."),
        ("revoked", "inactive", "Already inactive."),
        ("revoked", "revoked", "Certificate is already revoked"),
        (
            "revoked",
            "active",
            "Certificate is revoked; `active` status can not be changed.",
        ),
        ("revoked", "unrevoke", "Invalid option: `unrevoke`"),
        ("", "unrevoke", "Invalid option: `unrevoke`"),
    ],
)
def test_refusals(site: Site, before: str, action: str, text: str) -> None:
    stored(site)
    if before:
        marked(site, before)
    assert text in marked(site, action, 400)["form_errors"]["Error_Main"]


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("is_compromised_private_key", "has a compromised PrivateKey"),
        ("is_deactivated", "was deactivated"),
    ],
)
def test_what_was_taken_out_of_use_for_ever_stays_so(site: Site, fact: str, text: str) -> None:
    stored(site)
    with site.writing() as rows:
        certificate = rows.db.get(model.CertificateSigned, 1)
        certificate.is_active = False
        setattr(certificate, fact, True)
    assert text in marked(site, "active", 400)["form_errors"]["Error_Main"]


def test_page_leads_back_to_the_certificate(site: Site) -> None:
    stored(site)
    answer = site.post(MARK, {"action": "inactive"}, status=303)
    path = "/certificate-signed/1?result=success&operation=mark&action=inactive"
    assert site.location(answer) == path


def test_get_explains(site: Site) -> None:
    stored(site)
    shown = site.json(f"{MARK}.json")
    assert shown["valid_options"]["action"] == ["active", "inactive", "revoked", "unrevoke"]
    answer = site.get(MARK, status=303)
    path = "/certificate-signed/1?result=error&error=post+required&operation=mark"
    assert site.location(answer) == path
    assert "CA is not told" in site.get(f"{MARK}?confirm=1&action=revoked").text


def test_form_of_revocation_tells_what_follows(site: Site) -> None:
    stored(site)
    page = site.get(REVOKE)
    assert "This will happen" in page.text
    assert page.forms[0]["revoke_with"].value == "certificate_key"  # no account has ordered it
    assert page.forms[0]["reason"].value == "unspecified"
    words = site.json(f"{REVOKE}.json")["valid_options"]
    assert len(words["reason"]) == 10
    assert words["revoke_with"] == ["account_key", "certificate_key"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": "boredom"}, "reason"),
        ({"reason": "7"}, "reason"),
        ({"reason": "11"}, "reason"),
        ({"revoke_with": "account_key"}, "revoke_with"),
        ({"revoke_with": "certificate_key"}, "acme_account_provider_id"),
        ({}, "acme_account_provider_id"),
        ({"acme_account_provider_id": "99"}, "acme_account_provider_id"),
    ],
)
def test_revocation_that_can_not_be_asked_for(
    site: Site, fields: dict[str, str], field: str
) -> None:
    stored(site)
    found = site.post(f"{REVOKE}.json", fields, status=400).json
    assert field in found["form_errors"]
    assert site.json("/certificate-signed/1.json")["CertificateSigned"]["is_active"] is True


def test_revocation_without_the_certificates_key_is_refused(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        rows.db.get(model.CertificateSigned, 1).private_key = rows.placeholder()
    found = site.post(f"{REVOKE}.json", {"reason": "1"}, status=400).json
    assert "is not here" in found["form_errors"]["revoke_with"]


def test_account_that_is_inactive_can_not_revoke(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        order = rows.order(rows.account(is_active=False), "example.com")
        order.certificate_signed = rows.db.get(model.CertificateSigned, 1)
    found = site.post(f"{REVOKE}.json", {"revoke_with": "account_key"}, status=400).json
    assert "use the certificate's own key" in found["form_errors"]["revoke_with"]


def test_certificate_that_the_ca_has_revoked_is_not_revoked_again(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        certificate = rows.db.get(model.CertificateSigned, 1)
        certificate.timestamp_revoked_upstream = rows.ctx.now
    found = site.post(f"{REVOKE}.json", {"reason": "superseded"}, status=409).json
    assert found["operation"] == "acme-server/revoke"
    assert "already" in found["error"]


def test_ca_that_is_out_of_reach_revokes_nothing(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        rows.provider(directory="https://127.0.0.1:9/dir", is_default=True)
    found = site.post(f"{REVOKE}.json", {"reason": "superseded"}, status=502).json
    assert found["result"] == "error"
    assert site.json("/certificate-signed/1.json")["CertificateSigned"]["is_revoked"] is False
    answer = site.post(REVOKE, {"reason": "superseded"}, status=303)
    assert site.location(answer).startswith("/certificate-signed/1?result=error&error=")
