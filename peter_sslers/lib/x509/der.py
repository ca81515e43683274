"""DER (X.690): reading it strictly, writing what we need of it.

A node is (tag, start, stop): where the content of one value lies inside the bytes that hold it.
Nothing here recurses, so depth is what the callers ask for.
"""

from __future__ import annotations

from functools import lru_cache

Node = tuple[int, int, int]

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
MAX_BYTES = 3 * 1024 * 1024
_LONG_FORM, _HIGH_TAG = 0x80, 0x1F


class DerError(ValueError):
    """The bytes are not DER, or not of the shape asked for; the message ends a sentence."""


def nodes(data: bytes, start: int, stop: int) -> list[Node]:
    """The values that lie one after the other in data[start:stop]; they must fill it."""
    found: list[Node] = []
    while start < stop:
        try:
            tag, length = data[start], data[start + 1]
        except IndexError:
            raise DerError("it ends too early") from None
        if tag & _HIGH_TAG == _HIGH_TAG:
            raise DerError("it has a tag that no such structure has")
        start += 2
        if length >= _LONG_FORM:
            length, start = _long_length(data, start, length - _LONG_FORM)
        end = start + length
        if end > stop:
            raise DerError("it ends too early")
        found.append((tag, start, end))
        start = end
    return found


def _long_length(data: bytes, start: int, size: int) -> tuple[int, int]:
    if not 1 <= size <= 4:
        raise DerError("it has a length that DER does not allow")
    length = int.from_bytes(data[start : start + size], "big")
    if length < _LONG_FORM or length >> (8 * (size - 1)) == 0:
        raise DerError("it has a length that is not in its shortest form")
    return length, start + size


def whole(data: bytes, tag: int = SEQUENCE) -> list[Node]:
    """The members of the one value that `data` is."""
    if len(data) > MAX_BYTES:
        raise DerError(f"it is longer than {MAX_BYTES} bytes")
    top = nodes(data, 0, len(data))
    if not top:
        raise DerError("it is empty")
    if len(top) > 1:
        raise DerError("there are bytes after its end")
    return members(data, top[0], tag)


def members(data: bytes, node: Node, tag: int = SEQUENCE) -> list[Node]:
    """The values inside a constructed one."""
    if node[0] != tag:
        raise DerError(f"it has a value of type {node[0]:#04x} where {tag:#04x} must be")
    return nodes(data, node[1], node[2])


def content(data: bytes, node: Node, tag: int) -> bytes:
    """The content of a primitive value."""
    if node[0] != tag:
        raise DerError(f"it has a value of type {node[0]:#04x} where {tag:#04x} must be")
    return data[node[1] : node[2]]


def encoded(data: bytes, node: Node) -> bytes:
    """The whole value, with its tag and length."""
    _, start, stop = node
    size = stop - start
    head = 2 if size < _LONG_FORM else 2 + (size.bit_length() + 7) // 8
    return data[start - head : stop]


def integer(data: bytes, node: Node) -> int:
    raw = content(data, node, INTEGER)
    if not raw or (len(raw) > 1 and raw[0] in (0, 0xFF) and raw[0] >> 7 == raw[1] >> 7):
        raise DerError("it has an integer that is not in its shortest form")
    return int.from_bytes(raw, "big", signed=True)


def bits(data: bytes, node: Node) -> bytes:
    """A BIT STRING of whole bytes."""
    raw = content(data, node, BIT_STRING)
    if not raw or raw[0] != 0:
        raise DerError("it has a bit string that is not of whole bytes")
    return raw[1:]


@lru_cache(maxsize=1024)
def dotted(raw: bytes) -> str:
    """The content of an OBJECT IDENTIFIER as `1.2.840…`."""
    if not raw or raw[-1] & 0x80 or len(raw) > 64:
        raise DerError("it has an object identifier that is none")
    arcs, value, fresh = [], 0, True
    for byte in raw:
        if fresh and byte == 0x80:
            raise DerError("it has an object identifier that is none")
        value, fresh = value << 7 | byte & 0x7F, not byte & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


@lru_cache(maxsize=256)
def oid_content(text: str) -> bytes:
    """`1.2.840…` as the content of an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, text.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        out += bytes(reversed(groups))
    return bytes(out)


def write(tag: int, *parts: bytes) -> bytes:
    """One value around `parts`."""
    body = b"".join(parts)
    if len(body) < _LONG_FORM:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(size))) + size + body


def write_integer(value: int) -> bytes:
    """A number ≥ 0."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def write_bits(data: bytes) -> bytes:
    return write(BIT_STRING, b"\0", data)


def write_oid(text: str) -> bytes:
    return write(OID, oid_content(text))
