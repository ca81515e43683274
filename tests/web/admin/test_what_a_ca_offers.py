"""A CA's directory and its renewal information, asked for by a button."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peter_sslers import model

from ...lib.acme_v2.hostile import Hostile, Say
from .acme_site import Site
from .certificate_rows import stored

DIRECTORY = "/acme-account-provider/1/acme-server/directory"
RENEWAL = "/certificate-signed/1/acme-server/renewal-info"
WINDOW = {"start": "2027-01-02T04:00:00Z", "end": "2027-01-03T04:00:00Z"}
WHY = "https://ca.example.com/why"


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    server = Hostile()
    yield server
    server.close()


@pytest.fixture
def at_ca(site: Site, hostile: Hostile) -> Site:
    """It is the provider 1, and the certificate 1 is its."""
    stored(site)
    with site.writing() as rows:
        provider = rows.provider(directory=f"{hostile.url}/dir", name="ca")
        order = rows.order(rows.account(provider), "a.example.com")
        order.certificate_signed = rows.db.get(model.CertificateSigned, 1)
    return site


def offer(hostile: Hostile, **more: Any) -> None:
    hostile.says["/dir"] = [Say(body={**hostile.says["/dir"][0].body, **more})]


def answer_to_renewal(site: Site, hostile: Hostile, say: Say) -> None:
    """Whatever the certificate's name is."""
    offer(hostile, renewalInfo=f"{hostile.url}/ari")
    site.post(f"{RENEWAL}.json", status=502)
    (path,) = {path for _, path in hostile.asked if path.startswith("/ari/")}
    hostile.says[path] = [say]


class TestDirectory:
    def test_is_read_whenever_it_is_asked_for(self, at_ca: Site, hostile: Hostile) -> None:
        for profiles in ({"a": "the first"}, {"a": "another", "b": "new"}, {}):
            offer(hostile, meta={"profiles": profiles})
            found = at_ca.post(f"{DIRECTORY}.json").json
            assert (found["result"], found["operation"]) == ("success", "acme-server/directory")
            assert found["AcmeAccountProvider"]["profiles"] == profiles
            page = at_ca.get("/acme-account-provider/1")
            assert all(text in page for text in profiles.values())

    def test_leads_back_to_the_provider(self, at_ca: Site) -> None:
        answer = at_ca.post(DIRECTORY, status=303)
        assert at_ca.location(answer) == (
            "/acme-account-provider/1?result=success&operation=acme+server+directory"
        )
        sent_back = at_ca.location(at_ca.get(DIRECTORY, status=303))
        assert sent_back.endswith("&message=HTTP+POST+required")

    def test_that_can_not_be_had_is_not_an_old_one(self, at_ca: Site, hostile: Hostile) -> None:
        offer(hostile, meta={"profiles": {"a": "the first"}})
        at_ca.post(f"{DIRECTORY}.json")
        hostile.says["/dir"] = [Say(503, b"", content_type="text/html")]
        refused = at_ca.post(f"{DIRECTORY}.json", status=502).json
        assert "answered HTTP 503" in refused["error"]
        page = at_ca.location(at_ca.post(DIRECTORY, status=303))
        assert "result=error" in page
        assert "answered+HTTP+503" in page
        known = at_ca.json("/acme-account-provider/1.json")["AcmeAccountProvider"]
        assert known["profiles"] == {"a": "the first"}

    def test_of_an_old_protocol_is_not_asked_for(self, site: Site) -> None:
        with site.writing() as rows:
            rows.provider(protocol="acme-v1", directory=None, endpoint="https://v1.example.com")
        refused = site.post(f"{DIRECTORY}.json", status=409).json
        assert refused["error"].endswith("does not speak ACME v2")
        assert "result=error" in site.location(site.post(DIRECTORY, status=303))


class TestRenewalInformation:
    def test_is_stored_and_shown(self, at_ca: Site, hostile: Hostile) -> None:
        body = {"suggestedWindow": WINDOW, "explanationURL": WHY}
        answer_to_renewal(at_ca, hostile, Say(body=body, headers=(("Retry-After", "7200"),)))
        answer = at_ca.post(f"{RENEWAL}.json").json
        assert (answer["result"], answer["operation"]) == ("success", "acme-server/renewal-info")
        found = answer["CertificateSigned"]
        assert found["timestamp_ari_window_start"] == "2027-01-02T04:00:00"
        assert found["timestamp_ari_window_end"] == "2027-01-03T04:00:00"
        assert found["ari_explanation_url"] == WHY
        assert found["timestamp_ari_retry_after"]
        page = at_ca.get("/certificate-signed/1")
        assert all(text in page for text in ("2027-01-02", "2027-01-03", WHY))

    def test_leads_back_to_the_certificate(self, at_ca: Site, hostile: Hostile) -> None:
        answer_to_renewal(at_ca, hostile, Say(body={"suggestedWindow": WINDOW}))
        answer = at_ca.post(RENEWAL, status=303)
        assert at_ca.location(answer) == (
            "/certificate-signed/1?result=success&operation=acme+server+renewal+info"
        )
        sent_back = at_ca.location(at_ca.get(RENEWAL, status=303))
        assert sent_back.endswith("&message=HTTP+POST+required")

    def test_refusal_leaves_the_window_and_says_when_to_come_back(
        self, at_ca: Site, hostile: Hostile
    ) -> None:
        answer_to_renewal(at_ca, hostile, Say(body={"suggestedWindow": WINDOW}))
        before = at_ca.post(f"{RENEWAL}.json").json["CertificateSigned"]
        answer_to = {path for _, path in hostile.asked if path.startswith("/ari/")}.pop()
        hostile.says[answer_to] = [Say(404, {"detail": "never heard of it"})]
        refused = at_ca.post(f"{RENEWAL}.json", status=502).json
        assert refused["error"] == "never heard of it"
        after = at_ca.json("/certificate-signed/1.json")["CertificateSigned"]
        assert after["timestamp_ari_window_start"] == before["timestamp_ari_window_start"]
        assert after["timestamp_ari_retry_after"] > before["timestamp_ari_retry_after"]
        page = at_ca.location(at_ca.post(RENEWAL, status=303))
        assert "never+heard+of+it" in page

    def test_is_not_to_be_had_everywhere(self, at_ca: Site) -> None:
        text = "AcmeAccountProvider ca offers no renewal information"
        refused = at_ca.post(f"{RENEWAL}.json", status=409).json
        assert refused == {
            "result": "error",
            "operation": "acme-server/renewal-info",
            "error": text,
        }
        page = at_ca.location(at_ca.post(RENEWAL, status=303))
        assert text.replace(" ", "+") in page

    def test_of_a_certificate_from_elsewhere_has_nobody_to_ask(self, site: Site) -> None:
        stored(site)
        refused = site.post(f"{RENEWAL}.json", status=409).json
        assert "its CA is not known" in refused["error"]
        page = site.location(site.post(RENEWAL, status=303))
        assert "its+CA+is+not+known" in page
