import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from peter_sslers.lib.x509.pem import b64url_decode

from .conftest import BOTH


def public(text):
    return serialization.load_pem_private_key(text.encode(), None).public_key()


def test_rsa_signs_for_jws(backend, read):
    text = read("keys/rsa2048.pem")
    account = backend.account_key(text)
    assert account.alg == "RS256"
    public(text).verify(account.sign(b"hello"), b"hello", padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(
    ("label", "alg", "octets", "hash_"),
    [("ec256", "ES256", 32, hashes.SHA256()), ("ec384", "ES384", 48, hashes.SHA384())],
)
def test_ec_signs_for_jws(backend, read, label, alg, octets, hash_):
    text = read(f"keys/{label}.pem")
    account = backend.account_key(text)
    assert account.alg == alg
    for _ in range(5):
        signature = account.sign(b"hello")
        assert len(signature) == 2 * octets
        r, s = (int.from_bytes(part) for part in (signature[:octets], signature[octets:]))
        public(text).verify(encode_dss_signature(r, s), b"hello", ec.ECDSA(hash_))


def test_rsa_jwk_has_the_members_of_the_thumbprint(backend, read):
    text = read("keys/rsa2048.pem")
    jwk = backend.account_key(text).jwk()
    numbers = public(text).public_numbers()
    assert list(jwk) == ["e", "kty", "n"]
    assert jwk["e"] == "AQAB"
    assert int.from_bytes(b64url_decode(jwk["n"])) == numbers.n


def test_ec_jwk_has_the_members_of_the_thumbprint(backend, read):
    text = read("keys/ec384.pem")
    jwk = backend.account_key(text).jwk()
    numbers = public(text).public_numbers()
    assert list(jwk) == ["crv", "kty", "x", "y"]
    assert jwk["crv"] == "P-384"
    assert [int.from_bytes(b64url_decode(jwk[name])) for name in "xy"] == [numbers.x, numbers.y]


@pytest.mark.parametrize("label", ["rsa2048", "rsa2048_traditional"])
def test_rsa_signatures_are_the_same_from_both(read, label):
    first, second = (one.account_key(read(f"keys/{label}.pem")) for one in BOTH)
    assert first.sign(b"x" * 100_000) == second.sign(b"x" * 100_000)
