import pytest

from peter_sslers.lib.x509 import Format, InvalidCertificate, certificates_in, detect

from .conftest import DATA


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("certificates/rsa2048.pem", Format.PEM),
        ("certificates/bom.pem", Format.PEM),
        ("certificates/text_around.pem", Format.PEM),
        ("certificates/rsa2048.der", Format.DER),
        ("bundles/chain.p7b", Format.PKCS7),
        ("bundles/chain_p7b.pem", Format.PKCS7),
        ("certificates/empty.pem", None),
        ("certificates/no_pem.pem", None),
    ],
)
def test_detect(path, kind):
    assert detect((DATA / path).read_bytes()) is kind


@pytest.mark.parametrize("path", ["bundles/chain.p7b", "bundles/chain_p7b.pem"])
def test_pkcs7_holds_certificates(read, path):
    wanted = {read("chains/intermediate.pem"), read("chains/root.pem")}
    assert set(certificates_in((DATA / path).read_bytes())) == wanted


def test_pkcs7_of_a_backend(backend, read):
    found = backend.pkcs7_certificates((DATA / "bundles/chain.p7b").read_bytes())
    assert set(found) == {read("chains/intermediate.pem"), read("chains/root.pem")}


@pytest.mark.parametrize("path", ["certificates/rsa2048.der", "certificates/bom.pem"])
def test_one_certificate_of_any_form(read, path):
    assert certificates_in((DATA / path).read_bytes()) == [read("certificates/rsa2048.pem")]


def test_all_certificates_of_a_pem_file(read):
    found = certificates_in((DATA / "chains/fullchain.pem").read_bytes())
    assert found == [read("chains/leaf.pem"), read("chains/intermediate.pem")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html>-----BEGIN CERTIFICATE-----</html>",
        b"\x30\x03\x02\x01\x00",
        bytes.fromhex("300f06092a864886f70d010702a0020500"),
        bytes.fromhex("300b06092a864886f70d010702"),
        (DATA / "keys/rsa2048.pem").read_bytes(),
        (DATA / "bundles/chain.p7b").read_bytes()[:-1],
    ],
)
def test_what_holds_no_certificate(data):
    with pytest.raises(InvalidCertificate):
        certificates_in(data)


def test_what_is_no_pkcs7(backend):
    with pytest.raises(InvalidCertificate, match="not a PKCS#7 bundle"):
        backend.pkcs7_certificates((DATA / "certificates/rsa2048.der").read_bytes())
