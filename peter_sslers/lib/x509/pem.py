"""PEM text: cleaning, cutting, and the way to DER and back (RFC 7468)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .types import X509Error

MAX_CHARACTERS = 4 * 1024 * 1024  # a certificate with 10,000 names is about 300,000
BOM = "\ufeff"
_BEGIN, _END, _DASHES = "-----BEGIN ", "-----END ", "-----"


class Block(NamedTuple):
    """One `-----BEGIN label-----` … `-----END label-----`, its lines without the two."""

    label: str
    lines: tuple[str, ...]

    @property
    def pem(self) -> str:
        head, tail = f"{_BEGIN}{self.label}{_DASHES}", f"{_END}{self.label}{_DASHES}"
        return "\n".join((head, *self.lines, tail, ""))


def clean_pem(text: str) -> str:
    """The form that is stored, compared and hashed: LF, no blanks at the ends, no empty lines."""
    lines = _lines(text)
    return "\n".join((*lines, "")) if lines else ""


def _lines(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(BOM, "")
    return list(filter(None, map(str.strip, text.split("\n"))))


def blocks(text: str) -> Iterator[Block]:
    """Every complete block of `text`, in order; what stands between them is skipped."""
    if len(text) > MAX_CHARACTERS:
        raise X509Error(f"the PEM text is longer than {MAX_CHARACTERS} characters")
    lines = _lines(text)
    label, body = "", 0
    for at in [at for at, line in enumerate(lines) if line.startswith(_DASHES)]:
        line = lines[at]
        if line.startswith(_BEGIN) and line.endswith(_DASHES):
            label, body = line[len(_BEGIN) : -len(_DASHES)], at + 1
        elif label and line == f"{_END}{label}{_DASHES}":
            inside = lines[body:at]
            yield Block(label, tuple(line for line in inside if not line.startswith(_DASHES)))
            label = ""


def first(text: str, labels: Sequence[str], error: type[X509Error]) -> Block:
    """The first block with one of `labels`, else `error`."""
    found = list(_labels_of(text, error))
    for block in found:
        if block.label in labels:
            return block
    if found:
        raise error(f"a PEM of “{found[0].label[:40]}” where “{labels[0]}” is wanted")
    if _BEGIN in text:
        raise error(f"the PEM block is not complete: “{_BEGIN}…” has no matching “{_END}…”")
    raise error(f"not PEM: there is no “{_BEGIN}{labels[0]}{_DASHES}” in it")


def _labels_of(text: str, error: type[X509Error]) -> Iterator[Block]:
    try:
        yield from blocks(text)
    except X509Error as exc:
        raise error(str(exc)) from None


def decode(block: Block, error: type[X509Error]) -> bytes:
    """The DER of a block. Headers (an encrypted key of the old form has some) are an error."""
    try:
        return binascii.a2b_base64("".join(block.lines), strict_mode=True)
    except ValueError:  # binascii.Error is one, text beyond ASCII raises it plain
        raise error("the PEM block is damaged: its body is not base64") from None


def split_pems(text: str, label: str = "CERTIFICATE") -> list[str]:
    """Every block with `label`, each as clean PEM; text between the blocks is ignored."""
    return [block.pem for block in blocks(text) if block.label == label]


def pem_to_der(pem: str) -> bytes:
    """The DER inside the first block of any label."""
    block = next(blocks(pem), None)
    if block is None:
        raise X509Error("not PEM: there is no complete block in it")
    return decode(block, X509Error)


def der_to_pem(der: bytes, label: str = "CERTIFICATE") -> str:
    """PEM in lines of 64 characters."""
    text = binascii.b2a_base64(der, newline=False).decode("ascii")
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    return "\n".join((f"{_BEGIN}{label}{_DASHES}", *lines, f"{_END}{label}{_DASHES}", ""))


def md5_hex(text: str) -> str:
    """The `…_pem_md5` columns: over the text as it is, lower case."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Back from `b64url`; ValueError for anything else."""
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    return binascii.a2b_base64(padded.translate(bytes.maketrans(b"-_", b"+/")), strict_mode=True)
