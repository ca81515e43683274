"""Files of keys, requests, certificates, CAs and chains: each suffix with its type and body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key

from peter_sslers import model

from .acme_site import Site
from .certificate_rows import CHAIN, EC256, LEAF, RSA2048, pem, request, stored

PEM, TEXT = "application/x-pem-file", "text/plain"
SERVER, CA = "application/x-x509-server-cert", "application/x-x509-ca-cert"
CSR = pem("requests/ec256")
MIDDLE = pem("chains/intermediate")

TEXTS = [
    ("/certificate-signed/1/cert.pem", PEM, LEAF),
    ("/certificate-signed/1/cert.pem.txt", TEXT, LEAF),
    ("/certificate-signed/1/chain.pem", PEM, MIDDLE),
    ("/certificate-signed/1/chain.pem.txt", TEXT, MIDDLE),
    ("/certificate-signed/1/fullchain.pem", PEM, CHAIN),
    ("/certificate-signed/1/fullchain.pem.txt", TEXT, CHAIN),
    ("/certificate-signed/1/privkey.pem", PEM, EC256),
    ("/certificate-signed/1/privkey.pem.txt", TEXT, EC256),
    ("/private-key/1/key.pem", PEM, EC256),
    ("/private-key/1/key.pem.txt", TEXT, EC256),
    ("/certificate-request/1/csr.pem", PEM, CSR),
    ("/certificate-request/1/csr.pem.txt", TEXT, CSR),
    ("/certificate-request/1/csr.csr", "application/pkcs10", CSR),
    ("/certificate-ca/1/cert.pem", PEM, MIDDLE),
    ("/certificate-ca/1/cert.pem.txt", TEXT, MIDDLE),
    ("/certificate-ca-chain/1/chain.pem", PEM, MIDDLE),
    ("/certificate-ca-chain/1/chain.pem.txt", TEXT, MIDDLE),
]
CERTIFICATES = [
    ("/certificate-signed/1/cert.cer", "application/pkix-cert", LEAF),
    ("/certificate-signed/1/cert.crt", SERVER, LEAF),
    ("/certificate-signed/1/cert.der", SERVER, LEAF),
    ("/certificate-signed/1/chain.cer", "application/pkix-cert", MIDDLE),
    ("/certificate-signed/1/chain.crt", CA, MIDDLE),
    ("/certificate-signed/1/chain.der", CA, MIDDLE),
    ("/certificate-ca/1/cert.cer", "application/pkix-cert", MIDDLE),
    ("/certificate-ca/1/cert.crt", CA, MIDDLE),
    ("/certificate-ca/1/cert.der", CA, MIDDLE),
]


@pytest.fixture
def filled(site: Site) -> Site:
    stored(site)
    with site.writing() as rows:
        key, fqdns = rows.db.get(model.PrivateKey, 1), rows.db.get(model.UniqueFQDNSet, 1)
        request(rows, key, fqdns)
    return site


@pytest.mark.parametrize(("path", "kind", "text"), TEXTS, ids=[t[0] for t in TEXTS])
def test_text_file(filled: Site, path: str, kind: str, text: str) -> None:
    answer = filled.get(path)
    assert answer.headers["Content-Type"] == kind
    assert answer.body.decode() == text


@pytest.mark.parametrize(("path", "kind", "text"), CERTIFICATES, ids=[c[0] for c in CERTIFICATES])
def test_certificate_as_der(filled: Site, path: str, kind: str, text: str) -> None:
    answer = filled.get(path)
    assert answer.headers["Content-Type"] == kind
    expected = x509.load_pem_x509_certificate(text.encode())
    assert x509.load_der_x509_certificate(answer.body) == expected


@pytest.mark.parametrize("path", ["/private-key/1/key.key", "/certificate-signed/1/privkey.key"])
@pytest.mark.parametrize(
    ("chain", "key"),
    [(CHAIN, EC256), (pem("certificates/rsa2048") + MIDDLE, RSA2048)],
    ids=["EC", "RSA"],
)
def test_key_as_der_is_pkcs8(site: Site, path: str, chain: str, key: str) -> None:
    stored(site, [chain], key)
    answer = site.get(path)
    assert answer.headers["Content-Type"] == "application/pkcs8"
    load: Callable[..., Any] = load_der_private_key
    load(answer.body, None)
    assert answer.body[:1] == b"\x30"


def test_placeholder_has_no_files(site: Site) -> None:
    with site.writing() as rows:
        rows.placeholder()
    for suffix in ("key", "pem", "pem.txt"):
        site.get(f"/private-key/0/key.{suffix}", status=404)
    site.get("/private-key/0/parse.json", status=404)


@pytest.mark.parametrize(
    "path", ["/private-key/1/key.der", "/certificate-signed/1/cert.exe", "/private-key/2/key.pem"]
)
def test_what_there_is_none_of_is_not_found(filled: Site, path: str) -> None:
    filled.get(path, status=404)
