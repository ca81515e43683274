"""PKCS#10 (RFC 2986): reading a CSR, and writing one around a signature."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from .. import names as host_names
from . import der, distinguished_names, extensions, pem, public_keys
from .types import CertificateRequest, InvalidRequest

MAX_NAMES = 100  # what Let's Encrypt takes
MAX_NAME = 253
LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
_ATTRIBUTES = 0xA0
_EXTENSION_REQUEST = der.oid_content("1.2.840.113549.1.9.14")  # RFC 2985 section 5.4.2


class Parts(NamedTuple):
    """A CSR cut at its seams."""

    info: bytes
    algorithm: bytes
    signature: bytes
    subject: bytes
    spki: bytes
    extensions: extensions.Extensions


def der_of(text: str) -> bytes:
    return pem.decode(pem.first(text, LABELS, InvalidRequest), InvalidRequest)


def parts(data: bytes) -> Parts:
    """Raises DerError."""
    outer = der.whole(data)
    if len(outer) != 3:
        raise der.DerError("it is not built as CSRs are")
    fields = der.members(data, outer[0])
    if len(fields) not in (3, 4):  # the attributes are left out by some old tools
        raise der.DerError("it is not built as CSRs are")
    version = der.integer(data, fields[0])
    if version != 0:
        raise der.DerError(f"its version field is {version}, but must be 0; make a new CSR")
    return Parts(
        info=der.encoded(data, outer[0]),
        algorithm=der.encoded(data, outer[1]),
        signature=der.bits(data, outer[2]),
        subject=der.encoded(data, fields[1]),
        spki=der.encoded(data, fields[2]),
        extensions=_requested(data, fields[3]) if len(fields) == 4 else {},
    )


def _requested(data: bytes, node: der.Node) -> extensions.Extensions:
    found: extensions.Extensions | None = None
    for attribute in der.members(data, node, _ATTRIBUTES):
        pair = der.members(data, attribute)
        if len(pair) != 2:
            raise der.DerError("it has an attribute that is not built as attributes are")
        if der.content(data, pair[0], der.OID) == _EXTENSION_REQUEST:
            values = der.members(data, pair[1], der.SET)
            if len(values) != 1 or found is not None:
                raise der.DerError("it asks for extensions twice")
            found = extensions.read(data, values[0])
    return found or {}


def request(data: bytes, cut: Parts) -> CertificateRequest:
    """What a CSR says. Raises DerError, also for a key of a kind that we do not use."""
    key = public_keys.check(cut.spki)
    dns, ips = extensions.alternative_names(cut.extensions)
    subject = distinguished_names.read(cut.subject)
    return CertificateRequest(
        pem=pem.der_to_pem(data, LABELS[0]),
        subject=subject.text,
        dns_names=dns,
        ip_addresses=ips,
        names=extensions.all_names(dns, ips, subject.common_names),
        key_technology=key.technology,
        spki_sha256=sha256(cut.spki).hexdigest().upper(),
        modulus_md5=public_keys.modulus_md5(key.modulus) if key.modulus else None,
    )


def write_info(names: Sequence[str], spki: bytes) -> bytes:
    """What a new CSR signs: no subject, all names as SAN, in their order."""
    if not 1 <= len(names) <= MAX_NAMES:
        raise InvalidRequest(f"a CSR takes 1 to {MAX_NAMES} names; there are {len(names)}")
    general_names = der.write(der.SEQUENCE, *map(_general_name, names))
    oid = der.write(der.OID, extensions.SUBJECT_ALTERNATIVE_NAME)
    value = der.write(der.OCTET_STRING, general_names)
    wanted = der.write(der.SEQUENCE, der.write(der.SEQUENCE, oid, value))
    attribute = der.write(
        der.SEQUENCE, der.write(der.OID, _EXTENSION_REQUEST), der.write(der.SET, wanted)
    )
    subject = der.write(der.SEQUENCE)
    attributes = der.write(_ATTRIBUTES, attribute)
    return der.write(der.SEQUENCE, der.write_integer(0), subject, spki, attributes)


def _general_name(name: str) -> bytes:
    address = host_names.as_ip(name)
    if address is not None:
        return der.write(0x87, ipaddress.ip_address(address).packed)
    if not (name.isascii() and name.isprintable()) or " " in name or not 0 < len(name) <= MAX_NAME:
        raise InvalidRequest(f"“{name[:MAX_NAME]}” can not stand in a CSR: it is no host name")
    return der.write(0x82, name.encode("ascii"))


def write(info: bytes, algorithm: bytes, signature: bytes) -> str:
    data = der.write(der.SEQUENCE, info, algorithm, der.write_bits(signature))
    return pem.der_to_pem(data, LABELS[0])
