"""Where Certbot keeps certificates and accounts: files, found and read; for tasks.py."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MAX_BYTES = 256 * 1024  # Peter takes no bigger file
KINDS = ("cert", "chain", "fullchain", "privkey")
VERSIONED = re.compile(rf"(?:{'|'.join(KINDS)})([1-9]\d{{0,8}})\.pem")
ACCOUNT_FILES = {
    "account_key_file_le_meta": "meta.json",
    "account_key_file_le_pkey": "private_key.json",
    "account_key_file_le_reg": "regr.json",
}


class Outcome(StrEnum):
    IMPORTED = "imported"
    ALREADY_THERE = "already there"
    FAILED = "failed"
    SKIPPED = "skipped"


class NotImportable(Exception):
    """The reason, for the operator."""


@dataclass(frozen=True)
class Certificate:
    """A folder, and what stands behind `cert` in its files' names."""

    folder: Path
    version: str = ""

    @property
    def name(self) -> str:
        return str(self.file("cert"))

    def file(self, kind: str) -> Path:
        return self.folder / f"{kind}{self.version}.pem"


@dataclass(frozen=True)
class Account:
    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder)


@dataclass(frozen=True)
class Odd:
    """Something that is in the way."""

    path: Path
    reason: str
    outcome: Outcome = Outcome.SKIPPED

    @property
    def name(self) -> str:
        return str(self.path)


Item = Certificate | Account | Odd


def content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise NotImportable(f"{path.name} is no file" if path.exists() else missing(path))
        with path.open("rb") as opened:
            found = opened.read(MAX_BYTES + 1)
    except OSError as exc:
        raise NotImportable(f"{path.name}: {exc.strerror}") from exc
    if len(found) > MAX_BYTES:
        raise NotImportable(f"{path.name} has more than {MAX_BYTES // 1024} KiB")
    return found


def missing(path: Path) -> str:
    dangling = " (a link to nothing)" if path.is_symlink() else ""
    return f"{path.name} is missing{dangling}"


def entries(folder: Path) -> Iterator[Path | Odd]:
    """What is in it, without hidden ones and Certbot's README."""
    try:
        listed = sorted(folder.iterdir())
    except OSError as exc:
        yield Odd(folder, str(exc.strerror), Outcome.FAILED)
        return
    yield from (p for p in listed if not p.name.startswith(".") and p.name != "README")


def lineages(top: Path) -> Iterator[Path | Odd]:
    for found in entries(top):
        if isinstance(found, Path) and not found.is_dir():
            yield Odd(found, "no folder")
        else:
            yield found


def archived(top: Path) -> Iterator[Item]:
    """Every version of every lineage."""
    for lineage in lineages(top):
        if isinstance(lineage, Odd):
            yield lineage
            continue
        versions: set[int] = set()
        for found in entries(lineage):
            if isinstance(found, Odd):
                yield found
            elif match := VERSIONED.fullmatch(found.name):
                versions.add(int(match[1]))
            else:
                yield Odd(found, "no file of Certbot's archive")
        yield from (Certificate(lineage, str(version)) for version in sorted(versions))


def live(top: Path) -> Iterator[Item]:
    """The one version of every lineage that its links name."""
    for lineage in lineages(top):
        if isinstance(lineage, Odd):
            yield lineage
            continue
        wanted = Certificate(lineage)
        ours = {wanted.file(kind) for kind in KINDS}
        inside = list(entries(lineage))
        yield from (found for found in inside if isinstance(found, Odd))
        others = [found for found in inside if isinstance(found, Path) and found not in ours]
        yield from (Odd(found, "no file of Certbot's") for found in others)
        if ours & set(inside):
            yield wanted


def accounts(top: Path) -> Iterator[Item]:
    """Every folder below that holds a file of an account, however deep: host/path/directory/ID."""
    seen: set[Path] = set()
    errors: list[Odd] = []

    def note(exc: OSError) -> None:
        errors.append(Odd(Path(exc.filename), str(exc.strerror), Outcome.FAILED))

    # Certbot links the folder of one address of a server to that of another.
    for name, folders, files in os.walk(top, onerror=note, followlinks=True):
        here = Path(name)
        if here.resolve() in seen:
            folders.clear()
            continue
        seen.add(here.resolve())
        folders.sort()
        if set(ACCOUNT_FILES.values()) & set(files):
            yield Account(here)
    yield from errors
