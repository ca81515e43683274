"""The published CA certificates that we ship, and the root stores that hold some of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class CaCert:
    """One certificate. `id` is its row's in a new database; fingerprints as in the tables."""

    id: int
    name: str
    file: str
    display_name: str
    sha1: str
    sha256: str
    is_trusted_root: bool | None = None  # None: not said

    @property
    def pem(self) -> str:
        return (files(__name__) / self.file).read_text("ascii")


@dataclass(frozen=True)
class RootStores:
    """The stores, in the order of their ids, and which versions of each hold a certificate."""

    stores: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]  # {name of a CaCert: a text for each store, in order}


def every() -> tuple[CaCert, ...]:
    """In the order of their ids."""
    return tuple(CaCert(**entry) for entry in _toml("index.toml")["ca"])


def root_stores() -> RootStores:
    found = _toml("root_stores.toml")
    versions = {name: tuple(texts) for name, texts in found["versions"].items()}
    return RootStores(tuple(found["stores"]), versions)


def preferred() -> tuple[str, ...]:
    """Names of the roots to which chains should lead, the best first."""
    return ("trustid_root_x3", "isrg_root_x2", "isrg_root_x1")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / name).read_text("utf-8"))
