"""X.501 names as lines of `KEY=value`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from . import der

# OpenSSL's short names; what is not here stands as its dotted number.
SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.17": "postalCode",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}
_ENCODINGS = {  # of the string types; T.61 is in truth always written as Latin 1
    0x0C: "utf-8",
    0x12: "latin-1",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}


class Name(NamedTuple):
    text: str
    common_names: tuple[str, ...]


@lru_cache(maxsize=512)  # few CAs issue most certificates
def read(raw: bytes) -> Name:
    """A Name in its order, each attribute on a line of its own. Raises DerError."""
    lines, common_names = [], []
    for rdn in der.whole(raw):
        for attribute in der.members(raw, rdn, der.SET):
            parts = der.members(raw, attribute)
            if len(parts) != 2:
                raise der.DerError("it has a name that is not built as names are")
            oid = der.dotted(der.content(raw, parts[0], der.OID))
            key, value = SHORT_NAMES.get(oid, oid), _value(raw, parts[1])
            lines.append(f"{key}={value}")
            if key == "CN":
                common_names.append(value)
    return Name("\n".join(lines), tuple(common_names))


def _value(raw: bytes, node: der.Node) -> str:
    tag, start, stop = node
    encoding = _ENCODINGS.get(tag)
    if encoding is None:  # RFC 4514 section 2.4 writes what is no string so
        return "#" + der.encoded(raw, node).hex().upper()
    try:
        text = raw[start:stop].decode(encoding)
    except UnicodeDecodeError:
        text = raw[start:stop].decode("latin-1")
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return "".join(f"\\{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
