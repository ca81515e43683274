import hashlib
from datetime import UTC, datetime

import pytest

from peter_sslers.enums import KeyTechnology
from peter_sslers.lib.x509 import InvalidCertificate, der, extensions, pem

from .altered import with_serial


@pytest.mark.parametrize(
    ("label", "technology"),
    [
        ("rsa2048", KeyTechnology.RSA),
        ("rsa4096", KeyTechnology.RSA),
        ("ec256", KeyTechnology.EC),
        ("ec521", KeyTechnology.EC),
        ("ed25519", None),
    ],
)
def test_kind_of_key(backend, read, label, technology):
    found = backend.certificate(read(f"certificates/{label}.pem"))
    assert found.key_technology is technology
    assert (found.modulus_md5 is not None) == (technology is KeyTechnology.RSA)


def test_dates_serial_and_issuer(backend, read):
    found = backend.certificate(read("certificates/expired.pem"))
    assert found.not_before == datetime(2025, 1, 1, tzinfo=UTC)
    assert found.not_after == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.issuer == "CN=Test Intermediate"
    assert found.subject == ""
    assert found.serial > 0


def test_dates_after_2050(backend, read):
    found = backend.certificate(read("certificates/not_yet_valid.pem"))
    assert found.not_before == datetime(2055, 1, 1, tzinfo=UTC)


def test_a_negative_serial_is_read(backend, read):
    assert backend.certificate(read("certificates/negative_serial.pem")).serial < 0


@pytest.mark.parametrize("serial", [0, 2**256 - 1, 1 - 2**252])
def test_a_serial_of_32_bytes_is_read(backend, read, serial):
    """RFC 5280 section 4.1.2.2 has 20 bytes, but there are CAs that never heard of it."""
    assert backend.certificate(with_serial(read("certificates/ec256.pem"), serial)).serial == serial


@pytest.mark.parametrize("serial", [2**256, -(2**252), 2**5000])
def test_a_longer_serial_is_refused(backend, read, serial):
    with pytest.raises(InvalidCertificate, match="serial number is longer than 32 bytes"):
        backend.certificate(with_serial(read("certificates/ec256.pem"), serial))


def test_a_long_key_identifier_is_refused():
    for size in (127, 128):
        raw = b"k" * size
        of_subject = {extensions.SUBJECT_KEY_IDENTIFIER: der.write(der.OCTET_STRING, raw)}
        inner = der.write(der.SEQUENCE, der.write(0x80, raw))
        of_authority = {extensions.AUTHORITY_KEY_IDENTIFIER: inner}
        for find, found in (
            (extensions.subject_key_identifier, of_subject),
            (extensions.authority_key_identifier, of_authority),
        ):
            if size == 127:
                assert find(found) == raw.hex().upper()
                continue
            with pytest.raises(der.DerError, match="key identifier of more than 127 bytes"):
                find(found)


def test_names_are_lower_case_sorted_and_none_twice(backend, read):
    found = backend.certificate(read("certificates/upper_case.pem"))
    assert found.dns_names == ("b.example.com", "example.com")
    assert found.names == ("b.example.com", "example.com", "www.example.com")


def test_wildcards_and_punycode(backend, read):
    wildcard = backend.certificate(read("certificates/wildcard.pem"))
    assert wildcard.names == ("*.example.com", "example.com")
    idn = backend.certificate(read("certificates/idn.pem"))
    assert idn.names == ("xn--bcher-kva.example.com",)


def test_ip_addresses_are_names_too(backend, read):
    found = backend.certificate(read("certificates/ip_addresses.pem"))
    assert found.dns_names == ("example.com",)
    assert found.ip_addresses == ("192.0.2.1", "2001:db8::1")
    assert found.names == ("192.0.2.1", "2001:db8::1", "example.com")


def test_a_common_name_counts_where_it_looks_like_a_name(backend, read):
    assert backend.certificate(read("certificates/common_name_only.pem")).names == (
        "only.example.com",
    )
    assert backend.certificate(read("chains/root.pem")).names == ()


def test_subject_keeps_its_order_and_its_characters(backend, read):
    assert backend.certificate(read("certificates/odd_subject.pem")).subject.split("\n") == [
        "C=DE",
        "ST=Thüringen",
        'L=A, B/C+D=E \\ "F"',
        "O=例え 株式会社",
        "OU=/CN=evil.example.com",
        "serialNumber=1234",
        "emailAddress=a@example.com",
        "1.3.6.1.4.1.99999.1=unknown",
        "CN=Odd, Subject",
    ]


def test_attributes_of_one_rdn_stand_on_lines_of_their_own(backend, read):
    found = backend.certificate(read("certificates/multi_valued.pem"))
    assert set(found.subject.split("\n")) == {"O=Org", "OU=Unit", "CN=example.com"}
    assert found.subject.endswith("\nCN=example.com")


def test_a_newline_in_a_subject_makes_no_line(backend, read):
    found = backend.certificate(read("certificates/newline_in_subject.pem"))
    assert found.subject == "CN=line\\0Afeed"


def test_extensions(backend, read):
    found = backend.certificate(read("certificates/several_uris.pem"))
    issuer = backend.certificate(read("chains/intermediate.pem"))
    assert found.issuer_uri == "http://one.test/1.der"
    assert found.authority_key_identifier == issuer.subject_key_identifier
    assert (found.is_ca, issuer.is_ca) == (False, True)
    bare = backend.certificate(read("certificates/no_aki.pem"))
    assert (bare.authority_key_identifier, bare.issuer_uri) == (None, None)


def test_an_rsa_modulus_below_zero_is_refused(backend, read):
    data = pem.pem_to_der(read("certificates/rsa2048.pem"))
    at = data.index(bytes.fromhex("0282010100"))
    with pytest.raises(InvalidCertificate, match="numbers are not sound"):
        backend.certificate_from_der(data[: at + 4] + b"\xff\x01" + data[at + 6 :])


def test_hashes_are_those_of_the_der(backend, read):
    text = read("certificates/rsa2048.pem")
    found = backend.certificate(text)
    der = pem.pem_to_der(text)
    assert found.fingerprint_sha1 == hashlib.sha1(der).hexdigest().upper()
    assert found.fingerprint_sha256 == hashlib.sha256(der).hexdigest().upper()
    assert backend.certificate_from_der(der) == found


def test_key_request_and_certificate_have_the_same_hashes(backend, read):
    key = backend.key(read("keys/rsa2048.pem"))
    request = backend.csr(read("requests/rsa2048.pem"))
    found = backend.certificate(read("certificates/rsa2048.pem"))
    assert key.spki_sha256 == request.spki_sha256 == found.spki_sha256
    assert key.modulus_md5 == request.modulus_md5 == found.modulus_md5


@pytest.mark.parametrize("label", ["crlf", "bom", "blanks", "long_lines", "text_around"])
def test_however_it_is_written_it_is_the_same(backend, read, label):
    good = backend.certificate(read("certificates/rsa2048.pem"))
    assert backend.certificate(read(f"certificates/{label}.pem")) == good


def test_the_first_of_two_counts(backend, read):
    good = backend.certificate(read("certificates/rsa2048.pem"))
    assert backend.certificate(read("certificates/two_in_one.pem")) == good


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("nul_in_san", "character that no host name has"),
        ("latin1_in_san", "character that no host name has"),
        ("extension_twice", "2.5.29.35 twice"),
        ("version_9", "version"),
        ("bad_time", "time"),
        ("truncated", "too early"),
        ("bytes_after_end", "after its end"),
        ("not_base64", "not base64"),
        ("no_end", "not complete"),
        ("key_inside", "not a certificate"),
        ("empty", "not PEM"),
        ("no_pem", "not PEM"),
    ],
)
def test_what_is_no_certificate_is_refused(backend, read, label, words):
    with pytest.raises(InvalidCertificate, match=words):
        backend.certificate(read(f"certificates/{label}.pem"))


def test_a_key_where_a_certificate_is_due(backend, read):
    with pytest.raises(InvalidCertificate, match="“PRIVATE KEY” where “CERTIFICATE”"):
        backend.certificate(read("keys/ec256.pem"))


def test_der_where_pem_is_due(backend, read):
    with pytest.raises(InvalidCertificate, match="not PEM"):
        backend.certificate(read("certificates/rsa2048.der"))
