"""Signed messages: RFC 7515 as RFC 8555 section 6.2 narrows it. Pure; no network, no state."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...errors import SslersError

HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}  # RFC 7518 section 3.2


class Key(Protocol):
    """What we need of an account key. The caller brings it."""

    @property
    def alg(self) -> str:
        """ "RS256", "ES256", "ES384": RFC 7518 section 3.1."""

    def jwk(self) -> dict[str, str]:
        """The public key with the members that RFC 7638 wants and no others."""

    def sign(self, data: bytes) -> bytes:
        """The signature in JWS form: for EC that is r and s side by side, not DER."""


@dataclass(frozen=True)
class ExternalAccountBinding:
    """What a CA hands out to tie an ACME account to a customer of theirs; section 7.3.4.

    `hmac_key` is base64url, as the CA's page shows it; padding and `+/` are taken too.
    """

    kid: str
    hmac_key: str = field(repr=False)
    alg: str = "HS256"


def b64(data: bytes) -> str:
    """Base64url without padding: RFC 7515 section 2."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def thumbprint(key: Key) -> str:
    """RFC 7638, with SHA-256."""
    return b64(hashlib.sha256(compact(key.jwk())).digest())


def key_authorization(token: str, key: Key) -> str:
    """RFC 8555 section 8.1. What is not base64url in a token can not do harm in a path or page."""
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', token)}.{thumbprint(key)}"


def dns_01_value(authorization: str) -> str:
    """The TXT record's value for a key authorization: section 8.4."""
    return b64(hashlib.sha256(authorization.encode()).digest())


def signed(key: Key, header: Mapping[str, Any], payload: Any) -> dict[str, str]:
    """A flattened JWS. A payload of None signs the empty string: POST-as-GET, section 6.3."""
    protected = b64(compact({"alg": key.alg, **header}))
    body = "" if payload is None else b64(compact(payload))
    signature = key.sign(f"{protected}.{body}".encode())
    return {"protected": protected, "payload": body, "signature": b64(signature)}


def key_change(old: Key, new: Key, account_url: str, url: str) -> dict[str, str]:
    """The inner JWS that the new key signs: section 7.3.5. It carries no nonce."""
    payload = {"account": account_url, "oldKey": old.jwk()}
    return signed(new, {"url": url, "jwk": new.jwk()}, payload)


def external_account(binding: ExternalAccountBinding, key: Key, url: str) -> dict[str, str]:
    """The JWS that binds `key` to the CA's customer: section 7.3.4. Raises SslersError."""
    if binding.alg not in HASHES:
        raise SslersError(f"external account binding: {binding.alg} is none of {', '.join(HASHES)}")
    protected = b64(compact({"alg": binding.alg, "kid": binding.kid, "url": url}))
    payload = b64(compact(key.jwk()))
    secret = mac_key(binding.hmac_key)
    mac = hmac.digest(secret, f"{protected}.{payload}".encode(), HASHES[binding.alg])
    return {"protected": protected, "payload": payload, "signature": b64(mac)}


def mac_key(text: str) -> bytes:
    """The key that a CA's page shows in base64url. Raises SslersError."""
    text = text.strip().rstrip("=").translate(str.maketrans("+/", "-_"))
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise SslersError("external account binding: the HMAC key is not base64url") from exc
    if not secret:
        raise SslersError("external account binding: the HMAC key is empty")
    return secret
