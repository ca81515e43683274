"""Reading an X.509 certificate (RFC 5280 section 4.1), the same for every backend."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1, sha256
from typing import NamedTuple

from . import der, distinguished_names, extensions, pem, public_keys
from .types import Certificate, InvalidCertificate

_VERSION, _EXTENSIONS = 0xA0, 0xA3
_UNIQUE_IDS = (0x81, 0x82)
LONGEST_SERIAL = 64  # hexadecimal digits; RFC 5280 section 4.1.2.2 allows 40


class Parts(NamedTuple):
    """A certificate cut at its seams; bytes are whole DER values, the signature is raw."""

    tbs: bytes
    algorithm: bytes
    signature: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    extensions: extensions.Extensions


def from_pem(text: str) -> Certificate:
    return from_der(der_of(text))


@lru_cache(maxsize=16)
def der_of(text: str) -> bytes:
    """The DER of the first certificate of `text`."""
    return pem.decode(pem.first(text, ("CERTIFICATE",), InvalidCertificate), InvalidCertificate)


def from_der(data: bytes) -> Certificate:
    try:
        return _certificate(data, cut(data))
    except der.DerError as exc:
        raise InvalidCertificate(f"not a certificate that can be read: {exc}") from None


def parts(data: bytes) -> Parts:
    """As `cut`, but raises InvalidCertificate."""
    try:
        return cut(data)
    except der.DerError as exc:
        raise InvalidCertificate(f"not a certificate that can be read: {exc}") from None


@lru_cache(maxsize=16)  # it is read, and then checked who has signed it; issuers are few
def cut(data: bytes) -> Parts:
    """Raises DerError."""
    outer = der.whole(data)
    if len(outer) != 3:
        raise der.DerError("it is not built as certificates are")
    fields = der.members(data, outer[0])
    if fields and fields[0][0] == _VERSION:
        _check_version(data, fields.pop(0))
    if len(fields) < 6:
        raise der.DerError("it is not built as certificates are")
    serial, algorithm, issuer, validity, subject, spki, *more = fields
    identifier = der.encoded(data, outer[1])
    if der.encoded(data, algorithm) != identifier:
        raise der.DerError("it names two signature algorithms")
    times = der.members(data, validity)
    if len(times) != 2:
        raise der.DerError("its validity is not two times")
    return Parts(
        tbs=der.encoded(data, outer[0]),
        algorithm=identifier,
        signature=der.bits(data, outer[2]),
        serial=_serial(data, serial),
        issuer=der.encoded(data, issuer),
        subject=der.encoded(data, subject),
        not_before=_time(data, times[0]),
        not_after=_time(data, times[1]),
        spki=der.encoded(data, spki),
        extensions=_extensions(data, more),
    )


def _serial(data: bytes, node: der.Node) -> int:
    serial = der.integer(data, node)
    if len(f"{serial:X}") > LONGEST_SERIAL:
        raise der.DerError("its serial number is longer than 32 bytes")
    return serial


def _check_version(data: bytes, node: der.Node) -> None:
    inner = der.members(data, node, _VERSION)
    if len(inner) != 1 or der.integer(data, inner[0]) not in (0, 1, 2):
        raise der.DerError("it is of a version that does not exist")


def _extensions(data: bytes, more: list[der.Node]) -> extensions.Extensions:
    found: extensions.Extensions = {}
    for node in more:
        if node[0] == _EXTENSIONS and node is more[-1]:
            inner = der.members(data, node, _EXTENSIONS)
            if len(inner) != 1:
                raise der.DerError("its extensions are not built as they should be")
            found = extensions.read(data, inner[0])
        elif node[0] not in _UNIQUE_IDS:
            raise der.DerError("it is not built as certificates are")
    return found


def _time(data: bytes, node: der.Node) -> datetime:
    text = data[node[1] : node[2]]
    size = {der.UTC_TIME: 13, der.GENERALIZED_TIME: 15}.get(node[0])
    if len(text) != size or text[-1:] != b"Z" or not text[:-1].isdigit():
        raise der.DerError("it has a time that is none")
    if size == 13:  # RFC 5280 section 4.1.2.5.1
        text = (b"19" if text >= b"5" else b"20") + text
    day = (int(text[:4]), int(text[4:6]), int(text[6:8]))
    try:
        return datetime(*day, int(text[8:10]), int(text[10:12]), int(text[12:14]), tzinfo=UTC)
    except ValueError:
        raise der.DerError("it has a time that is none") from None


def _certificate(data: bytes, cut: Parts) -> Certificate:
    found = cut.extensions
    dns, ips = extensions.alternative_names(found)
    subject = distinguished_names.read(cut.subject)
    technology, modulus = public_keys.outline(cut.spki)
    return Certificate(
        pem=pem.der_to_pem(data),
        der=data,
        subject=subject.text,
        issuer=distinguished_names.read(cut.issuer).text,
        serial=cut.serial,
        not_before=cut.not_before,
        not_after=cut.not_after,
        dns_names=dns,
        ip_addresses=ips,
        names=extensions.all_names(dns, ips, subject.common_names),
        key_technology=technology,
        fingerprint_sha1=sha1(data, usedforsecurity=False).hexdigest().upper(),
        fingerprint_sha256=sha256(data).hexdigest().upper(),
        spki_sha256=sha256(cut.spki).hexdigest().upper(),
        modulus_md5=None if modulus is None else public_keys.modulus_md5(modulus),
        issuer_uri=extensions.issuer_uri(found),
        authority_key_identifier=extensions.authority_key_identifier(found),
        subject_key_identifier=extensions.subject_key_identifier(found),
        is_ca=extensions.is_ca(found),
    )
