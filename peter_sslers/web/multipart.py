"""Multipart bodies (RFC 7578) of the shape that browsers and curl give them, read in one go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

_BOUNDARY = re.compile(r'multipart/form-data; ?boundary="?([\w./+=:-]{1,70})"?', re.I | re.A)
# Names without quotes, backslashes and percent signs, which clients escape each in its own way; and
# no part that is a form itself.
_HEAD = re.compile(
    rb'Content-Disposition: form-data; name="([^"\\%\r\n]+)"(?:; filename="([^"\\%\r\n]+)")?'
    rb"(?:\r\nContent-Type: (?!multipart/|application/x-www-form-urlencoded)[\w./+-]+)?",
    re.I,
)


@dataclass(frozen=True)
class Uploaded:
    """A file: what of webob's we use."""

    filename: str
    file: BytesIO


def boundary_of(content_type: str) -> bytes | None:
    """None where webob has to be asked."""
    found = _BOUNDARY.fullmatch(content_type)
    return found[1].encode() if found else None


def plain(body: bytes, boundary: bytes) -> list[tuple[str, str | Uploaded]] | None:
    """(name, text or file) of each part, as webob reads them; None where that has to be asked."""
    mark = b"--" + boundary
    parts = body.split(b"\r\n" + mark)
    # Each boundary stands where one must, so that no reader can see other ones.
    if parts.pop() not in (b"--", b"--\r\n") or body.count(mark) != len(parts) + 1:
        return None
    if not parts or not parts[0].startswith(mark):
        return None
    parts[0] = parts[0].removeprefix(mark)
    try:
        return [_part(part) for part in parts]
    except ValueError:
        return None


def _part(part: bytes) -> tuple[str, str | Uploaded]:
    """Raises ValueError where it is of another shape, or not UTF-8."""
    head, between, content = part.partition(b"\r\n\r\n")
    found = _HEAD.fullmatch(head.removeprefix(b"\r\n"))
    if not between or not head.startswith(b"\r\n") or found is None:
        raise ValueError("not plain")
    name, filename = found.groups()
    if filename is None:
        return name.decode(), content.decode()
    return name.decode(), Uploaded(filename.decode(), BytesIO(content))
