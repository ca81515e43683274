import json

import pytest

from peter_sslers.enums import KeyTechnology
from peter_sslers.lib.x509 import InvalidKey, der, pem, private_keys, public_keys


@pytest.mark.parametrize(
    ("label", "technology", "size"),
    [
        ("rsa2048", KeyTechnology.RSA, 2048),
        ("rsa3072", KeyTechnology.RSA, 3072),
        ("rsa4096", KeyTechnology.RSA, 4096),
        ("ec256", KeyTechnology.EC, 256),
        ("ec384", KeyTechnology.EC, 384),
    ],
)
def test_the_kinds_that_are_used(backend, read, label, technology, size):
    text = read(f"keys/{label}.pem")
    found = backend.key(text)
    assert (found.key_technology, found.size, found.pem) == (technology, size, text)
    assert (found.modulus_md5 is None) == (technology is KeyTechnology.EC)


@pytest.mark.parametrize("label", ["rsa2048", "ec256", "ec384"])
def test_old_forms_are_the_same_key_and_stay_as_given(backend, read, label):
    old, new = read(f"keys/{label}_traditional.pem"), read(f"keys/{label}.pem")
    assert backend.key(old).spki_sha256 == backend.key(new).spki_sha256
    assert backend.key(old).pem == old
    assert backend.key_der(old) == backend.key_der(new) == pem.pem_to_der(new)


@pytest.mark.parametrize("label", ["crlf", "bom", "garbage_around"])
def test_however_it_is_written_it_is_the_same(backend, read, label):
    assert backend.key(read(f"keys/{label}.pem")) == backend.key(read("keys/rsa2048.pem"))


def test_parameters_before_an_ec_key_are_passed_over(backend, read):
    found = backend.key(read("keys/ec256_parameters.pem"))
    assert found.size == 256
    assert found.pem.startswith("-----BEGIN EC PRIVATE KEY-----")


def test_a_key_without_its_public_point_gets_one(backend, read):
    text = read("keys/ec256.pem")
    key = private_keys.from_pem(text)[1]
    bare = pem.der_to_pem(private_keys.Ec(public_keys.P256, key.secret).pkcs8(), "PRIVATE KEY")
    assert backend.key(bare).spki_sha256 == backend.key(text).spki_sha256
    assert backend.key_der(bare) == pem.pem_to_der(text)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("encrypted_pkcs8", "encrypted"),
        ("encrypted_traditional", "encrypted"),
        ("encrypted_ec", "encrypted"),
        ("rsa1024", "1024 bits; 2048 are the least"),
        ("rsa_pss", "of the kind RSA-PSS"),
        ("dsa2048", "of the kind DSA"),
        ("ed25519", "of the kind Ed25519"),
        ("ec521", "on the curve P-521"),
        ("secp256k1", "on the curve 1.3.132.0.10"),
        ("rsa_damaged", "damaged"),
        ("ec_mismatch", "damaged"),
        ("ec_off_curve", "not on the curve"),
        ("truncated", "not base64|too early"),
        ("no_end", "not complete"),
    ],
)
def test_other_keys_are_refused(backend, read, label, words):
    text = read(f"keys/{label}.pem")
    for question in (backend.key, backend.key_der, backend.account_key):
        with pytest.raises(InvalidKey, match=words):
            question(text)


def test_a_refusal_says_what_is_used(backend, read):
    with pytest.raises(InvalidKey, match="RSA of 2048 bits and more and EC on P-256 or P-384"):
        backend.key(read("keys/ed25519.pem"))


def test_a_certificate_is_no_key(backend, read):
    with pytest.raises(InvalidKey, match="“CERTIFICATE” where “PRIVATE KEY”"):
        backend.key(read("certificates/rsa2048.pem"))


def test_der_where_pem_is_due(backend, read):
    with pytest.raises(InvalidKey, match="not PEM"):
        backend.key(read("keys/rsa2048.der"))


def test_rsa_with_a_prime_that_is_none(backend, read):
    _, key = private_keys.from_pem(read("keys/rsa2048.pem"))
    e, q = key.numbers[1], key.numbers[4]
    p = next(p for p in range(2**1024 - 3, 0, -2) if p % 3 == 0 and (p - 1) % e and p % q)
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = (p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    text = pem.der_to_pem(private_keys.Rsa(numbers).pkcs8(), "PRIVATE KEY")
    with pytest.raises(InvalidKey, match="damaged"):
        backend.key(text)


def test_a_key_does_not_show_itself(backend, read):
    text = read("keys/rsa2048.pem")
    assert text.split("\n")[5] not in repr(backend.key(text))
    assert "numbers" not in repr(private_keys.from_pem(text)[1])
    assert "sign" not in repr(backend.account_key(text))


@pytest.mark.parametrize(
    ("technology", "size", "made"),
    [
        (KeyTechnology.RSA, 2048, 2048),
        (KeyTechnology.EC, 256, 256),
        (KeyTechnology.EC, 384, 384),
        (KeyTechnology.EC, 0, 384),
    ],
)
def test_new_keys(backend, technology, size, made):
    text = backend.new_key(technology, size)
    found = backend.key(text)
    assert (found.key_technology, found.size) == (technology, made)
    assert text.startswith("-----BEGIN PRIVATE KEY-----\n")


@pytest.mark.parametrize(
    ("technology", "size"), [(KeyTechnology.RSA, 1024), (KeyTechnology.EC, 521)]
)
def test_sizes_that_are_not_made(backend, technology, size):
    with pytest.raises(InvalidKey, match=f"{size} bits are not made"):
        backend.new_key(technology, size)


@pytest.mark.parametrize(
    ("file", "label"), [("private_key", "rsa2048"), ("private_key_ec", "ec256")]
)
def test_jwk_of_certbot(backend, read, file, label):
    text = backend.key_from_jwk(json.loads(read(f"keys/{file}.json")))
    assert text == read(f"keys/{label}.pem")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kty": "oct"}, "neither RSA nor EC"),
        ({"d": None}, "“d” is missing"),
        ({"p": 17}, "“p” is missing or not text"),
        ({"q": "a b"}, "“q” is not base64url"),
        ({"n": "ä"}, "“n” is not base64url"),
        ({"e": "AQAA"}, "not sound"),
        ({"qi": "AQAB"}, "damaged"),
        ({"n": "A" * 9000}, "“n” is missing or not text"),
    ],
)
def test_what_is_no_private_jwk(backend, read, change, words):
    jwk = json.loads(read("keys/private_key.json")) | change
    with pytest.raises(InvalidKey, match=words):
        backend.key_from_jwk(jwk)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"crv": "P-521"}, "curve"), ({"x": "AA"}, "not on the curve"), ({"d": "AQ"}, "damaged")],
)
def test_what_is_no_private_ec_jwk(backend, read, change, words):
    jwk = json.loads(read("keys/private_key_ec.json")) | change
    with pytest.raises(InvalidKey, match=words):
        backend.key_from_jwk(jwk)


def test_something_else_than_a_dict_is_no_jwk(backend):
    with pytest.raises(InvalidKey, match="not a private key as JWK"):
        backend.key_from_jwk([1])


def test_pkcs8_attributes_are_passed_over(backend, read):
    text = read("keys/ec256.pem")
    data = pem.pem_to_der(text)
    parts = [der.encoded(data, node) for node in der.whole(data)]
    more = pem.der_to_pem(der.write(der.SEQUENCE, *parts, der.write(0xA0)), "PRIVATE KEY")
    assert backend.key_der(more) == data
