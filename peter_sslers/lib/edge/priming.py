"""Redis made to hold what the tables say: all names, or those that have changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from ...model import Domain
from ..database import Database, chunks
from ..store import served
from ..store.ids import as_id
from ..store.served import Served

if TYPE_CHECKING:
    from ..cache.redis import RedisCache

AT_ONCE = 500  # names in one transaction of Redis
IN_USE = {
    "c": served.certificates_in_use,
    "p": served.keys_in_use,
    "i": served.chains_in_use,
}


class Ids:
    """A set of ids: a bit for each, so that it stays small however many there are."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self.count = 0

    def add(self, number: int) -> None:
        if number in self:
            return
        at, bit = divmod(number, 8)
        if at >= len(self._bits):
            self._bits.extend(bytes(at + 1024 - len(self._bits)))
        self._bits[at] |= 1 << bit
        self.count += 1

    def __contains__(self, number: int) -> bool:
        at, bit = divmod(number, 8)
        return at < len(self._bits) and bool(self._bits[at] >> bit & 1)


@dataclass
class Progress:
    """Of a priming that goes on, or is over."""

    total: int = 0  # names, known at its beginning
    looked_at: int = 0
    domains: int = 0  # names that were primed
    certificates: Ids = field(default_factory=Ids)
    keys: Ids = field(default_factory=Ids)
    chains: Ids = field(default_factory=Ids)
    removed: int = 0  # names that are served no more, and PEMs that no name refers to
    seconds: float = 0.0
    is_over: bool = False

    def __str__(self) -> str:
        return f"{self.looked_at:,} of {self.total:,} names, {self.seconds:.0f} s"

    def add(self, written: Iterable[Served], is_by_parts: bool) -> None:
        for one in written:
            self.looked_at += 1
            if one.config is None:
                continue
            self.domains += 1
            if is_by_parts:
                self.certificates.add(one.config.certificate.id)
                self.keys.add(one.config.private_key.id)
                if one.config.chain:
                    self.chains.add(one.config.chain.id)

    @property
    def primed(self) -> dict[str, int]:
        return {
            "certcachain": self.chains.count,
            "cert": self.certificates.count,
            "pkey": self.keys.count,
            "domain": self.domains,
        }

    def has_primed(self, key: str) -> bool:
        """`c:7`, `p:3`, `i:1`"""
        number = as_id(key[2:])
        of_kind = {"c": self.certificates, "p": self.keys, "i": self.chains}[key[0]]
        return number is not None and number in of_kind


def everything(
    database: Database, cache: RedisCache, tell: Callable[[Progress], None] = lambda _: None
) -> Progress:
    """Prime every name, and remove what is served no more. Raises RedisFailed.

    Names are read by their ids, some at a time: memory does not grow with the table.
    """
    began = time.monotonic()
    with database.single_read() as connection:
        progress = Progress(connection.scalar(select(func.count()).select_from(Domain)) or 0)
    for found in _all(database):
        cache.write({one.name: one.config for one in found})
        _converge(database, cache, found)
        progress.add(found, cache.is_by_parts)
        progress.seconds = time.monotonic() - began
        tell(progress)
    progress.removed = _sweep(database, cache, progress)
    progress.seconds = time.monotonic() - began
    progress.is_over = True
    tell(progress)
    return progress


def _all(database: Database) -> Iterator[list[Served]]:
    """Every name, some at a time."""
    last = 0
    while True:
        with database.single_read() as connection:
            found = served.after(connection, last, AT_ONCE, datetime.now(UTC))
        if not found:
            return
        yield found
        last = found[-1].id


def some(database: Database, cache: RedisCache, ids: Iterable[int]) -> None:
    """Prime some names, and let go what they were served with before. Raises RedisFailed."""
    for part in chunks(ids, AT_ONCE):
        with database.single_read() as connection:
            found = served.of(connection, part, datetime.now(UTC))
        before = cache.keys_of(one.name for one in found)
        cache.write({one.name: one.config for one in found})
        _converge(database, cache, found)
        _leave(database, cache, before)


def _converge(database: Database, cache: RedisCache, written: Sequence[Served]) -> None:
    """Somebody may have committed and primed something newer between our reading and writing."""
    while written:
        with database.single_read() as connection:
            ids = served.changed(connection, written)
            written = served.of(connection, ids, datetime.now(UTC)) if ids else []
        if written:
            cache.write({one.name: one.config for one in written})


def _sweep(database: Database, cache: RedisCache, primed: Progress) -> int:
    """Remove names that are not to be served, and PEMs that no name refers to; how many.

    And all of the other style: what nobody keeps up to date is wrong some day.
    """
    removed, own = 0, "d1:" if cache.is_by_parts else "d2:"
    for keys in cache.scan():
        names = {key[3:] for key in keys if key.startswith(own)}
        foreign = {key for key in keys if key[0] == "d" and not key.startswith(own)}
        parts = {key for key in keys if key[0] != "d"}
        if not cache.is_by_parts:
            foreign, parts = foreign | parts, set()
        cache.leave(foreign)
        removed += len(foreign)
        removed += sum(_forget(database, cache, part) for part in chunks(names))
        removed += _leave(database, cache, (key for key in parts if not primed.has_primed(key)))
    return removed


def _forget(database: Database, cache: RedisCache, names: Sequence[str]) -> int:
    """Of some names, those that are not served."""
    with database.single_read() as connection:
        gone = set(names) - served.names_in_use(connection, names)
        known = served.ids_of(connection, gone) if gone else {}
    # As after a change: one of them may have been enabled just now.
    some(database, cache, known.values())
    if unknown := gone - known.keys():
        cache.remove(unknown)
    return len(gone)


def _leave(database: Database, cache: RedisCache, keys: Iterable[str]) -> int:
    """Of `c:7`, `p:3`, …: those that nothing refers to."""
    left = 0
    for part in chunks(keys):
        with database.single_read() as connection:
            unused = [
                f"{kind}:{number}" for kind in IN_USE for number in _unused(connection, kind, part)
            ]
        if unused:
            cache.leave(unused)
            left += len(unused)
    return left


def _unused(connection: Connection, kind: str, keys: Sequence[str]) -> set[int]:
    numbers = (as_id(key[2:]) for key in keys if key.startswith(f"{kind}:"))
    ids = {number for number in numbers if number is not None}
    return ids - IN_USE[kind](connection, ids) if ids else set()
