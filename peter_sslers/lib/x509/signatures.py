"""Signature algorithms: which we take, and the two forms of an EC signature."""

from __future__ import annotations

from ...enums import KeyTechnology
from . import der

RSA_SHA256, RSA_SHA384, RSA_SHA512 = (f"1.2.840.113549.1.1.{n}" for n in (11, 12, 13))
ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512 = (f"1.2.840.10045.4.3.{n}" for n in (2, 3, 4))
# SHA-1 and MD5 are left out: whoever can make two texts of one hash signs what he likes.
_ACCEPTED = {
    RSA_SHA256: (KeyTechnology.RSA, "sha256"),
    RSA_SHA384: (KeyTechnology.RSA, "sha384"),
    RSA_SHA512: (KeyTechnology.RSA, "sha512"),
    ECDSA_SHA256: (KeyTechnology.EC, "sha256"),
    ECDSA_SHA384: (KeyTechnology.EC, "sha384"),
    ECDSA_SHA512: (KeyTechnology.EC, "sha512"),
}
_WITH_SHA256 = {KeyTechnology.RSA: RSA_SHA256, KeyTechnology.EC: ECDSA_SHA256}


def read(identifier: bytes) -> tuple[KeyTechnology, str]:
    """The kind of key and the hash of an AlgorithmIdentifier. Raises DerError."""
    parts = der.whole(identifier)
    if not parts:
        raise der.DerError("it does not say how it is signed")
    oid = der.dotted(der.content(identifier, parts[0], der.OID))
    if oid not in _ACCEPTED:
        raise der.DerError(f"its signature algorithm {oid} is not one that is accepted")
    technology, hash_name = _ACCEPTED[oid]
    wanted = [(der.NULL, len(identifier), len(identifier))]
    if parts[1:] not in ([], wanted if technology is KeyTechnology.RSA else []):
        raise der.DerError("its signature algorithm has parameters")
    return technology, hash_name


def with_sha256(technology: KeyTechnology) -> bytes:
    """The AlgorithmIdentifier that signs with a key of this kind (RFC 4055, RFC 5758)."""
    parameters = der.write(der.NULL) if technology is KeyTechnology.RSA else b""
    return der.write(der.SEQUENCE, der.write_oid(_WITH_SHA256[technology]), parameters)


def to_jws(signature: bytes, octets: int) -> bytes:
    """DER → r and s side by side (RFC 7518 section 3.4)."""
    r, s = (der.integer(signature, node) for node in der.whole(signature))
    return r.to_bytes(octets, "big") + s.to_bytes(octets, "big")
