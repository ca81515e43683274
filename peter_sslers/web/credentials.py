"""HTTP Basic: who may use the admin, from a file of `user:scrypt$N$r$p$salt$hash` lines."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SettingsError

N, R, P = 2**14, 8, 1  # of new lines: 16 MB and some 40 ms
_MAX_MEM = 128 * 1024 * 1024
_REMEMBERED = 256


@dataclass(frozen=True)
class Hash:
    """A password as scrypt (RFC 7914) leaves it."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> Hash:
        salt = os.urandom(16)
        return cls(N, R, P, salt, _scrypt(password, salt, N, R, P))

    @classmethod
    def read(cls, text: str) -> Hash:
        """Raises ValueError."""
        name, n, r, p, salt, digest = text.split("$")
        if name != "scrypt":
            raise ValueError
        found = cls(int(n), int(r), int(p), _bytes(salt), _bytes(digest))
        found.fits("")  # the parameters must be possible
        return found

    def fits(self, password: str) -> bool:
        found = _scrypt(password, self.salt, self.n, self.r, self.p)
        return hmac.compare_digest(found, self.digest)

    def __str__(self) -> str:
        salt, digest = (base64.b64encode(b).decode() for b in (self.salt, self.digest))
        return f"scrypt${self.n}${self.r}${self.p}${salt}${digest}"


@dataclass
class Credentials:
    """Everybody in the file."""

    hashes: dict[str, Hash]
    # scrypt is slow on purpose, scripts ask often: digests, under a key that only this process
    # knows, of headers that were found right.
    _key: bytes = field(default_factory=lambda: os.urandom(32))
    _right: set[bytes] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def from_file(cls, path: str) -> Credentials:
        """Raises SettingsError that names the option, and the line if it is one."""
        try:
            text = Path(path).read_text()
        except (OSError, UnicodeDecodeError) as exc:
            why = getattr(exc, "strerror", None) or "it is not UTF-8"
            raise SettingsError(f"`admin_userpass_file` {path} can not be read: {why}") from None
        hashes = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            user, _, hashed = line.strip().partition(":")
            try:
                hashes[user] = Hash.read(hashed)
            except (ValueError, MemoryError):
                raise SettingsError(
                    f"`admin_userpass_file` {path}, line {number}: not `user:scrypt$…`; "
                    "write it with `python -m peter_sslers.scripts.admin_user`"
                ) from None
        if not hashes:
            raise SettingsError(f"`admin_userpass_file` {path} names nobody")
        return cls(hashes)

    def allow(self, authorization: str) -> bool:
        """Whether an Authorization header (RFC 7617) is somebody's."""
        if not authorization:
            return False  # nothing was tried: not worth the time of a scrypt
        seen = hmac.digest(self._key, authorization.encode("utf-8", "replace"), "sha256")
        if seen in self._right:
            return True
        user, password = _basic(authorization)
        # Who is not there takes as long as who is.
        found = self.hashes.get(user) or next(iter(self.hashes.values()))
        if not found.fits(password) or user not in self.hashes:
            return False
        with self._lock:
            if len(self._right) >= _REMEMBERED:
                self._right.clear()
            self._right.add(seen)
        return True


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEM, dklen=32)
