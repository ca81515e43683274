"""What edge servers fetch: config.json, config.zip and the files of a chosen chain."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from cryptography import x509

from peter_sslers import model

from .acme_site import Site
from .certificate_rows import (
    CHAIN,
    CROSS_CHAIN,
    EC256,
    LEAF,
    LONG_CHAIN,
    RSA2048,
    pem,
    prefer,
    stored,
)

JSON = {"Accept": "application/json"}
IDS = {
    "id": "1",
    "private_key": {"id": "1"},
    "certificate": {"id": "1"},
    "chain": {"id": "1"},
    "fullchain": {"id": "1,1"},
}
FULL = {
    "id": "1",
    "private_key": {"id": "1", "pem": EC256},
    "certificate": {"id": "1", "pem": LEAF},
    "chain": {"id": "1", "pem": pem("chains/intermediate")},
    "fullchain": {"id": "1,1", "pem": CHAIN},
}


def deactivate(site: Site) -> None:
    with site.writing() as rows:
        rows.db.get(model.Domain, 1).is_active = False


def served_chain(site: Site) -> str:
    return str(site.json("/certificate-signed/1/config.json?idonly=1")["chain"]["id"])


def test_domain_config_has_what_a_server_needs(site: Site) -> None:
    stored(site)
    assert site.json("/domain/1/config.json") == {
        "domain": {"id": "1", "domain_name": "example.com", "is_active": True},
        "certificate_signed__latest_single": FULL,
        "certificate_signed__latest_multi": None,
    }


def test_domain_config_has_both_certificates(site: Site) -> None:
    stored(site)
    stored(site, [pem("certificates/wildcard") + pem("chains/intermediate")], RSA2048)
    found = site.json("/domain/example.com/config.json?id_only=1")
    assert found["certificate_signed__latest_single"] == IDS
    assert found["certificate_signed__latest_multi"]["fullchain"] == {"id": "2,1"}
    wildcard = site.json("/domain/*.example.com/config.json?id_only=1")
    assert wildcard["certificate_signed__latest_single"] is None


@pytest.mark.parametrize("name", ["EXAMPLE.com", "example.com.", "1"])
def test_domain_is_found_by_id_and_by_any_spelling_of_its_name(site: Site, name: str) -> None:
    stored(site)
    assert site.json(f"/domain/{name}/config.json")["domain"]["id"] == "1"


@pytest.mark.parametrize("switch", ["idonly=1", "id_only=1", "id_only=0"])
@pytest.mark.parametrize(
    "path",
    [
        "/certificate-signed/1/config.json",
        "/certificate/1/config.json",
        "/certificate-signed/1/via-certificate-ca-chain/1/config.json",
    ],
)
def test_ids_only_leaves_the_pems_out(site: Site, path: str, switch: str) -> None:
    stored(site)
    assert site.json(f"{path}?{switch}") == IDS
    assert site.json(path) == FULL


def test_inactive_domain_has_no_certificates(site: Site) -> None:
    stored(site)
    deactivate(site)
    assert site.json("/domain/1/config.json") == {
        "domain": {"id": "1", "domain_name": "example.com", "is_active": False},
        "certificate_signed__latest_single": None,
        "certificate_signed__latest_multi": None,
    }


def test_edge_gets_no_domain_by_its_number(site: Site) -> None:
    stored(site)
    site.get("/domain/1/config.json?openresty=1", status=404)
    assert site.json("/domain/Example.com/config.json?openresty=1")["domain"]["id"] == "1"


@pytest.mark.parametrize("name", ["2", "9" * 40, "other.example.com", "x" * 300, "%C2%B2"])
def test_unknown_domain_is_named_as_such(site: Site, name: str) -> None:
    stored(site)
    found = site.get(f"/domain/{name}/config.json", status=404).json
    assert "the domain was not found" in found["message"]
    assert found["code"] == "404 Not Found"


@pytest.mark.parametrize("number", ["2", "9" * 40])
def test_unknown_certificate_is_named_as_such(site: Site, number: str) -> None:
    stored(site)
    for path in ("config.json", "config.zip", "via-certificate-ca-chain/1/config.json"):
        found = site.get(f"/certificate-signed/{number}/{path}", status=404, headers=JSON)
        assert "the certificate was not found" in found.text


def test_certificate_without_chain_is_served_alone(site: Site) -> None:
    stored(site, [LEAF])
    found = site.json("/certificate-signed/1/config.json")
    assert found["chain"] is None
    assert found["fullchain"] == {"id": "1", "pem": LEAF}
    site.get("/certificate-signed/1/chain.pem", status=404)
    assert site.get("/certificate-signed/1/fullchain.pem").text == LEAF


def test_first_chain_is_served_unless_another_is_preferred(site: Site) -> None:
    stored(site, [CHAIN, LONG_CHAIN, CROSS_CHAIN])
    assert served_chain(site) == "1"
    prefer(site, "CN=Other Root", "CN=Test Root")
    assert served_chain(site) == "3"
    prefer(site, "CN=Test Root", "CN=Other Root")
    assert served_chain(site) == "2"
    prefer(site)
    assert served_chain(site) == "1"


def test_preferred_chain_is_handed_out_everywhere(site: Site) -> None:
    stored(site, [CHAIN, CROSS_CHAIN])
    prefer(site, "CN=Other Root")
    chain = CROSS_CHAIN.removeprefix(LEAF)
    assert site.get("/certificate-signed/1/chain.pem").text == chain
    assert site.get("/certificate-signed/1/fullchain.pem").text == LEAF + chain
    focus = site.json("/certificate-signed/1.json")["CertificateSigned"]
    assert focus["certificate_ca_chain_id__preferred"] == 2
    domain = site.json("/domain/1/config.json")
    assert domain["certificate_signed__latest_single"]["chain"] == {"id": "2", "pem": chain}


def test_preference_for_a_ca_of_no_chain_changes_nothing(site: Site) -> None:
    stored(site, [CHAIN])
    stored(site, [pem("chains/ec_leaf") + pem("chains/ec_intermediate")])
    prefer(site, "CN=EC Intermediate")
    assert served_chain(site) == "1"


def test_chain_asked_for_is_served(site: Site) -> None:
    stored(site, [CHAIN, CROSS_CHAIN])
    path = "/certificate-signed/1/via-certificate-ca-chain/2"
    assert site.json(f"{path}/config.json")["fullchain"] == {"id": "1,2", "pem": CROSS_CHAIN}
    assert site.get(f"{path}/fullchain.pem.txt").text == CROSS_CHAIN
    assert site.get(f"{path}/chain.pem").text == CROSS_CHAIN.removeprefix(LEAF)


def test_chain_of_another_certificate_is_refused(site: Site) -> None:
    stored(site, [CHAIN])
    stored(site, [pem("chains/ec_leaf") + pem("chains/ec_intermediate")])
    for name in ("config.json", "config.zip", "chain.pem", "fullchain.pem"):
        path = f"/certificate-signed/1/via-certificate-ca-chain/2/{name}"
        found = site.get(path, status=404, headers=JSON)
        assert "CertificateCAChain 2 is none of" in found.text


@pytest.mark.parametrize("chain", ["", "/via-certificate-ca-chain/2"])
def test_zip_has_the_four_files(site: Site, chain: str) -> None:
    stored(site, [CHAIN, CROSS_CHAIN])
    answer = site.get(f"/certificate-signed/1{chain}/config.zip")
    name = "cert1-chain2.zip" if chain else "cert1.zip"
    assert answer.headers["Content-Disposition"] == f"attachment; filename= {name}"
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert {m: archive.read(m).decode() for m in archive.namelist()} == {
        "cert1.pem": LEAF,
        "chain1.pem": (CROSS_CHAIN if chain else CHAIN).removeprefix(LEAF),
        "fullchain1.pem": CROSS_CHAIN if chain else CHAIN,
        "privkey1.pem": EC256,
    }


def test_key_in_the_zip_is_for_its_owner_alone(site: Site) -> None:
    stored(site)
    archive = zipfile.ZipFile(io.BytesIO(site.get("/certificate-signed/1/config.zip").body))
    assert archive.getinfo("privkey1.pem").external_attr >> 16 == 0o600


def test_der_of_a_chain_is_its_first_certificate(site: Site) -> None:
    stored(site, [LONG_CHAIN])
    for path in ("via-certificate-ca-chain/1/chain.der", "chain.der"):
        body = site.get(f"/certificate-signed/1/{path}").body
        assert x509.load_der_x509_certificate(body) == x509.load_pem_x509_certificate(
            pem("chains/intermediate").encode()
        )


@pytest.mark.parametrize(
    "path",
    [
        "/domain/1/config.json",
        "/certificate-signed/1/config.json",
        "/certificate-signed/1/config.zip",
        "/certificate-signed/1/privkey.pem",
        "/private-key/1/key.key",
    ],
)
def test_nothing_keeps_what_has_a_private_key(site: Site, path: str) -> None:
    stored(site)
    assert site.get(path).headers["Cache-Control"] == "no-store"


def test_config_is_read_without_loading_objects(site: Site, monkeypatch: Any) -> None:
    stored(site)
    monkeypatch.setattr("sqlalchemy.orm.Session.connection", lambda *_, **__: pytest.fail("loaded"))
    site.get("/domain/1/config.json")
