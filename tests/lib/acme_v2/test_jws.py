"""Signatures against the RFCs' own examples."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from peter_sslers.errors import SslersError
from peter_sslers.lib.acme_v2 import ExternalAccountBinding, jws
from tests.services.keys import EcKey, RsaKey


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Fixed:
    """A key of which only the public half is told."""

    alg = "RS256"

    def __init__(self, jwk: dict[str, str]) -> None:
        self._jwk = jwk

    def jwk(self) -> dict[str, str]:
        return self._jwk

    def sign(self, data: bytes) -> bytes:
        return b""


# RFC 7638 section 3.1
RFC_7638 = {
    "e": "AQAB",
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_B"
    "JECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-"
    "65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdk"
    "t-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
}


def checked(message: dict[str, str], key: EcKey | RsaKey) -> dict[str, Any]:
    """The protected header of a message whose signature is good."""
    data = f"{message['protected']}.{message['payload']}".encode()
    signature = unb64(message["signature"])
    if isinstance(key, EcKey):
        der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        key.private.public_key().verify(der, data, ec.ECDSA(hashes.SHA256()))
    else:
        key.private.public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    header: dict[str, Any] = json.loads(unb64(message["protected"]))
    return header


def test_thumbprint_is_that_of_rfc_7638() -> None:
    assert jws.thumbprint(Fixed(RFC_7638)) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_base64url_has_no_padding_and_its_own_alphabet() -> None:
    assert jws.b64(b"\x03\xec\xff\xe0\xc1") == "A-z_4ME"  # RFC 7515 appendix C


@pytest.mark.parametrize("key", [EcKey(), RsaKey()], ids=["EC", "RSA"])
def test_a_message_carries_a_good_signature(key: EcKey | RsaKey) -> None:
    message = jws.signed(key, {"url": "https://ca/x", "nonce": "n"}, {"a": 1})
    assert checked(message, key) == {"alg": key.alg, "url": "https://ca/x", "nonce": "n"}
    assert json.loads(unb64(message["payload"])) == {"a": 1}


def test_post_as_get_signs_the_empty_string_and_an_empty_object_is_something_else() -> None:
    assert jws.signed(EcKey(), {}, None)["payload"] == ""
    assert jws.signed(EcKey(), {}, {})["payload"] == "e30"


@pytest.mark.parametrize("token", ["../../etc/passwd", "a b", "a\r\nb", "<script>", "ü"])
def test_key_authorization_replaces_what_is_no_base64url(token: str) -> None:
    made, _, thumbprint = jws.key_authorization(token, Fixed(RFC_7638)).rpartition(".")
    assert len(made) == len(token)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    assert thumbprint == jws.thumbprint(Fixed(RFC_7638))


def test_dns_01_value_is_the_digest_of_the_key_authorization() -> None:
    assert unb64(jws.dns_01_value("token.thumb")) == hashlib.sha256(b"token.thumb").digest()


@pytest.mark.parametrize(
    ("alg", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")]
)
def test_external_account_is_bound_by_the_hmac_of_its_key(alg: str, digest: str) -> None:
    key, secret = EcKey(), b"\xfb\xff secret of the customer"
    binding = ExternalAccountBinding("kid-1", jws.b64(secret), alg)
    message = jws.external_account(binding, key, "https://ca/new-account")
    data = f"{message['protected']}.{message['payload']}".encode()
    assert unb64(message["signature"]) == hmac.digest(secret, data, digest)
    assert json.loads(unb64(message["payload"])) == key.jwk()
    header = json.loads(unb64(message["protected"]))
    assert header == {"alg": alg, "kid": "kid-1", "url": "https://ca/new-account"}


def test_external_account_key_is_taken_with_padding_and_in_either_alphabet() -> None:
    key, secret = EcKey(), b"\xfb\xff\xfe\x00"
    forms = (base64.urlsafe_b64encode(secret), base64.b64encode(secret))
    made = {
        jws.external_account(ExternalAccountBinding("k", form.decode()), key, "u")["signature"]
        for form in forms
    }
    assert len(made) == 1


@pytest.mark.parametrize("text", ["", "not-base64!", "s3cr3"])
def test_external_account_key_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SslersError, match="HMAC key") as caught:
        jws.external_account(ExternalAccountBinding("k", text), EcKey(), "u")
    assert not text or text not in str(caught.value)


def test_external_account_key_is_not_in_a_repr() -> None:
    assert "c2VjcmV0" not in repr(ExternalAccountBinding("kid", "c2VjcmV0"))


def test_key_change_is_signed_by_the_new_key_and_has_no_nonce() -> None:
    old, new = EcKey(), RsaKey()
    message = jws.key_change(old, new, "https://ca/account/1", "https://ca/key-change")
    header = checked(message, new)
    assert header == {"alg": "RS256", "url": "https://ca/key-change", "jwk": new.jwk()}
    payload = {"account": "https://ca/account/1", "oldKey": old.jwk()}
    assert json.loads(unb64(message["payload"])) == payload
