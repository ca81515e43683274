"""Certificates, CAs and chains by a form: what is answered, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from peter_sslers import model
from tests.services.estate import Ca, Signed, sign

from ...lib.x509.altered import with_serial
from .acme_site import ROOT, Site
from .certificate_rows import RSA2048, TEST_DATA, pem

UPLOAD = "/certificate-signed/upload"
AUTHORITY = Ca("Upload")


def files_of(leaf: Signed, **other: bytes) -> dict[str, bytes]:
    found = {
        "private_key_file_pem": leaf.key_pem,
        "certificate_file": leaf.pem,
        "chain_file": AUTHORITY.chain,
    }
    return {name: content for name, content in {**found, **other}.items() if content}


def posted(site: Site, path: str, files: dict[str, bytes], **kw: Any) -> Any:
    return site.post(path, upload_files=[(n, f"{n}.pem", c) for n, c in files.items()], **kw)


def refused(site: Site, path: str, files: dict[str, bytes]) -> dict[str, str]:
    """The fields at fault; nothing may have been written."""
    errors: dict[str, str] = posted(site, f"{path}.json", files, status=400).json["form_errors"]
    with site.database.session() as db:
        for kind in (
            model.CertificateSigned,
            model.PrivateKey,
            model.Domain,
            model.OperationsEvent,
        ):
            assert db.scalar(select(func.count()).select_from(kind)) == 0
    assert errors.pop("Error_Main")
    return errors


def test_the_first_time_it_is_created_and_the_second_time_found(site: Site) -> None:
    files = files_of(AUTHORITY.leaf("a.example.com"))
    first = posted(site, f"{UPLOAD}.json", files).json
    assert first == {
        "result": "success",
        "CertificateSigned": {
            "created": True,
            "id": 1,
            "url": f"http://localhost{ROOT}/certificate-signed/1",
        },
        "CertificateCAChain": {"created": True, "id": 1},
        "PrivateKey": {"created": True, "id": 1},
    }
    again = posted(site, f"{UPLOAD}.json", files).json
    kinds = ("CertificateSigned", "CertificateCAChain", "PrivateKey")
    assert [again[kind]["created"] for kind in kinds] == [False, False, False]
    assert [again[kind]["id"] for kind in kinds] == [1, 1, 1]


def test_a_browser_is_led_to_the_certificate(site: Site) -> None:
    answer = posted(site, UPLOAD, files_of(AUTHORITY.leaf("a.example.com")), status=303)
    assert site.location(answer) == "/certificate-signed/1"
    assert "a.example.com" in site.get("/certificate-signed/1").text


def test_text_fields_do_as_well_as_files(site: Site) -> None:
    fields = {n: c.decode() for n, c in files_of(AUTHORITY.leaf("a.example.com")).items()}
    assert site.post(f"{UPLOAD}.json", fields).json["CertificateSigned"]["created"]


def test_a_chain_of_a_known_ca_is_found_and_told(site: Site) -> None:
    posted(
        site,
        "/certificate-ca/upload-cert.json",
        {"cert_file": AUTHORITY.issuer.der},
    )
    found = posted(
        site, f"{UPLOAD}.json", files_of(AUTHORITY.leaf("a.example.com"), chain_file=b"")
    ).json
    assert found["notes"] == ["There was no chain; the one of a known CA was taken."]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"certificate_file": b""}, "certificate_file"),
        ({"certificate_file": b"nonsense"}, "certificate_file"),
        ({"private_key_file_pem": b""}, "private_key_file_pem"),
        ({"private_key_file_pem": b"nonsense"}, "private_key_file_pem"),
        ({"private_key_file_pem": pem("keys/encrypted_pkcs8").encode()}, "private_key_file_pem"),
        ({"private_key_file_pem": pem("keys/ec256").encode()}, "private_key_file_pem"),
        ({"chain_file": b""}, "chain_file"),
        ({"chain_file": pem("chains/other_root").encode()}, "chain_file"),
        ({"chain_file": b"A" * 300_000}, "chain_file"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(
    site: Site, other: dict[str, bytes], field: str
) -> None:
    errors = refused(site, UPLOAD, files_of(AUTHORITY.leaf("a.example.com"), **other))
    assert errors.keys() == {field}
    assert errors[field]


@pytest.mark.parametrize("name", sorted(p.name for p in (TEST_DATA / "certificates").iterdir()))
def test_every_kind_of_certificate_is_answered(site: Site, name: str) -> None:
    """Broken DER, NUL in a SAN, a negative serial number and so on; none makes a 500."""
    content = (TEST_DATA / "certificates" / name).read_bytes()
    leaf = AUTHORITY.leaf("a.example.com")
    files = files_of(leaf, certificate_file=content)
    for key in (leaf.key_pem, pem("keys/rsa2048").encode(), pem("keys/ec256").encode()):
        answer = posted(
            site, f"{UPLOAD}.json", {**files, "private_key_file_pem": key}, expect_errors=True
        )
        assert answer.status_int in {200, 400}
        assert answer.json["result"] == {200: "success", 400: "error"}[answer.status_int]


@pytest.mark.parametrize(
    ("name", "key", "reason"),
    [
        ("negative_serial", "rsa2048", "serial number is negative"),
        ("nul_in_san", "rsa2048", "character that no host name has"),
        ("truncated", "rsa2048", "ends too early"),
        ("bytes_after_end", "rsa2048", "bytes after its end"),
    ],
)
def test_hostile_certificates_are_refused(site: Site, name: str, key: str, reason: str) -> None:
    files = {
        "private_key_file_pem": pem(f"keys/{key}").encode(),
        "certificate_file": pem(f"certificates/{name}").encode(),
        "chain_file": pem("chains/intermediate").encode(),
    }
    assert reason in refused(site, UPLOAD, files)["certificate_file"]


def test_a_serial_number_that_no_column_takes_is_refused(site: Site) -> None:
    files = {
        "private_key_file_pem": RSA2048.encode(),
        "certificate_file": with_serial(pem("certificates/rsa2048"), 2**500).encode(),
        "chain_file": pem("chains/intermediate").encode(),
    }
    error = refused(site, UPLOAD, files)["certificate_file"]
    assert "its serial number is longer than 32 bytes" in error


def test_fifty_megabytes_are_not_read(site: Site) -> None:
    large = {"certificate_file": b"-----BEGIN CERTIFICATE-----\n" + b"A" * 50 * 1024**2}
    answer = posted(site, f"{UPLOAD}.json", large, expect_errors=True)
    assert answer.status_int == 413


def test_a_ca_is_stored_under_a_name_and_found_again(site: Site) -> None:
    files = [("cert_file", "root.pem", AUTHORITY.root.pem)]
    path = "/certificate-ca/upload-cert"
    first = site.post(f"{path}.json", {"cert_file_name": "My root"}, upload_files=files).json
    assert first == {"result": "success", "CertificateCA": {"created": True, "id": 1}}
    assert site.json("/certificate-ca/1.json")["CertificateCA"]["display_name"] == "My root"
    der = {"cert_file": AUTHORITY.root.der}
    assert posted(site, f"{path}.json", der).json["CertificateCA"] == {"created": False, "id": 1}
    assert site.location(posted(site, path, der, status=303)).startswith("/certificate-ca/1")


def test_a_chain_is_stored_in_its_order_only(site: Site) -> None:
    path = "/certificate-ca-chain/upload-chain"
    wrong = {"chain_file": AUTHORITY.root.pem + AUTHORITY.chain}
    assert "not signed by the next" in refused(site, path, wrong)["chain_file"]
    right = {"chain_file": AUTHORITY.chain + AUTHORITY.root.pem}
    found = posted(site, f"{path}.json", right).json["CertificateCAChain"]
    assert found == {"created": True, "id": 1}
    assert not posted(site, f"{path}.json", right).json["CertificateCAChain"]["created"]
    chain = site.json("/certificate-ca-chain/1.json")["CertificateCAChain"]
    assert chain["certificate_ca_ids"] == ["1", "2"]


def test_a_chain_as_pkcs7_is_read(site: Site) -> None:
    content = (TEST_DATA / "bundles" / "chain.p7b").read_bytes()
    found = posted(site, "/certificate-ca-chain/upload-chain.json", {"chain_file": content}).json
    assert found["CertificateCAChain"]["created"]


def test_a_leaf_is_no_ca(site: Site) -> None:
    leaf = sign("a", AUTHORITY.issuer, names=("a.example.com",))
    reason = "certificate 1 is not that of a CA"
    assert refused(site, "/certificate-ca/upload-cert", {"cert_file": leaf.pem}) == {
        "cert_file": reason
    }
    assert refused(site, "/certificate-ca-chain/upload-chain", {"chain_file": leaf.pem}) == {
        "chain_file": reason
    }
