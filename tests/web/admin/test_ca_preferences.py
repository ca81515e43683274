"""The preferred CAs, and what certificates are served with because of them."""

from __future__ import annotations

from typing import Any

import pytest

from peter_sslers import model

from ... import factories
from .acme_site import Site
from .certificate_rows import CHAIN, CROSS_CHAIN, pem, stored

PREFERRED = "/certificate-cas/preferred"


def fingerprints(site: Site) -> dict[int, str]:
    found = site.json("/certificate-cas.json")["CertificateCAs"]
    return {int(number): ca["fingerprint_sha1"] for number, ca in found.items()}


def order(site: Site) -> list[int]:
    found = site.json(f"{PREFERRED}.json")
    slots = found["PreferenceOrder"]
    assert list(slots) == [str(n) for n in range(1, len(slots) + 1)]
    assert set(slots.values()) == set(found["CertificateCAs"])
    return [int(ca) for ca in slots.values()]


@pytest.fixture
def three(site: Site) -> Site:
    """A site that prefers the CAs 1, 2 and 3 of four."""
    with site.writing() as rows:
        for _ in range(4):
            factories.certificate_ca(rows.db)
        rows.db.flush()
        for slot in (1, 2, 3):
            rows.add(model.CertificateCAPreference(slot=slot, certificate_ca_id=slot))
    return site


def fields(site: Site, ca: int, slot: int, **more: str) -> dict[str, str]:
    return {"slot": str(slot), "fingerprint_sha1": fingerprints(site)[ca], **more}


def changed(site: Site, name: str, given: dict[str, str], status: int = 200) -> Any:
    return site.post(f"{PREFERRED}/{name}.json", given, status=status).json


def test_added_one_is_the_last(three: Site) -> None:
    added = changed(three, "add", {"fingerprint_sha1": fingerprints(three)[4]})
    assert added == {"result": "success", "operation": "add"}
    assert order(three) == [1, 2, 3, 4]


@pytest.mark.parametrize("length", [8, 39])
def test_beginning_of_a_fingerprint_is_enough_when_it_is_unique(site: Site, length: int) -> None:
    stored(site, [CROSS_CHAIN])
    beginning = fingerprints(site)[1][:length].lower()
    changed(site, "add", {"fingerprint_sha1": beginning})
    assert order(site) == [1]


def test_fingerprint_with_colons(site: Site) -> None:
    stored(site)
    plain = fingerprints(site)[1]
    colons = ":".join(plain[n : n + 2] for n in range(0, len(plain), 2))
    changed(site, "add", {"fingerprint_sha1": colons})
    assert order(site) == [1]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("F" * 40, "No CertificateCA"),
        ("", "Please enter a value"),
        ("%", "hexadecimal"),
        ("zz", "hexadecimal"),
        ("A" * 41, "hexadecimal"),
        ("0", "More than one"),
    ],
)
def test_fingerprint_that_names_no_single_ca(site: Site, given: str, text: str) -> None:
    with site.writing() as rows:
        for n in range(2):
            factories.certificate_ca(rows.db, fingerprint_sha1=f"0{n}" * 20)
    found = changed(site, "add", {"fingerprint_sha1": given}, 400)
    assert text in found["form_errors"]["fingerprint_sha1"]
    assert order(site) == []


def test_preferred_one_is_not_added_twice(three: Site) -> None:
    given = {"fingerprint_sha1": fingerprints(three)[2]}
    assert "already" in changed(three, "add", given, 400)["form_errors"]["fingerprint_sha1"]


def test_there_is_a_most(site: Site) -> None:
    with site.writing() as rows:
        for slot in range(1, 12):
            ca = factories.certificate_ca(rows.db)
            rows.add(model.CertificateCAPreference(slot=slot, certificate_ca=ca))
        factories.certificate_ca(rows.db)
    given = {"fingerprint_sha1": fingerprints(site)[12]}
    assert "delete one first" in changed(site, "add", given, 400)["form_errors"]["fingerprint_sha1"]


def test_deleted_one_leaves_no_gap(three: Site) -> None:
    done = changed(three, "delete", fields(three, 1, 1))
    assert done == {"result": "success", "operation": "delete"}
    assert order(three) == [2, 3]


@pytest.mark.parametrize(
    ("ca", "slot", "priority", "after"),
    [
        (2, 2, "increase", [2, 1, 3]),
        (2, 2, "decrease", [1, 3, 2]),
        (3, 3, "increase", [1, 3, 2]),
        (1, 1, "decrease", [2, 1, 3]),
    ],
)
def test_neighbours_change_places(
    three: Site, ca: int, slot: int, priority: str, after: list[int]
) -> None:
    done = changed(three, "prioritize", fields(three, ca, slot, priority=priority))
    assert done == {"result": "success", "operation": "prioritize"}
    assert order(three) == after


@pytest.mark.parametrize(
    ("ca", "slot", "priority", "text"),
    [
        (1, 1, "increase", "This item can not be increased in priority."),
        (3, 3, "decrease", "This item can not be decreased in priority."),
        (1, 2, "increase", "bad or stale data"),
        (4, 3, "increase", "bad or stale data"),
    ],
)
def test_what_can_not_be_moved(three: Site, ca: int, slot: int, priority: str, text: str) -> None:
    found = changed(three, "prioritize", fields(three, ca, slot, priority=priority), 400)
    assert text in found["form_errors"]["Error_Main"]
    assert order(three) == [1, 2, 3]


def test_beginning_of_a_fingerprint_does_not_delete(three: Site) -> None:
    given = {"slot": "1", "fingerprint_sha1": fingerprints(three)[1][:39]}
    assert "stale" in changed(three, "delete", given, 400)["form_errors"]["Error_Main"]


def test_wrong_priority(three: Site) -> None:
    found = changed(three, "prioritize", fields(three, 1, 1, priority="more"), 400)
    assert "priority" in found["form_errors"]


def test_page_changes_the_order_with_one_click(three: Site) -> None:
    page = three.get(PREFERRED)
    assert page.text.count(">Remove</button>") == 3
    up = next(f for f in page.forms.values() if "priority" in f.fields)
    assert up["priority"].value == "decrease"  # of the first one
    answer = up.submit(status=303)
    assert three.location(answer) == f"{PREFERRED}?result=success&operation=prioritize"
    assert order(three) == [2, 1, 3]


def test_page_adds_by_its_form(site: Site) -> None:
    stored(site)
    assert "No CA is preferred" in site.get(PREFERRED).text
    form = site.get(f"{PREFERRED}/add").forms[0]
    form["fingerprint_sha1"] = "0000"
    assert "No CertificateCA" in form.submit(status=400).text
    form["fingerprint_sha1"] = fingerprints(site)[1]
    assert site.location(form.submit(status=303)).startswith(f"{PREFERRED}?result=success")
    assert PREFERRED in site.get("/certificate-cas").text


def test_preference_counts_at_once_wherever_a_default_chain_is_handed_out(site: Site) -> None:
    """Two chains: the CA's default ends at Test Intermediate, the other one at Other Root."""
    number = stored(site, [CHAIN, CROSS_CHAIN])
    other_root = max(fingerprints(site))
    changed(site, "add", {"fingerprint_sha1": fingerprints(site)[other_root]})
    cross = CROSS_CHAIN.removeprefix(pem("chains/leaf"))
    here = f"/certificate-signed/{number}"
    assert site.json(f"{here}/config.json")["chain"] == {"id": "2", "pem": cross}
    assert site.get(f"{here}/chain.pem").text == cross
    assert site.get(f"{here}/fullchain.pem").text == CROSS_CHAIN
    served = site.json("/domain/example.com/config.json")["certificate_signed__latest_single"]
    assert served["fullchain"] == {"id": f"{number},2", "pem": CROSS_CHAIN}
    changed(site, "delete", fields(site, other_root, 1))
    assert site.json(f"{here}/config.json")["fullchain"]["pem"] == CHAIN
    via = f"{here}/via-certificate-ca-chain/2/fullchain.pem"
    assert site.get(via).text == CROSS_CHAIN  # any chain by its id, whatever is preferred


@pytest.mark.parametrize("kind", ["sha1", "sha256", "colons"])
def test_ca_and_its_chains_are_found_by_fingerprint(site: Site, kind: str) -> None:
    number = stored(site, [CHAIN, CROSS_CHAIN])
    with site.database.session() as db:
        root = db.query(model.CertificateCA).filter_by(cert_subject="CN=Other Root").one()
    text = str(root.fingerprint_sha256 if kind == "sha256" else root.fingerprint_sha1)
    if kind == "colons":
        text = ":".join(text[n : n + 2] for n in range(0, len(text), 2)).lower()
    assert site.json(f"/certificate-ca/{text}.json")["CertificateCA"]["id"] == root.id
    assert site.get(f"/certificate-ca/{text}/cert.pem").text == pem("chains/other_root")
    via = f"/certificate-signed/{number}/via-certificate-ca-chain/{text}"
    assert site.get(f"{via}/fullchain.pem").text == CROSS_CHAIN
    assert site.json(f"{via}/config.json")["chain"]["id"] == "2"
    files = site.get(f"{via}/config.zip").headers["Content-Disposition"]
    assert files.endswith(f"cert{number}-chain2.zip")


def test_fingerprint_of_a_ca_in_both_chains_means_the_cas_default(site: Site) -> None:
    number = stored(site, [CHAIN + pem("chains/root"), CHAIN])
    shared = fingerprints(site)[1]
    via = f"/certificate-signed/{number}/via-certificate-ca-chain/{shared}"
    assert site.json(f"{via}/config.json")["chain"]["id"] == "1"


@pytest.mark.parametrize("text", ["0" * 40, "A" * 64, "abc", "9" * 30])
def test_unknown_fingerprint_is_not_found(site: Site, text: str) -> None:
    number = stored(site)
    site.get(f"/certificate-ca/{text}.json", status=404)
    via = f"/certificate-signed/{number}/via-certificate-ca-chain/{text}"
    site.get(f"{via}/config.json", status=404)
