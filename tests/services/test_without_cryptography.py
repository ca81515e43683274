"""The emergency road: a Peter that has no cryptography, and no compiled module of any package."""

from __future__ import annotations

import io
import os
import re
import shlex
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name
from .processes import find

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("openssl")]

PURE = Path(__file__).with_name("pure_python")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PURE)}
# Everything that the binary is ever told. What is secret goes in by standard input or a pipe.
WORD = re.compile(
    r"version|pkey|dgst|genpkey|-[a-z0-9]+|DER|EC|RSA|/dev/fd/\d+"
    r"|rsa_keygen_bits:\d+|ec_paramgen_curve:[\w-]+|ec_param_enc:named_curve"
)
TEXTS = ("pem", "pem.txt")
CERTIFICATES = ("cer", "crt", "der")
WRITTEN = [
    pytest.param(rsa.generate_private_key(65537, 2048), PrivateFormat.TraditionalOpenSSL, id="RSA"),
    pytest.param(rsa.generate_private_key(65537, 2048), PrivateFormat.PKCS8, id="RSA, PKCS#8"),
    pytest.param(ec.generate_private_key(ec.SECP256R1()), PrivateFormat.PKCS8, id="EC, PKCS#8"),
    pytest.param(
        ec.generate_private_key(ec.SECP384R1()), PrivateFormat.TraditionalOpenSSL, id="EC"
    ),
]


class Recorder:
    """A script before openssl, which writes down what it was called with."""

    def __init__(self, folder: Path) -> None:
        self.script = folder / "openssl"
        self._log = folder / "arguments"
        log, openssl = (shlex.quote(p) for p in (str(self._log), find("openssl") or "openssl"))
        self.script.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\nexec {openssl} "$@"\n', encoding="utf-8"
        )
        self.script.chmod(self.script.stat().st_mode | stat.S_IXUSR)

    def calls(self) -> list[str]:
        return self._log.read_text().splitlines()


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    return Recorder(tmp_path_factory.mktemp("openssl"))


@pytest.fixture(scope="module")
def peter(start_peter: StartPeter, pebble: Pebble, recorder: Recorder) -> Iterator[Peter]:
    """Initialised and served without cryptography."""
    started = start_peter(pebble, env=ENVIRONMENT, openssl_path=str(recorder.script))
    yield started
    started.stop()


@pytest.fixture(scope="module", params=["RSA", "EC"])
def order(peter: Peter, request: pytest.FixtureRequest) -> dict[str, Any]:
    """An order of an account whose key is RSA, for a certificate whose key is the parameter."""
    peter.account(request.param)
    placed = peter.order([unused_name(), unused_name()])
    assert placed["acme_status_order"] == "valid"
    return placed


def fetch(peter: Peter, path: str) -> bytes:
    answer = peter.http.get(f"{peter.url}{path}", timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def private_key(pem: bytes, technology: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey if technology == "RSA" else ec.EllipticCurvePrivateKey)
    return key


def test_nothing_that_was_compiled_can_be_imported() -> None:
    program = "import sqlalchemy.engine._processors_cy as m, sys; sys.stdout.write(m.__file__)"
    for code, works in (("import cryptography", False), (program, True)):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) is works, done.stderr
        assert not works or done.stdout.endswith(".py")


def test_the_settings_page_says_who_does_the_cryptography(peter: Peter) -> None:
    assert peter.get("/settings")["runtime"]["x509_backend"] == "openssl"
    assert b"openssl" in fetch(peter, "/settings")


def test_the_order_has_a_certificate_with_the_key_that_was_asked_for(
    peter: Peter, order: dict[str, Any]
) -> None:
    path = f"/certificate-signed/{order['certificate_signed_id']}"
    issued = peter.get(path)["CertificateSigned"]
    certificate = x509.load_pem_x509_certificate(issued["cert_pem"].encode())
    key = private_key(fetch(peter, f"{path}/privkey.pem"), issued["key_technology"])
    assert certificate.public_key() == key.public_key()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == order["domains_as_list"]
    account = peter.get(f"/acme-account/{order['AcmeAccount']['id']}")["AcmeAccount"]
    assert account["AcmeAccountKey"]["key_technology"] == "RSA"
    assert account["private_key_technology"] == issued["key_technology"]


def test_an_order_goes_step_by_step_too(peter: Peter, order: dict[str, Any]) -> None:
    placed = peter.order([unused_name()], "process_multi")
    assert peter.process_to_the_end(placed)["acme_status_order"] == "valid"


def test_files_of_the_certificate_in_each_suffix(peter: Peter, order: dict[str, Any]) -> None:
    path = f"/certificate-signed/{order['certificate_signed_id']}"
    leaf, chain, full = (fetch(peter, f"{path}/{n}.pem") for n in ("cert", "chain", "fullchain"))
    for name, body in (("cert", leaf), ("chain", chain), ("fullchain", full)):
        assert fetch(peter, f"{path}/{name}.pem.txt") == body
    assert [*x509.load_pem_x509_certificates(full)] == [
        x509.load_pem_x509_certificate(leaf),
        *x509.load_pem_x509_certificates(chain),
    ]
    for name, body in (("cert", leaf), ("chain", chain)):
        for suffix in CERTIFICATES:
            der = fetch(peter, f"{path}/{name}.{suffix}")
            assert der == x509.load_pem_x509_certificate(body).public_bytes(Encoding.DER)


def test_files_of_keys_in_each_suffix(peter: Peter, order: dict[str, Any]) -> None:
    at = f"/certificate-signed/{order['certificate_signed_id']}"
    issued = peter.get(at)["CertificateSigned"]
    account = order["AcmeAccount"]["id"]
    for path, technology in (
        (f"{at}/privkey", issued["key_technology"]),
        (f"/private-key/{issued['private_key_id']}/key", issued["key_technology"]),
        (f"/acme-account/{account}/key", "RSA"),
    ):
        pem, text = (fetch(peter, f"{path}.{suffix}") for suffix in TEXTS)
        key = load_der_private_key(fetch(peter, f"{path}.key"), None)
        expected = private_key(pem, technology)
        assert pem == text
        assert key.public_key() == expected.public_key()


def test_the_request_and_its_signature(peter: Peter, order: dict[str, Any]) -> None:
    path = f"/certificate-request/{order['certificate_request_id']}"
    requests = {suffix: fetch(peter, f"{path}/csr.{suffix}") for suffix in (*TEXTS, "csr")}
    assert len(set(requests.values())) == 1
    assert x509.load_pem_x509_csr(requests["pem"]).is_signature_valid
    parsed = peter.get(f"{path}/parse")["CertificateRequest"]["parsed"]
    assert sorted(parsed["SubjectAlternativeName"]) == order["domains_as_list"]


def test_configurations_for_edge_servers(peter: Peter, order: dict[str, Any]) -> None:
    path = f"/certificate-signed/{order['certificate_signed_id']}"
    config = peter.get(f"{path}/config")
    assert config["private_key"]["pem"].encode() == fetch(peter, f"{path}/privkey.pem")
    name = order["domains_as_list"][0]
    of_name = peter.get(f"/domain/{name}/config")["certificate_signed__latest_multi"]
    assert of_name["certificate"] == config["certificate"]
    with zipfile.ZipFile(io.BytesIO(fetch(peter, f"{path}/config.zip"))) as archive:
        assert len(archive.namelist()) == 4


def test_what_was_stored_can_be_parsed(peter: Peter, order: dict[str, Any]) -> None:
    number = order["certificate_signed_id"]
    issued = peter.get(f"/certificate-signed/{number}")["CertificateSigned"]
    parsed = peter.get(f"/certificate-signed/{number}/parse")["CertificateSigned"]["parsed"]
    assert parsed["fingerprint_sha256"] == issued["fingerprint_sha256"]
    key = issued["private_key_id"]
    assert peter.get(f"/private-key/{key}/parse")[str(key)]["spki_sha256"] == issued["spki_sha256"]
    (ca, *_) = issued["certificate_ca_ids__upchain"]
    parsed = peter.get(f"/certificate-ca/{ca}/parse")["CertificateCA"]["parsed"]
    assert parsed["subject"] == issued["cert_issuer"]


@pytest.mark.parametrize(
    ("technology", "bits"), [("RSA", "2048"), ("RSA", "3072"), ("EC", "256"), ("EC", "384")]
)
def test_keys_are_made(peter: Peter, technology: str, bits: str) -> None:
    made = peter.posted("/private-key/new", key_technology=technology, bits=bits)["PrivateKey"]
    assert private_key(made["key_pem"].encode(), technology).key_size == int(bits)


@pytest.mark.parametrize(("key", "form"), WRITTEN)
def test_keys_are_uploaded_and_parsed(peter: Peter, key: Any, form: PrivateFormat) -> None:
    pem = key.private_bytes(Encoding.PEM, form, NoEncryption())
    stored = peter.posted("/private-key/upload", private_key_file_pem=pem.decode())["PrivateKey"]
    parsed = peter.get(f"/private-key/{stored['id']}/parse")[str(stored["id"])]
    assert parsed["bits"] == key.key_size
    der = fetch(peter, f"/private-key/{stored['id']}/key.key")
    assert load_der_private_key(der, None).public_key() == key.public_key()


def test_keys_that_can_not_be_used_are_refused(peter: Peter) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    locked = BestAvailableEncryption(b"secret")
    refused = [
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked),
        ed25519.Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        ec.generate_private_key(ec.SECP256K1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ]
    for pem in refused:
        answer = peter.post("/private-key/upload", private_key_file_pem=pem.decode())
        assert answer.status_code == 400, answer.text
        assert answer.json()["form_errors"]["private_key_file_pem"]


def test_no_private_key_was_an_argument(
    peter: Peter, order: dict[str, Any], recorder: Recorder
) -> None:
    """Last: of all that was done before."""
    pem = fetch(peter, f"/certificate-signed/{order['certificate_signed_id']}/privkey.pem")
    peter.posted("/private-key/upload", private_key_file_pem=pem.decode())
    calls = recorder.calls()
    assert {"genpkey", "dgst"} <= {call.split()[0] for call in calls}
    assert [call for call in calls if not all(map(WORD.fullmatch, call.split()))] == []
