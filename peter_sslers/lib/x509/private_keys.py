"""The forms of a private key: PKCS#8, PKCS#1, SEC 1 and JWK in, PKCS#8 out."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...enums import KeyTechnology
from . import der, pem, public_keys
from .public_keys import Curve
from .types import InvalidKey

ENCRYPTED = "the private key is encrypted: remove its passphrase first"
DAMAGED = "the private key is damaged: its numbers do not belong together"
_PKCS8, _PKCS1, _SEC1 = "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"
_LABELS = (_PKCS8, _PKCS1, _SEC1, "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY")
_RSA_IDENTIFIER = der.write(der.SEQUENCE, public_keys.RSA, der.write(der.NULL))
_PARAMETERS, _PUBLIC = 0xA0, 0xA1  # of ECPrivateKey, RFC 5915
JWK_RSA = ("n", "e", "d", "p", "q", "dp", "dq", "qi")


@dataclass(frozen=True)
class Rsa:
    """RFC 8017 section 3.2: n, e, d, p, q, dP, dQ, qInv."""

    numbers: tuple[int, ...] = field(repr=False)
    technology = KeyTechnology.RSA

    @property
    def size(self) -> int:
        return self.numbers[0].bit_length()

    def pkcs8(self) -> bytes:
        numbers = map(der.write_integer, (0, *self.numbers))
        return _pkcs8(_RSA_IDENTIFIER, der.write(der.SEQUENCE, *numbers))


@dataclass(frozen=True)
class Ec:
    """A secret number on a curve; the point is empty where the key did not carry it."""

    curve: Curve
    secret: bytes = field(repr=False)
    point: bytes = b""
    technology = KeyTechnology.EC

    @property
    def size(self) -> int:
        return self.curve.size

    def pkcs8(self) -> bytes:
        public = der.write(_PUBLIC, der.write_bits(self.point)) if self.point else b""
        secret = der.write(der.OCTET_STRING, self.secret)
        body = der.write(der.SEQUENCE, der.write_integer(1), secret, public)
        return _pkcs8(self.curve.identifier, body)


Key = Rsa | Ec


def from_pem(text: str) -> tuple[str, Key]:
    """The first private key of `text`: its block as clean PEM, and its numbers."""
    block = pem.first(text, _LABELS, InvalidKey)
    if block.label.startswith("ENCRYPTED") or any("ENCRYPTED" in line for line in block.lines[:2]):
        raise InvalidKey(ENCRYPTED)
    if block.label not in (_PKCS8, _PKCS1, _SEC1):
        kind = block.label.removesuffix(" PRIVATE KEY")
        raise InvalidKey(f"the private key is of the kind {kind}; {public_keys.USED}")
    data = pem.decode(block, InvalidKey)
    try:
        return block.pem, {_PKCS8: from_pkcs8, _PKCS1: _rsa, _SEC1: _ec}[block.label](data)
    except der.DerError as exc:
        raise InvalidKey(f"not a private key that can be used: {exc}") from None


def from_pkcs8(data: bytes) -> Key:
    """PrivateKeyInfo, RFC 5208 section 5; its attributes are passed over. Raises DerError."""
    parts = der.whole(data)
    if len(parts) not in (3, 4) or der.integer(data, parts[0]) != 0:
        raise der.DerError("it is not built as PKCS#8 keys are")
    technology, curve = public_keys.algorithm(data, parts[1])
    inner = der.content(data, parts[2], der.OCTET_STRING)
    return _rsa(inner) if technology is KeyTechnology.RSA else _ec(inner, curve)


def _rsa(data: bytes) -> Rsa:
    parts = der.whole(data)
    if len(parts) != 9 or der.integer(data, parts[0]) != 0:
        raise der.DerError("it is not built as RSA keys are")
    return checked_rsa(tuple(der.integer(data, part) for part in parts[1:]))


def checked_rsa(numbers: tuple[int, ...]) -> Rsa:
    """The eight numbers must belong together (RFC 8017 section 3.2). Raises DerError."""
    n, e, d, p, q, d_p, d_q, q_inv = numbers
    public_keys.check_rsa(n, e)
    if min(numbers) < 2 or max(p, q) >= n or p == q or n != p * q:
        raise InvalidKey(DAMAGED)
    fits = (d * e % (p - 1) == 1, d * e % (q - 1) == 1, q_inv * q % p == 1, q_inv < p, d < n)
    if not all(fits) or d_p != d % (p - 1) or d_q != d % (q - 1):
        raise InvalidKey(DAMAGED)
    return Rsa(numbers)


def _ec(data: bytes, curve: Curve | None = None) -> Ec:
    parts = der.whole(data)
    if len(parts) < 2 or der.integer(data, parts[0]) != 1:
        raise der.DerError("it is not built as EC keys are")
    secret, point = der.content(data, parts[1], der.OCTET_STRING), b""
    for node in parts[2:]:
        inner = der.members(data, node, node[0])
        if len(inner) != 1 or node[0] not in (_PARAMETERS, _PUBLIC):
            raise der.DerError("it is not built as EC keys are")
        if node[0] == _PUBLIC:
            point = der.bits(data, inner[0])
        else:
            named = public_keys.curve_of(der.content(data, inner[0], der.OID))
            if curve not in (None, named):
                raise der.DerError("it names two curves")
            curve = named
    if curve is None:
        raise der.DerError("it does not name its curve")
    return checked_ec(curve, secret, point)


def checked_ec(curve: Curve, secret: bytes, point: bytes) -> Ec:
    """The secret in its fixed length, the point on the curve. Raises DerError."""
    if point:
        curve.point(point)
    number = int.from_bytes(secret, "big")
    if not 0 < number < 1 << curve.size:
        raise InvalidKey(DAMAGED)
    return Ec(curve, number.to_bytes(curve.octets, "big"), point)


def from_jwk(jwk: dict[str, str]) -> Key:
    """A private JWK, RFC 7518 sections 6.2.2 and 6.3.2. Raises InvalidKey."""
    if not isinstance(jwk, dict) or jwk.get("kty") not in ("RSA", "EC"):
        raise InvalidKey("not a private key as JWK: its “kty” is neither RSA nor EC")
    try:
        if jwk["kty"] == "RSA":
            return checked_rsa(tuple(int.from_bytes(_member(jwk, name)) for name in JWK_RSA))
        for curve in public_keys.CURVES:
            if jwk.get("crv") == curve.jwk:
                x, y = (_member(jwk, name).rjust(curve.octets, b"\0") for name in "xy")
                return checked_ec(curve, _member(jwk, "d"), b"\4" + x + y)
    except der.DerError as exc:
        raise InvalidKey(f"not a private key that can be used: {exc}") from None
    raise InvalidKey(f"the JWK's curve is not one that is used; {public_keys.USED}")


def _member(jwk: dict[str, str], name: str) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str) or len(value) > public_keys.MAX_RSA:
        raise InvalidKey(f"not a private key as JWK: “{name}” is missing or not text")
    try:
        return pem.b64url_decode(value)
    except ValueError:
        raise InvalidKey(f"not a private key as JWK: “{name}” is not base64url") from None


def _pkcs8(identifier: bytes, body: bytes) -> bytes:
    inner = der.write(der.OCTET_STRING, body)
    return der.write(der.SEQUENCE, der.write_integer(0), identifier, inner)
