"""A zip that somebody has sent: looked through before anything of it is unpacked."""

from __future__ import annotations

import posixpath
import stat
import struct
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass
from typing import IO

from .tree import BadTree, Listed, Refused

_END, _ZIP64_LOCATOR = b"PK\5\6", b"PK\6\7"
_END_SIZE, _MAX_COMMENT = 22, 65_535
_DIRECTORY_ENTRY = 512  # bytes in the zip's directory; names of certificates are shorter than that
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UNIX = 3
_MAX_LINK, _MAX_LINKS = 4_096, 8  # bytes of one, and how many one after the other
OUTSIDE = "It is a symbolic link that leads out of the archive, or to nothing in it."
# What zipfile raises for archives that lie; RuntimeError is for encrypted members.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Limits:
    """In bytes, but `members`: as many, and as many folders. More than the zip says of a member is
    never unpacked.
    """

    members: int
    member: int
    unpacked: int


class Archive:
    """A Tree. Raises BadTree for what is no zip, or more than the limits let through.

    `odd`: the members that are not looked at, with the reason.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._limits = limits
        _check_end(file, limits.members)
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGED as exc:
            raise BadTree("It is no zip archive that can be read.") from exc
        members = self._zip.infolist()
        if len(members) > limits.members:
            raise BadTree(f"It has more than {limits.members:,} members.")
        said = sum(member.file_size for member in members)
        if said > limits.unpacked:
            raise BadTree(f"Unpacked it is larger than {limits.unpacked // 1024**2} MiB.")
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._folders: dict[str, set[str]] = defaultdict(set)
        self._files: dict[str, list[str]] = defaultdict(list)
        self._count = 0  # of folders
        self.odd: list[tuple[str, str]] = []
        for member in members:
            self._sort(member)

    def _sort(self, member: zipfile.ZipInfo) -> None:
        path = member.orig_filename.split("\0")[0]
        if reason := self._why_not(member, path):
            self.odd.append((path[:200], reason))
            return
        if member.is_dir():
            return
        self._members[path] = member
        folder, _, name = path.rpartition("/")
        self._files[folder].append(name)
        self._add_folders(folder)

    def _add_folders(self, folder: str) -> None:
        """With those that it lies in. A name of 500 characters may be 250 folders."""
        while folder:
            parent, _, name = folder.rpartition("/")
            if name in self._folders[parent]:
                return
            self._folders[parent].add(name)
            self._count += 1
            if self._count > self._limits.members:
                raise BadTree(f"It has more than {self._limits.members:,} folders.")
            folder = parent

    def _why_not(self, member: zipfile.ZipInfo, path: str) -> str:
        parts = path.rstrip("/").split("/")
        if "\\" in path or ":" in path or any(part in {"", ".", ".."} for part in parts):
            return "Its name leads out of the archive."
        if path in self._members:
            return "There are two members of this name."
        if member.flag_bits & _ENCRYPTED:
            return "It is encrypted."
        if member.compress_type not in _METHODS:
            return "It is compressed in a way that is not read: use Deflate."
        if member.file_size > self._limits.member:
            return f"It is larger than {self._limits.member // 1024} KiB."
        if _is_link(member) and member.file_size > _MAX_LINK:
            return "It is a symbolic link that is too long."
        return ""

    def list(self, folder: str) -> Listed:
        folders, files = self._folders.get(folder, ()), self._files.get(folder, ())
        return Listed(tuple(sorted(folders)), tuple(sorted(files)))

    def target(self, path: str) -> str | None:
        for _ in range(_MAX_LINKS):
            member = self._members.get(path)
            if member is None or not _is_link(member):
                return path if member else None
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), self.link(path)))
        return None

    def link(self, path: str) -> str:
        member = self._members.get(path)
        if member is None or not _is_link(member):
            return ""
        try:
            return self._content(member).decode("utf-8", "replace")
        except Refused:  # that it leads nowhere is told when it is read
            return ""

    def read(self, path: str) -> bytes:
        if path not in self._members:
            raise Refused("There is no such member.")
        real = self.target(path)
        if real is None:
            raise Refused(OUTSIDE)
        return self._content(self._members[real])

    def _content(self, member: zipfile.ZipInfo) -> bytes:
        try:
            with self._zip.open(member) as stream:
                content = stream.read(self._limits.member + 1)
        except _DAMAGED as exc:
            raise Refused("It is damaged.") from exc
        if len(content) > self._limits.member:
            raise Refused(f"It is larger than {self._limits.member // 1024} KiB.")
        return content


def _is_link(member: zipfile.ZipInfo) -> bool:
    return member.create_system == _UNIX and stat.S_ISLNK(member.external_attr >> 16)


def _check_end(file: IO[bytes], members: int) -> None:
    """Before Python reads the whole directory into memory: how large it says that it is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _MAX_COMMENT))
    tail = file.read()
    at = tail.rfind(_END)
    if tail[-_END_SIZE:].startswith(_END) and tail.endswith(b"\0\0"):
        at = len(tail) - _END_SIZE
    if at < 0 or len(tail) - at < _END_SIZE:
        raise BadTree("It is no zip archive.")
    if tail[max(0, at - 20) : at].startswith(_ZIP64_LOCATOR):
        raise BadTree("It is a zip archive of the 64-bit kind: send less at a time.")
    count, directory = struct.unpack_from("<HL", tail, at + 10)
    if count > members:
        raise BadTree(f"It has more than {members:,} members.")
    if directory > max(count, 1) * _DIRECTORY_ENTRY:
        raise BadTree("Its directory is larger than its members need.")
