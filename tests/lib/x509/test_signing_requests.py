import pytest
from cryptography import x509 as library
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from peter_sslers.enums import KeyTechnology
from peter_sslers.lib.x509 import InvalidKey, InvalidRequest, der, pem

NAMES = ["b.example.com", "*.example.com", "192.0.2.1", "2001:db8::1", "a.example.com"]


@pytest.mark.parametrize("label", ["rsa2048", "ec256", "ec384"])
def test_good_ones(backend, read, label):
    text = read(f"requests/{label}.pem")
    found = backend.csr(text)
    assert found.pem == text
    assert found.names == found.dns_names == (f"{label}.example.com",)
    assert found.subject == ""
    assert found.spki_sha256 == backend.key(read(f"keys/{label}.pem")).spki_sha256


def test_names_are_sorted_with_the_common_name(backend, read):
    found = backend.csr(read("requests/common_name.pem"))
    assert found.subject == "CN=cn.example.com"
    assert found.dns_names == ("a.example.com", "b.example.com")
    assert found.names == ("a.example.com", "b.example.com", "cn.example.com")


def test_one_without_san(backend, read):
    found = backend.csr(read("requests/common_name_only.pem"))
    assert (found.dns_names, found.names) == ((), ("cn.example.com",))


def test_ip_addresses(backend, read):
    found = backend.csr(read("requests/ip_addresses.pem"))
    assert found.ip_addresses == ("192.0.2.1", "2001:db8::1")


def test_the_old_label_is_read(backend, read):
    assert backend.csr(read("requests/new_label.pem")) == backend.csr(read("requests/rsa2048.pem"))


def test_one_without_attributes_is_read(backend, read):
    request = library.CertificateSigningRequestBuilder(library.Name([]))
    key = serialization.load_pem_private_key(read("keys/ec256.pem").encode(), None)
    info = request.sign(key, hashes.SHA256()).tbs_certrequest_bytes
    parts = [der.encoded(info, node) for node in der.whole(info)][:3]
    info = der.write(der.SEQUENCE, *parts)
    algorithm = der.write(der.SEQUENCE, der.write_oid("1.2.840.10045.4.3.2"))
    signature = key.sign(info, ec.ECDSA(hashes.SHA256()))
    data = der.write(der.SEQUENCE, info, algorithm, der.write_bits(signature))
    assert backend.csr(pem.der_to_pem(data, "CERTIFICATE REQUEST")).names == ()


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("bad_signature", "signature of the CSR is not good"),
        ("bad_signature_ec", "signature of the CSR is not good"),
        ("version_2", "version field is 2, but must be 0"),
        ("sha1", "1.2.840.113549.1.1.5 is not one that is accepted"),
        ("ec521", "curve P-521"),
        ("ed25519", "kind Ed25519"),
    ],
)
def test_bad_ones_are_refused(backend, read, label, words):
    with pytest.raises(InvalidRequest, match=words):
        backend.csr(read(f"requests/{label}.pem"))


def test_der_where_pem_is_due(backend, read):
    with pytest.raises(InvalidRequest, match="not PEM"):
        backend.csr(read("requests/rsa2048.der"))


@pytest.mark.parametrize("label", ["rsa2048", "rsa2048_traditional", "ec256", "ec384_traditional"])
def test_a_new_one_holds_its_names_in_order(backend, read, label):
    text = backend.new_csr(NAMES, read(f"keys/{label}.pem"))
    found = library.load_pem_x509_csr(text.encode())
    names = found.extensions.get_extension_for_class(library.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == NAMES
    assert found.is_signature_valid
    assert isinstance(found.signature_hash_algorithm, hashes.SHA256)
    assert len(found.subject) == 0
    assert backend.csr(text).names == tuple(sorted(NAMES))


def test_a_new_one_is_what_the_library_would_write(backend, read):
    key = serialization.load_pem_private_key(read("keys/rsa2048.pem").encode(), None)
    builder = library.CertificateSigningRequestBuilder(library.Name([]))
    names = [library.DNSName("a.example.com"), library.DNSName("*.b.example.com")]
    builder = builder.add_extension(library.SubjectAlternativeName(names), critical=False)
    wanted = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    made = backend.new_csr(["a.example.com", "*.b.example.com"], read("keys/rsa2048.pem"))
    assert made == wanted.decode()


def test_a_hundred_names_and_no_more(backend, read):
    key = read("keys/ec256.pem")
    names = [f"{n}.{'x' * 60}.example.com" for n in range(101)]
    assert len(backend.csr(backend.new_csr(names[:100], key)).names) == 100
    for wrong in (names, []):
        with pytest.raises(InvalidRequest, match="takes 1 to 100 names"):
            backend.new_csr(wrong, key)


@pytest.mark.parametrize(
    "name", ["a b.com", "a\nb.com", "a,DNS:b.com ", "bücher.de", "", "x" * 254]
)
def test_what_is_no_name_is_refused(backend, read, name):
    with pytest.raises(InvalidRequest, match="no host name"):
        backend.new_csr([name], read("keys/ec256.pem"))


@pytest.mark.parametrize("name", ["$(id).example.com", "`id`.com", "-new", "a;b", "@file"])
def test_a_name_is_never_a_command(backend, read, name):
    assert backend.csr(backend.new_csr([name], read("keys/ec256.pem"))).dns_names == (name,)


def test_a_new_one_needs_a_good_key(backend, read):
    with pytest.raises(InvalidKey, match="encrypted"):
        backend.new_csr(["example.com"], read("keys/encrypted_pkcs8.pem"))
    with pytest.raises(InvalidKey, match="damaged"):
        backend.new_csr(["example.com"], read("keys/ec_mismatch.pem"))


def test_kind_of_key(backend, read):
    assert backend.csr(read("requests/ec256.pem")).key_technology is KeyTechnology.EC
