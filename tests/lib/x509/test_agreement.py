"""What one backend says, the other one says: of every file, and of files with a byte turned."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peter_sslers.lib.x509 import Backend, X509Error, pem

from .conftest import BOTH, DATA

FILES = sorted(path for path in DATA.rglob("*/*") if path.suffix != ".json")
QUESTIONS: dict[str, Callable[[Backend, str], Any]] = {
    "certificate": lambda backend, text: backend.certificate(text),
    "csr": lambda backend, text: backend.csr(text),
    "key": lambda backend, text: backend.key(text),
    "key_der": lambda backend, text: backend.key_der(text),
    "jwk": lambda backend, text: backend.account_key(text).jwk(),
    "chain": lambda backend, text: backend.check_chain(
        [backend.certificate(one) for one in pem.split_pems(text)]
    ),
}


def answer(backend: Backend, question: Callable[[Backend, Any], Any], about: Any) -> Any:
    """What comes back, or the class and the words of the refusal."""
    try:
        return question(backend, about)
    except X509Error as exc:
        return type(exc), str(exc)


def agreed(question: Callable[[Backend, Any], Any], about: Any) -> Any:
    first, second = (answer(backend, question, about) for backend in BOTH)
    assert first == second
    return first


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_every_file(path, question):
    agreed(QUESTIONS[question], path.read_bytes().decode("utf-8", "replace"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_every_file_as_der_and_as_bundle(path):
    data = path.read_bytes()
    agreed(lambda backend, about: backend.certificate_from_der(about), data)
    agreed(lambda backend, about: backend.pkcs7_certificates(about), data)


TARGETS = [
    ("certificate", "certificates/several_uris.pem"),
    ("certificate", "certificates/odd_subject.pem"),
    ("csr", "requests/ip_addresses.pem"),
    ("csr", "requests/ec256.pem"),
    ("key", "keys/rsa2048_traditional.pem"),
    ("key", "keys/ec256.pem"),
    ("key", "keys/ec384_traditional.pem"),
]


@pytest.mark.parametrize(("question", "path"), TARGETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_turned_byte(question, path, data):
    text = (DATA / path).read_text()
    label = text.partition("-----BEGIN ")[2].partition("-----")[0]
    der = bytearray(pem.pem_to_der(text))
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(der) - 1))
        der[at] = data.draw(st.integers(0, 255))
    agreed(QUESTIONS[question], pem.der_to_pem(bytes(der), label))


@given(text=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text(text):
    for question in QUESTIONS.values():
        agreed(question, text)
        agreed(question, f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")


def test_ten_thousand_names():
    names = [x509.DNSName(f"n{n}.example.com") for n in range(10_000)]
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime(2025, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(x509.Name([]), x509.Name([]), key.public_key(), 1)
    builder = builder.not_valid_before(start).not_valid_after(start)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    text = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    assert len(agreed(QUESTIONS["certificate"], text).names) == 10_000


@pytest.mark.parametrize("file", ["private_key", "private_key_ec"])
def test_jwk(file):
    jwk = json.loads((DATA / f"keys/{file}.json").read_text())
    agreed(lambda backend, about: backend.key_from_jwk(about), jwk)


@pytest.mark.parametrize("label", ["rsa2048", "ec256", "ec384"])
def test_each_accepts_what_the_other_made(label):
    key = (DATA / f"keys/{label}.pem").read_text()
    for maker in BOTH:
        assert agreed(QUESTIONS["csr"], maker.new_csr(["example.com"], key)).names == (
            "example.com",
        )
