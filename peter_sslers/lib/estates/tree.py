"""What a folder and a zip have in common, and what comes out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...errors import SslersError

MAX_FILE = 262_144  # bytes; as forms have it


class BadTree(SslersError):
    """The folder or the zip as a whole can not be read."""


class Refused(SslersError):
    """One file is not read; the message says why."""


@dataclass(frozen=True)
class Triplet:
    """Three files as they were found: PEM, DER or PKCS#7; `name` tells them from others.

    The chain may also stand behind the leaf, in the certificate's file.
    """

    name: str
    certificate: bytes
    key: bytes
    chain: bytes = b""


@dataclass(frozen=True)
class Unreadable:
    """What is not even three files; `reason` is a sentence."""

    name: str
    reason: str


@dataclass(frozen=True)
class Listed:
    """What a folder of a tree holds, sorted; `odd` is neither file nor folder, with the reason."""

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    odd: tuple[tuple[str, str], ...] = ()


class Tree(Protocol):
    """Paths are relative, with `/`; "" is the top. Links are followed inside of it alone."""

    def list(self, folder: str) -> Listed:
        """Empty where there is no such folder."""

    def read(self, path: str) -> bytes:
        """Raises Refused: it leads elsewhere, is too large, or can not be read."""

    def target(self, path: str) -> str | None:
        """The file that `path` is or leads to; None where that is none, or lies outside."""

    def link(self, path: str) -> str:
        """What a link says, wherever it leads; "" of anything else."""


def joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
