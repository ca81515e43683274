"""Certificates with their keys and chains, brought by hand or by the thousand: one road for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import islice

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from ...errors import FieldErrors, SslersError
from ..context import Context
from ..estates import Triplet, Unreadable
from ..store import events
from .import_batch import Batch, Brought, Chain, NewChain, Stored
from .import_reading import CERTIFICATE, Checked, Reader
from .races import commit_anew, commit_rows_anew

BATCH = 300  # certificates in one transaction
NOT_TAKEN = "The database does not take a value of it."
Upload = tuple[Checked, datetime]  # with the time at which its request began


class Outcome(StrEnum):
    IMPORTED = "imported"
    ALREADY_THERE = "already there"
    REFUSED = "refused"


@dataclass(frozen=True)
class Result:
    """What became of one item. `reason` of a refusal; `note` where the chain is another."""

    name: str
    outcome: Outcome
    certificate: int | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Uploaded:
    stored: Stored
    note: str


def upload(ctx: Context, brought: Triplet) -> Uploaded:
    """Store one certificate. Raises FieldErrors on the field at fault; then nothing is stored."""
    item = Reader(ctx).read(brought)

    def alone() -> Stored:
        return Writer(ctx).write_all([item])[0]

    together = partial(_write_together, ctx)
    try:
        stored = ctx.uploads.do((item, ctx.now), together, alone) if ctx.uploads else alone()
    except DataError as exc:
        raise FieldErrors({CERTIFICATE: NOT_TAKEN}) from exc
    return Uploaded(stored, item.note)


def _write_together(ctx: Context, waiting: Callable[[], list[Upload]]) -> list[Stored]:
    """In one commit, by the session of `ctx`; with the events of a request each."""

    def brought() -> list[Brought]:
        return [Brought(item, events.Origin(ctx.db, now)) for item, now in waiting()]

    return _stored(ctx, brought, {})


def _stored(
    ctx: Context, brought: Callable[[], Sequence[Brought]], chains: dict[Chain, int]
) -> list[Stored]:
    """In one commit, of rows alone where no chain is new. The ids of chains go into `chains`."""

    def batch(db: Connection, *, only_rows: bool) -> tuple[list[Stored], dict[Chain, int]]:
        known = dict(chains)
        return Batch(ctx, db, brought(), known, only_rows=only_rows).write(), known

    try:
        stored, known = commit_rows_anew(ctx, partial(batch, only_rows=True))
    except NewChain:
        stored, known = commit_anew(ctx, lambda: batch(ctx.db.connection(), only_rows=False))
    chains.update(known)
    return stored


def import_all(
    ctx: Context, brought: Iterable[Triplet | Unreadable], size: int = BATCH
) -> Iterator[Result]:
    """Store any number of certificates; a Result for each, in their order.

    They are read and written `size` at a time, so that neither memory nor the wait of others for
    the database grows with their number. What is bad stops nothing.
    """
    reader, writer = Reader(ctx), Writer(ctx)
    source = iter(brought)
    while some := list(islice(source, size)):
        yield from _import_some(reader, writer, some)


def _import_some(
    reader: Reader, writer: Writer, some: Sequence[Triplet | Unreadable]
) -> Iterator[Result]:
    read = [_read(reader, item) for item in some]
    good = [item for item in read if isinstance(item, Checked)]
    stored = iter(writer.write(good))
    for item in read:
        if isinstance(item, Result):
            yield item
        else:
            yield _result(item, next(stored))


def _read(reader: Reader, item: Triplet | Unreadable) -> Checked | Result:
    if isinstance(item, Unreadable):
        return Result(item.name, Outcome.REFUSED, reason=item.reason)
    try:
        return reader.read(item)
    except FieldErrors as exc:
        reason = " ".join(f"{field}: {text}" for field, text in exc.errors.items())
        return Result(item.name, Outcome.REFUSED, reason=reason)
    except SslersError as exc:
        return Result(item.name, Outcome.REFUSED, reason=str(exc))


def _result(item: Checked, stored: Stored | None) -> Result:
    if stored is None:
        return Result(item.name, Outcome.REFUSED, reason=NOT_TAKEN)
    outcome = Outcome.IMPORTED if stored.certificate_is_new else Outcome.ALREADY_THERE
    return Result(item.name, outcome, stored.certificate, note=item.note)


class Writer:
    """Writes batches; remembers the ids of chains."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._chains: dict[Chain, int] = {}

    def write(self, items: Sequence[Checked]) -> list[Stored | None]:
        """None for what the database refuses: it is found by halves, and harms no other."""
        if not items:
            return []
        try:
            return list(self.write_all(items))
        except (DataError, IntegrityError):
            if len(items) == 1:
                return [None]
            half = len(items) // 2
            return [*self.write(items[:half]), *self.write(items[half:])]

    def write_all(self, items: Sequence[Checked]) -> list[Stored]:
        """All or nothing, in one commit."""
        return _stored(self._ctx, lambda: [Brought(i, self._ctx) for i in items], self._chains)
