"""A folder of this machine. Nothing outside of it is read, whatever its links say."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from .tree import MAX_FILE, BadTree, Listed, Refused, joined

OUTSIDE = "It is a symbolic link that leads out of the folder."
# Not blocking, for it may be a pipe that nobody writes to.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Folder:
    """A Tree. Links to files inside of it are followed, those to folders are not.

    Strings rather than Paths: some hundred thousand files are looked at.
    """

    def __init__(self, top: Path, max_file: int = MAX_FILE) -> None:
        try:
            is_folder = top.is_dir()
        except OSError as exc:
            raise BadTree(f"{top}: {exc.strerror}.") from exc
        if not is_folder:
            raise BadTree(f"{top} is no folder.")
        self.top = str(top.resolve())
        self.max_file = max_file

    def list(self, folder: str) -> Listed:
        folders, files, odd = [], [], []
        try:
            with os.scandir(f"{self.top}/{folder}") as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as exc:
            # To say of a folder that may not be looked into that it is empty would be a lie.
            missing = isinstance(exc, FileNotFoundError | NotADirectoryError)
            return Listed() if missing else Listed(odd=((folder or ".", f"{exc.strerror}."),))
        for entry in found:
            if not _is_utf8(entry.name):
                name = os.fsencode(entry.name).decode("utf-8", "replace")
                odd.append((joined(folder, name), "Its name is not UTF-8."))
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_symlink() and entry.is_dir():
                if not self._is_inside(os.path.realpath(entry.path)):
                    odd.append((joined(folder, entry.name), OUTSIDE))
            else:
                files.append(entry.name)
        return Listed(tuple(folders), tuple(files), tuple(odd))

    def target(self, path: str) -> str | None:
        real = os.path.realpath(f"{self.top}/{path}")
        if self._is_inside(real) and Path(real).is_file():
            return real.removeprefix(f"{self.top}/")
        return None

    def link(self, path: str) -> str:
        try:
            return str(Path(f"{self.top}/{path}").readlink())
        except OSError:  # it is none
            return ""

    def _is_inside(self, real: str) -> bool:
        return real == self.top or real.startswith(f"{self.top.rstrip('/')}/")

    def read(self, path: str) -> bytes:
        """`path` is made of what `list` has said: its folders are no links."""
        try:
            with os.fdopen(self._open(f"{self.top}/{path}"), "rb") as file:
                facts = os.fstat(file.fileno())
                if not stat.S_ISREG(facts.st_mode):
                    raise Refused("It is no regular file.")
                if facts.st_size > self.max_file:
                    raise Refused(f"It is larger than {self.max_file // 1024} KiB.")
                return file.read(self.max_file)
        except OSError as exc:
            raise Refused(f"It can not be read: {exc.strerror}.") from exc

    def _open(self, path: str) -> int:
        try:
            return os.open(path, _FLAGS)
        except OSError as exc:
            if exc.errno not in {errno.ELOOP, errno.EMLINK}:
                raise
        real = os.path.realpath(path)
        if not self._is_inside(real):
            raise Refused(OUTSIDE)
        return os.open(real, _FLAGS)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # what the system's bytes are written as
        return False
    return True
