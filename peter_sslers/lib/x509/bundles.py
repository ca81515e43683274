"""Files of certificates of unknown form: PEM, DER or PKCS#7."""

from __future__ import annotations

from enum import StrEnum

from . import certificates, der, pem
from .types import Certificate, InvalidCertificate, X509Error

_SIGNED_DATA = der.oid_content("1.2.840.113549.1.7.2")
_CONTENT, _CERTIFICATES = 0xA0, 0xA0
_PKCS7_LABELS = ("PKCS7", "CMS")
_SNIFFED = 16


class Format(StrEnum):
    PEM = "PEM"
    DER = "DER"
    PKCS7 = "PKCS#7"


def detect(data: bytes) -> Format | None:
    """What `data` looks like, from its beginning; None for neither. PKCS#7 may be in PEM."""
    text = data[: pem.MAX_CHARACTERS]
    if b"-----BEGIN " in text:
        inside = any(f"-----BEGIN {label}-----".encode() in text for label in _PKCS7_LABELS)
        return Format.PKCS7 if inside else Format.PEM
    if data[:1] != bytes((der.SEQUENCE,)):
        return None
    return Format.PKCS7 if _SIGNED_DATA in data[:_SNIFFED] else Format.DER


def certificates_in(data: bytes) -> list[str]:
    """The certificates of a file of any of the forms, as clean PEM in their order.

    Raises InvalidCertificate where there is none, or one that can not be read.
    """
    return [found.pem for found in read(data)]


def read(data: bytes) -> list[Certificate]:
    """As `certificates_in`, but what they say as well."""
    kind = detect(data)
    if kind is Format.DER:
        return [certificates.from_der(data)]
    if kind is None:
        raise InvalidCertificate("neither PEM nor DER nor PKCS#7")
    if b"-----BEGIN " not in data:
        return _pkcs7(data)
    text = data.decode("utf-8", "replace")
    if kind is Format.PKCS7:
        block = pem.first(text, _PKCS7_LABELS, InvalidCertificate)
        return _pkcs7(pem.decode(block, InvalidCertificate))
    return _from_pem(text)


def _from_pem(text: str) -> list[Certificate]:
    try:
        found = [block for block in pem.blocks(text) if block.label == "CERTIFICATE"]
    except X509Error as exc:  # it is too long
        raise InvalidCertificate(str(exc)) from None
    if not found:
        return [certificates.from_pem(text)]  # which says why
    return [certificates.from_der(pem.decode(block, InvalidCertificate)) for block in found]


def pkcs7(data: bytes) -> list[str]:
    """The certificates of a SignedData (RFC 2315 section 9.1), in their order."""
    return [found.pem for found in _pkcs7(data)]


def _pkcs7(data: bytes) -> list[Certificate]:
    try:
        return [certificates.from_der(found) for found in _signed_data(data)]
    except der.DerError as exc:
        raise InvalidCertificate(f"not a PKCS#7 bundle that can be read: {exc}") from None


def _signed_data(data: bytes) -> list[bytes]:
    outer = der.whole(data)
    if len(outer) != 2 or der.content(data, outer[0], der.OID) != _SIGNED_DATA:
        raise der.DerError("it is not SignedData")
    content = der.members(data, outer[1], _CONTENT)
    if len(content) != 1:
        raise der.DerError("it is not built as it should be")
    for node in der.members(data, content[0])[3:]:
        if node[0] == _CERTIFICATES:
            found = der.members(data, node, _CERTIFICATES)
            return [der.encoded(data, one) for one in found if one[0] == der.SEQUENCE]
    raise der.DerError("there is no certificate in it")
