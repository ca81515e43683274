"""SubjectPublicKeyInfo: what kind of key it is, and whether we use it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import md5

from ...enums import KeyTechnology
from . import der

RSA = der.write_oid("1.2.840.113549.1.1.1")
EC = der.write_oid("1.2.840.10045.2.1")
MIN_RSA, MAX_RSA = 2048, 8192
USED = "RSA of 2048 bits and more and EC on P-256 or P-384 are used"
_KINDS = {
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.10040.4.1": "DSA",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}


@dataclass(frozen=True)
class Curve:
    """y² = x³ - 3x + b over the field of `p` (FIPS 186-5), with its names."""

    name: str
    jwk: str
    oid: str
    size: int
    p: int
    b: int

    @property
    def octets(self) -> int:
        return (self.size + 7) // 8

    @cached_property
    def identifier(self) -> bytes:
        """The AlgorithmIdentifier of a key on this curve."""
        return der.write(der.SEQUENCE, EC, der.write_oid(self.oid))

    def point(self, encoded: bytes) -> tuple[int, int]:
        """The coordinates of an uncompressed point (SEC 1 section 2.3.4), checked."""
        if len(encoded) != 1 + 2 * self.octets or encoded[0] != 4:
            raise der.DerError("its EC point is not in uncompressed form")
        x = int.from_bytes(encoded[1 : 1 + self.octets], "big")
        y = int.from_bytes(encoded[1 + self.octets :], "big")
        if max(x, y) >= self.p or (y * y - x * x * x + 3 * x - self.b) % self.p:
            raise der.DerError(f"its EC point is not on the curve {self.jwk}")
        return x, y


P256 = Curve(
    "prime256v1",
    "P-256",
    "1.2.840.10045.3.1.7",
    256,
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
)
P384 = Curve(
    "secp384r1",
    "P-384",
    "1.3.132.0.34",
    384,
    2**384 - 2**128 - 2**96 + 2**32 - 1,
    int(
        "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875A"
        "C656398D8A2ED19D2A85C8EDD3EC2AEF",
        16,
    ),
)
P521 = Curve(  # only to check what others signed with it
    "secp521r1",
    "P-521",
    "1.3.132.0.35",
    521,
    2**521 - 1,
    int(
        "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E"
        "937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
        16,
    ),
)
CURVES = (P256, P384)  # that keys of ours may be on


@dataclass(frozen=True)
class PublicKey:
    """A checked public key. `modulus` and `exponent` for RSA, `curve` and `point` for EC."""

    technology: KeyTechnology
    size: int
    modulus: int = 0
    exponent: int = 0
    curve: Curve | None = None
    point: bytes = b""


def outline(spki: bytes) -> tuple[KeyTechnology | None, int | None]:
    """What is shown of any certificate's key: its kind and, for RSA, the modulus.

    Other kinds and sizes than ours pass; a key that no program could load does not.
    """
    parts = _parts(spki)
    kind = der.members(spki, parts[0])
    if not kind:
        raise der.DerError("it does not say what kind its key is of")
    oid, raw = der.encoded(spki, kind[0]), der.bits(spki, parts[1])
    if oid == RSA:
        modulus, exponent = _rsa_numbers(raw)
        if not _sound(modulus, exponent):
            raise der.DerError("its RSA numbers are not sound")
        return KeyTechnology.RSA, modulus
    if oid != EC:
        return None, None
    for curve in (*CURVES, P521):
        if der.encoded(spki, parts[0]) == curve.identifier:
            curve.point(raw)
    return KeyTechnology.EC, None


@lru_cache(maxsize=64)  # a few issuers sign most of what is read
def check(spki: bytes, curves: tuple[Curve, ...] = CURVES) -> PublicKey:
    """Read a key that is to be used: of a kind we use, and sound. Raises DerError."""
    parts = _parts(spki)
    technology, curve = algorithm(spki, parts[0], curves)
    raw = der.bits(spki, parts[1])
    if technology is KeyTechnology.EC and curve is not None:
        curve.point(raw)
        return PublicKey(technology, curve.size, curve=curve, point=raw)
    modulus, exponent = _rsa_numbers(raw)
    check_rsa(modulus, exponent)
    return PublicKey(technology, modulus.bit_length(), modulus, exponent)


def algorithm(
    data: bytes, node: der.Node, curves: tuple[Curve, ...] = CURVES
) -> tuple[KeyTechnology, Curve | None]:
    """Read the AlgorithmIdentifier of a key. Raises DerError for kinds that we do not use."""
    parts = der.members(data, node)
    if not 1 <= len(parts) <= 2:
        raise der.DerError("it does not say what kind its key is of")
    oid = der.encoded(data, parts[0])
    if oid == RSA:
        if len(parts) == 2 and (parts[1][0] != der.NULL or parts[1][1] != parts[1][2]):
            raise der.DerError("its RSA key has parameters")
        return KeyTechnology.RSA, None
    if oid == EC:
        if len(parts) != 2 or parts[1][0] != der.OID:
            raise der.DerError("its EC curve is not a named one")
        return KeyTechnology.EC, curve_of(der.content(data, parts[1], der.OID), curves)
    kind = der.dotted(der.content(data, parts[0], der.OID))
    raise der.DerError(f"its key is of the kind {_KINDS.get(kind, kind)}; {USED}")


def curve_of(oid: bytes, curves: tuple[Curve, ...] = CURVES) -> Curve:
    dotted = der.dotted(oid)
    for curve in curves:
        if curve.oid == dotted:
            return curve
    name = P521.jwk if dotted == P521.oid else dotted
    raise der.DerError(f"its key is on the curve {name}; {USED}")


def check_rsa(modulus: int, exponent: int) -> None:
    size = modulus.bit_length()
    if not _sound(modulus, exponent):
        raise der.DerError("its RSA numbers are not sound")
    if size < MIN_RSA:
        raise der.DerError(f"its RSA key has {size} bits; {MIN_RSA} are the least")
    if size > MAX_RSA:
        raise der.DerError(f"its RSA key has {size} bits; {MAX_RSA} are the most")


def _sound(modulus: int, exponent: int) -> bool:
    return modulus > 0 and bool(modulus & exponent & 1) and 3 <= exponent < 2**32


def _rsa_numbers(raw: bytes) -> tuple[int, int]:
    numbers = der.whole(raw)
    if len(numbers) != 2:
        raise der.DerError("its RSA key is not built as it should be")
    return der.integer(raw, numbers[0]), der.integer(raw, numbers[1])


def modulus_md5(modulus: int) -> str:
    """Over the upper-case hex digits, as `openssl … -modulus` prints them."""
    digits = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big").hex().upper()
    return md5(digits.lstrip("0").encode(), usedforsecurity=False).hexdigest()


def _parts(spki: bytes) -> list[der.Node]:
    parts = der.whole(spki)
    if len(parts) != 2:
        raise der.DerError("its public key is not built as it should be")
    return parts


def write_ec(curve: Curve, point: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a key on a curve."""
    return der.write(der.SEQUENCE, curve.identifier, der.write_bits(point))


def write_rsa(modulus: int, exponent: int) -> bytes:
    """The SubjectPublicKeyInfo of an RSA key."""
    numbers = der.write(der.SEQUENCE, der.write_integer(modulus), der.write_integer(exponent))
    return der.write(
        der.SEQUENCE, der.write(der.SEQUENCE, RSA, der.write(der.NULL)), der.write_bits(numbers)
    )
