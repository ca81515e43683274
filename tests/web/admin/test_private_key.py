from __future__ import annotations

from typing import Any

import pytest

from .acme_site import ROOT, Site
from .certificate_rows import EC256, RSA2048, pem, stored


def uploaded(site: Site, key: str, **kw: Any) -> Any:
    files = [("private_key_file_pem", "key.pem", key.encode())]
    return site.post("/private-key/upload.json", upload_files=files, **kw)


def test_focus_says_where_the_files_are(site: Site) -> None:
    stored(site)
    found = site.json("/private-key/1.json")
    assert found["PrivateKey"]["key_pem"] == EC256
    assert found["PrivateKey"]["key_technology"] == "EC"
    path = f"http://localhost{ROOT}/private-key/1/key"
    assert found["raw"] == {
        "pem.txt": f"{path}.pem.txt",
        "pem": f"{path}.pem",
        "der": f"{path}.key",
    }


def test_parse_reads_the_pem(site: Site) -> None:
    stored(site)
    found = site.json("/private-key/1/parse.json")["1"]
    spki = site.json("/private-key/1.json")["PrivateKey"]["spki_sha256"]
    assert found == {
        "check": "EC",
        "text": None,
        "modulus_md5": None,
        "key_technology": "EC",
        "spki_sha256": spki,
        "bits": 256,
    }


def test_placeholder_stands_in_the_list(site: Site) -> None:
    with site.writing() as rows:
        rows.placeholder()
    keys = site.json("/private-keys.json")["PrivateKeys"]
    assert keys["0"]["key_pem"] == "*placeholder-key*"
    assert keys["0"]["private_key_type"] == "placeholder"


@pytest.mark.parametrize(
    ("fields", "technology", "bits"),
    [
        ({"bits": "2048"}, "RSA", 2048),
        ({"key_technology": "EC"}, "EC", 384),
        ({"key_technology": "EC", "bits": "256"}, "EC", 256),
    ],
)
def test_new_key_is_of_the_kind_asked_for(
    site: Site, fields: dict[str, str], technology: str, bits: int
) -> None:
    made = site.post("/private-key/new.json", fields).json
    assert made["result"] == "success"
    assert made["is_created"] is True
    key = made["PrivateKey"]
    assert (key["key_technology"], key["private_key_type"]) == (technology, "standard")
    assert site.json(f"/private-key/{key['id']}/parse.json")[str(key["id"])]["bits"] == bits


@pytest.mark.parametrize(
    "fields", [{"bits": "1024"}, {"bits": "256"}, {"key_technology": "EC", "bits": "2048"}]
)
def test_new_key_of_another_size_is_refused(site: Site, fields: dict[str, str]) -> None:
    found = site.post("/private-key/new.json", fields, status=400).json
    assert found["result"] == "error"
    assert "bits" in found["form_errors"]


def test_form_without_fields_says_so(site: Site) -> None:
    for name in ("new", "upload"):
        found = site.post(f"/private-key/{name}.json", status=400).json
        assert found["form_errors"] == {"Error_Main": "Nothing submitted."}


def test_uploaded_key_is_found_again_in_another_wrapping(site: Site) -> None:
    first = uploaded(site, EC256).json
    assert first["is_created"] is True
    assert first["PrivateKey"]["private_key_source"] == "imported"
    again = uploaded(site, pem("keys/ec256_traditional")).json
    assert again["is_created"] is False
    assert again["PrivateKey"] == first["PrivateKey"]


def test_html_upload_leads_to_the_key(site: Site) -> None:
    files = [("private_key_file_pem", "key.pem", RSA2048.encode())]
    answer = site.post("/private-key/upload", upload_files=files, status=303)
    assert site.location(answer) == "/private-key/1?result=success"


@pytest.mark.parametrize(
    "name", ["encrypted_pkcs8", "rsa1024", "ed25519", "truncated", "secp256k1", "ec_mismatch"]
)
def test_upload_of_what_is_no_usable_key_is_refused(site: Site, name: str) -> None:
    found = uploaded(site, pem(f"keys/{name}"), status=400).json
    assert "private_key_file_pem" in found["form_errors"]
    assert site.json("/private-keys.json")["PrivateKeys"] == {}


def test_help_shows_no_key(site: Site) -> None:
    stored(site)
    assert "PRIVATE KEY" not in site.get("/private-key/new.json").text
    assert "BEGIN" not in site.get("/private-key/1").text
