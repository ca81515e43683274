"""Certificates, requests, CAs, chains and sets of names: their lists and objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from peter_sslers import model
from peter_sslers.lib.context import utc_now

from ... import factories
from ..queries import recorded
from .acme_site import Site
from .certificate_rows import CHAIN, CROSS_CHAIN, EC256, LEAF, pem, request, store, stored

MOST_QUERIES = 14  # of a page, however many rows it has
KINDS = (
    (
        "private-key",
        "certificate-signeds",
        "certificate-requests",
        "acme-orders",
        "coverage-assurance-events",
    ),
    ("certificate-request", "acme-orders", "certificate-signeds"),
    (
        "certificate-signed",
        "same-names",
        "same-key",
        "domains",
        "acme-orders",
        "coverage-assurance-events",
    ),
    (
        "certificate-ca",
        "certificate-signeds",
        "certificate-signeds-alt",
        "certificate-ca-chains-0",
        "certificate-ca-chains-n",
        "same-key",
        "certificate-cas",
        "root-store-versions",
    ),
    ("certificate-ca-chain", "certificate-signeds", "certificate-cas"),
    (
        "domain",
        "certificate-signeds",
        "acme-orders",
        "acme-authorizations",
        "acme-challenges",
        "certificate-requests",
        "unique-fqdn-sets",
    ),
    ("unique-fqdn-set", "certificate-signeds", "acme-orders", "certificate-requests", "domains"),
)
LISTS = (
    "/private-keys",
    "/private-keys/active",
    "/certificate-requests",
    "/certificate-signeds/all",
    "/certificate-signeds/active",
    "/certificate-signeds/expiring",
    "/certificate-signeds/inactive",
    "/certificate-cas",
    "/certificate-ca-chains",
    "/domains",
    "/domains/expiring",
    "/domains/challenged",
    "/unique-fqdn-sets",
)
PAGES = (
    *LISTS,
    *(f"/{kind}/1" for kind, *_ in KINDS),
    *(f"/{kind}/1/{name}" for kind, *related in KINDS for name in related),
)


def fill(site: Site, count: int) -> None:
    """A key, a CA, a domain, a set of names with it, and `count` of all else that hangs on them."""
    with site.writing() as rows:
        db = rows.db
        shared, key = factories.domain(db, "shared.example.com"), factories.private_key(db)
        for n in range(count):
            names = factories.fqdns(db, domains=[shared, factories.domain(db)])
            ca = factories.certificate_ca(db)
            link = model.CertificateSignedChain(
                certificate_ca_chain=factories.chain(db, ca, factories.certificate_ca(db)),
                is_upstream_default=True,
            )
            asked = factories.certificate_request(db, private_key=key, unique_fqdn_set=names)
            latest = factories.certificate(
                db,
                private_key=key,
                unique_fqdn_set=names,
                certificate_request=asked,
                certificate_signed_chains=[link],
                is_active=n % 2 == 0,
                timestamp_not_after=utc_now() + timedelta(days=n % 2),
            )
            names.domains[1].certificate_signed_id__latest_multi = latest.id
            order = factories.order(
                db, private_key_id=key.id, unique_fqdn_set=names, certificate_signed=latest
            )
            factories.challenge(db, acme_authorization=factories.authorization(db, order))


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all that is only looked at."""
    site = Site(tmp_path_factory.mktemp("full"))
    with site.writing() as rows:
        rows.placeholder()
    fill(site, 50)
    yield site
    site.close()


@pytest.mark.parametrize("face", ["", ".json"])
@pytest.mark.parametrize("path", PAGES)
def test_page_costs_few_queries(full_site: Site, path: str, face: str) -> None:
    with recorded(full_site.database.engine) as statements:
        full_site.get(path + face)
    assert len(statements) <= MOST_QUERIES * (3 if path.endswith("/1") else 1)


def test_bare_certificate_list_is_that_of_the_active(site: Site) -> None:
    for face in ("", ".json"):
        answer = site.get(f"/certificate-signeds{face}", status=303)
        assert site.location(answer) == f"/certificate-signeds/active{face}"


def test_certificates_are_listed_by_state(site: Site) -> None:
    now = utc_now()
    with site.writing() as rows:
        ages = {"far": 60, "near": 10, "over": -1}
        ids = {
            name: factories.certificate(rows.db, timestamp_not_after=now + timedelta(days=days)).id
            for name, days in ages.items()
        }
        ids["off"] = factories.certificate(
            rows.db, is_active=False, timestamp_not_after=now + timedelta(days=5)
        ).id
    found = {
        view: set(map(int, site.json(f"/certificate-signeds/{view}.json")["CertificateSigneds"]))
        for view in ("all", "active", "inactive", "expiring")
    }
    assert found["all"] == set(ids.values())
    assert found["inactive"] == {ids["off"]}
    assert found["active"] == {ids["far"], ids["near"], ids["over"]}
    assert found["expiring"] == {ids["near"], ids["over"]}


def test_certificate_has_its_chains_and_cas(site: Site) -> None:
    stored(site, [CHAIN, CROSS_CHAIN])
    found = site.json("/certificate-signed/1.json")["CertificateSigned"]
    assert found["domains_as_list"] == ["example.com"]
    assert found["certificate_ca_chain_ids"] == [1, 2]
    assert found["certificate_ca_chain_id__preferred"] == 1
    assert found["certificate_ca_ids__upchain"] == [1, 2]
    assert found["acme_order.is_auto_renew"] is None
    assert found["renewals_managed_by"] == "CertificateSigned"
    assert found["timestamp_not_after"] == "2045-01-01T00:00:00"
    assert found["is_revoked"] is False


def test_certificate_of_an_order_is_renewed_by_it(site: Site) -> None:
    with site.writing() as rows:
        rows.placeholder()
        certificate = factories.certificate(rows.db)
        factories.order(rows.db, certificate_signed=certificate, is_auto_renew=True)
    found = site.json("/certificate-signed/1.json")["CertificateSigned"]
    assert found["acme_order.is_auto_renew"] is True
    assert found["renewals_managed_by"] == "AcmeOrder"


def test_certificate_is_parsed(site: Site) -> None:
    stored(site)
    found = site.json("/certificate-signed/1/parse.json")["CertificateSigned"]
    assert found["id"] == 1
    assert found["parsed"]["SubjectAlternativeName"] == ["example.com"]
    assert found["parsed"]["issuer"] == "CN=Test Intermediate"
    assert found["parsed"]["enddate"] == "2045-01-01T00:00:00"


def test_ca_is_parsed(site: Site) -> None:
    stored(site)
    found = site.json("/certificate-ca/1/parse.json")["CertificateCA"]["parsed"]
    assert found["subject"] == "CN=Test Intermediate"
    assert found["SubjectAlternativeName"] is None


def test_page_of_a_certificate_shows_its_life_and_its_chains(site: Site) -> None:
    stored(site, [CHAIN, CROSS_CHAIN])
    page = site.get("/certificate-signed/1")
    assert "Valid for " in page.text
    assert "Test Intermediate → Other Root" in page.text
    assert "via-certificate-ca-chain/2/config.zip" in page.text
    assert LEAF.splitlines()[1] not in page.text


def test_chain_has_its_cas_in_order(site: Site) -> None:
    stored(site, [CROSS_CHAIN])
    found = site.json("/certificate-ca-chain/1.json")["CertificateCAChain"]
    assert found["certificate_ca_ids"] == ["1", "2"]
    assert [ca["cert_subject"] for ca in found["certificate_cas"]] == [
        "CN=Test Intermediate",
        "CN=Other Root",
    ]


def test_certificates_of_a_ca_by_default_and_by_alternate(site: Site) -> None:
    with site.database.session() as session:
        store(site.context(session), [CHAIN, CROSS_CHAIN], EC256)
    for ca, default, alternate in ((1, ["1"], []), (2, [], ["1"])):
        found = [
            list(site.json(f"/certificate-ca/{ca}/{name}.json")["CertificateSigneds"])
            for name in ("certificate-signeds", "certificate-signeds-alt")
        ]
        assert found == [default, alternate]


def test_request_says_more_on_its_own_page(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        key, names = rows.db.get(model.PrivateKey, 1), rows.db.get(model.UniqueFQDNSet, 1)
        made = request(rows, key, names)
        rows.db.get(model.CertificateSigned, 1).certificate_request = made
    listed = site.json("/certificate-requests.json")["CertificateRequests"]["1"]
    found = site.json("/certificate-request/1.json")["CertificateRequest"]
    more = {"certificate_signed_id__latest", "csr_pem", "domains", "key_technology"}
    assert set(found) - set(listed) == more
    assert found["certificate_signed_id__latest"] == 1
    assert found["domains"] == ["example.com"]


def test_request_is_parsed(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        key, names = rows.db.get(model.PrivateKey, 1), rows.db.get(model.UniqueFQDNSet, 1)
        request(rows, key, names)
    found = site.json("/certificate-request/1/parse.json")["CertificateRequest"]["parsed"]
    assert found["key_technology"] == "EC"
    assert found["SubjectAlternativeName"]


def test_set_of_names(site: Site) -> None:
    stored(site, [pem("certificates/wildcard") + pem("chains/intermediate")], pem("keys/rsa2048"))
    found = site.json("/unique-fqdn-set/1.json")["UniqueFQDNSet"]
    assert found["count_domains"] == 2
    assert found["domains_as_list"] == ["*.example.com", "example.com"]


@pytest.mark.parametrize("kind", [kind for kind, *_ in KINDS])
def test_missing_object_is_named(site: Site, kind: str) -> None:
    found: Any = site.get(f"/{kind}/7.json", status=404).json
    assert found["code"] == "404 Not Found"
    assert "#7" in found["message"]
