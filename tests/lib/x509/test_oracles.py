"""Our reader against two others: pyca/cryptography, and what the openssl binary prints."""

from __future__ import annotations

import subprocess

import pytest
from cryptography import x509 as library
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import AuthorityInformationAccessOID

from peter_sslers.lib.x509 import pem, private_keys
from peter_sslers.lib.x509.python import PythonBackend

from .conftest import DATA

SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
# cryptography refuses a serial below zero, and openssl prints it in a way of its own.
ODD = {"negative_serial"}
REFUSED = {"truncated", "not_base64", "no_end", "key_inside", "empty", "no_pem", "bytes_after_end"}
REFUSED |= {"nul_in_san", "latin1_in_san", "extension_twice", "version_9", "bad_time"}
FILES = [
    path
    for folder in ("certificates", "chains")
    for path in sorted((DATA / folder).glob("*.pem"))
    if path.stem not in REFUSED | ODD
]
ours = PythonBackend()


def ids(path):
    return str(path.relative_to(DATA))


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_the_library_reads_the_same(path):
    found = ours.certificate(path.read_text("utf-8"))
    other = library.load_pem_x509_certificate(found.pem.encode())
    assert found.serial == other.serial_number
    assert (found.not_before, found.not_after) == (
        other.not_valid_before_utc,
        other.not_valid_after_utc,
    )
    assert found.fingerprint_sha256 == other.fingerprint(hashes.SHA256()).hex().upper()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(other.public_key().public_bytes(*SPKI))
    assert found.spki_sha256 == digest.finalize().hex().upper()
    assert found.subject.count("\n") == max(len(list(other.subject)) - 1, 0)


def value(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except library.ExtensionNotFound:
        return None


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_the_library_reads_the_same_extensions(path):
    found = ours.certificate(path.read_text("utf-8"))
    other = library.load_pem_x509_certificate(found.pem.encode())
    names = value(other, library.SubjectAlternativeName)
    dns = names.get_values_for_type(library.DNSName) if names else []
    ips = names.get_values_for_type(library.IPAddress) if names else []
    assert found.dns_names == tuple(sorted(name.lower() for name in dns))
    assert found.ip_addresses == tuple(sorted(map(str, ips)))
    assert found.is_ca == bool((basic := value(other, library.BasicConstraints)) and basic.ca)
    ski = value(other, library.SubjectKeyIdentifier)
    assert found.subject_key_identifier == (ski and ski.digest.hex().upper())
    aki = value(other, library.AuthorityKeyIdentifier)
    assert found.authority_key_identifier == (aki and aki.key_identifier.hex().upper())
    uris = [
        one.access_location.value
        for one in value(other, library.AuthorityInformationAccess) or ()
        if one.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    ]
    by_http = [uri for uri in uris if uri.startswith("http://")]
    assert found.issuer_uri == next(iter(by_http or uris), None)


@pytest.mark.parametrize("path", [path for path in FILES if "newline" not in path.name], ids=ids)
def test_openssl_prints_the_same_subject_and_issuer(path):
    found = ours.certificate(path.read_text("utf-8"))
    options = "sep_multiline,sname,utf8"
    command = ["openssl", "x509", "-noout", "-subject", "-issuer", "-nameopt", options]
    done = subprocess.run(command, input=found.pem.encode(), capture_output=True, check=True)
    lines = [line.strip() for line in done.stdout.decode().split("\n") if line.strip()]
    at = next(n for n, line in enumerate(lines) if line.startswith("issuer="))
    assert [part for line in lines[1:at] for part in line.split(" + ")] == found.subject.split(
        "\n"
    )[: None if found.subject else 0]
    assert lines[at + 1 :] == found.issuer.split("\n")


@pytest.mark.parametrize("label", ["rsa2048", "rsa3072", "rsa4096", "ec256", "ec384"])
def test_the_library_writes_the_same_pkcs8(label):
    text = (DATA / f"keys/{label}.pem").read_text()
    assert private_keys.from_pem(text)[1].pkcs8() == pem.pem_to_der(text)


@pytest.mark.parametrize("kind", ["certificates", "requests", "keys"])
def test_openssl_prints_the_same_modulus(kind):
    text = (DATA / kind / "rsa2048.pem").read_text()
    command = {"certificates": "x509", "requests": "req", "keys": "rsa"}[kind]
    question = {"certificates": ours.certificate, "requests": ours.csr, "keys": ours.key}[kind]
    done = subprocess.run(
        ["openssl", command, "-noout", "-modulus"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    printed = done.stdout.decode().strip().removeprefix("Modulus=")
    assert pem.md5_hex(printed) == question(text).modulus_md5
