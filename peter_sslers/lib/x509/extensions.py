"""The X.509 extensions that we look into (RFC 5280 section 4.2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from .. import names
from . import der

SUBJECT_KEY_IDENTIFIER = der.oid_content("2.5.29.14")
SUBJECT_ALTERNATIVE_NAME = der.oid_content("2.5.29.17")
BASIC_CONSTRAINTS = der.oid_content("2.5.29.19")
AUTHORITY_KEY_IDENTIFIER = der.oid_content("2.5.29.35")
AUTHORITY_INFORMATION_ACCESS = der.oid_content("1.3.6.1.5.5.7.1.1")
_CA_ISSUERS = der.oid_content("1.3.6.1.5.5.7.48.2")
_DNS_NAME, _URI, _IP_ADDRESS = 0x82, 0x86, 0x87  # GeneralName
_KEY_IDENTIFIER = 0x80
LONGEST_IDENTIFIER = 127  # bytes of a key identifier; the CAs' have 20 or 32

Extensions = dict[bytes, bytes]  # the content of the identifier → the value


def read(data: bytes, node: der.Node) -> Extensions:
    """An Extensions sequence. The same one twice is an error."""
    found: Extensions = {}
    for extension in der.members(data, node):
        parts = der.members(data, extension)
        if len(parts) == 3 and parts[1][0] == der.BOOLEAN:
            del parts[1]
        if len(parts) != 2:
            raise der.DerError("it has an extension that is not built as extensions are")
        oid = der.content(data, parts[0], der.OID)
        if oid in found:
            raise der.DerError(f"it has the extension {der.dotted(oid)} twice")
        found[oid] = der.content(data, parts[1], der.OCTET_STRING)
    return found


def alternative_names(extensions: Extensions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """DNS names in lower case, and IP addresses; both sorted, none twice."""
    value = extensions.get(SUBJECT_ALTERNATIVE_NAME)
    if value is None:
        return (), ()
    found = der.whole(value)
    dns = {_dns_name(value[start:stop]) for tag, start, stop in found if tag == _DNS_NAME}
    ips = {_address(value[start:stop]) for tag, start, stop in found if tag == _IP_ADDRESS}
    return tuple(sorted(dns)), tuple(sorted(ips))


def _dns_name(raw: bytes) -> str:
    name = raw.decode("latin-1").lower()
    if not name.isascii() or not name.isprintable() or " " in name:
        raise der.DerError("it has a name with a character that no host name has")
    return name


def _address(raw: bytes) -> str:
    if len(raw) == 4:
        return "{}.{}.{}.{}".format(*raw)
    if len(raw) == 16:
        return ipaddress.IPv6Address(raw).compressed
    raise der.DerError("it has an IP address that is none")


def all_names(
    dns: tuple[str, ...], ips: tuple[str, ...], common_names: Iterable[str]
) -> tuple[str, ...]:
    """The SANs and, where it looks like a name, the common name; sorted."""
    found = {*dns, *ips}
    for text in common_names:
        if text.lower() not in found and text.isascii() and ("." in text or ":" in text):
            try:
                found.add(names.normalise(text, wildcard=True, ip=True))
            except names.InvalidName:
                continue
    return tuple(sorted(found))


def issuer_uri(extensions: Extensions) -> str | None:
    """The first caIssuers address that is fetched by http; without one the first of all.

    Active Directory's CAs write their own address by LDAP before it.
    """
    value = extensions.get(AUTHORITY_INFORMATION_ACCESS)
    if value is None:
        return None
    found = []
    for access in der.whole(value):
        parts = der.members(value, access)
        if len(parts) != 2:
            raise der.DerError("its Authority Information Access is not built as it should be")
        if der.content(value, parts[0], der.OID) == _CA_ISSUERS and parts[1][0] == _URI:
            found.append(_uri(der.content(value, parts[1], _URI)))
    by_http = (uri for uri in found if uri.lower().startswith("http://"))
    return next(by_http, found[0] if found else None)


def _uri(raw: bytes) -> str:
    text = raw.decode("latin-1")
    if not text.isascii() or not text.isprintable():
        raise der.DerError("it has an address with a character that no address has")
    return text


def authority_key_identifier(extensions: Extensions) -> str | None:
    value = extensions.get(AUTHORITY_KEY_IDENTIFIER)
    if value is None:
        return None
    for tag, start, stop in der.whole(value):
        if tag == _KEY_IDENTIFIER:
            return _identifier(value[start:stop])
    return None


def subject_key_identifier(extensions: Extensions) -> str | None:
    value = extensions.get(SUBJECT_KEY_IDENTIFIER)
    if value is None:
        return None
    top = der.nodes(value, 0, len(value))
    if len(top) != 1:
        raise der.DerError("its subject key identifier is not built as it should be")
    return _identifier(der.content(value, top[0], der.OCTET_STRING))


def _identifier(raw: bytes) -> str:
    if len(raw) > LONGEST_IDENTIFIER:
        raise der.DerError(f"it has a key identifier of more than {LONGEST_IDENTIFIER} bytes")
    return raw.hex().upper()


def is_ca(extensions: Extensions) -> bool:
    value = extensions.get(BASIC_CONSTRAINTS)
    if value is None:
        return False
    parts = der.whole(value)
    if not parts or parts[0][0] != der.BOOLEAN:
        return False
    raw = der.content(value, parts[0], der.BOOLEAN)
    if raw not in (b"\0", b"\xff"):
        raise der.DerError("it has a truth value that is none")
    return raw == b"\xff"
