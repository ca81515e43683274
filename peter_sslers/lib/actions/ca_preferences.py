"""The preferred CAs: whose chains certificates are served with, in the order of their slots."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy.exc import IntegrityError

from ...errors import Conflict, FieldErrors
from ...model import CertificateCA, CertificateCAPreference
from ..context import Context
from ..store import certificate_cas

MOST = 11
STALE = "Can not operate on bad or stale data."
ASIDE = 0  # no slot: where one waits while two change their places


class Priority(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"


def add(ctx: Context, fingerprint: str) -> CertificateCAPreference:
    """Prefer a CA, after all that are preferred already.

    `fingerprint` is a SHA-1 or the beginning of one, colons or not. Raises FieldErrors.
    """
    with changing(ctx):
        ca = _ca(ctx, fingerprint)
        preferred = locked(ctx)
        if any(p.certificate_ca_id == ca.id for p in preferred):
            raise _wrong(f"CertificateCA {ca.id} is preferred already.")
        if len(preferred) >= MOST:
            raise _wrong(f"There are {len(preferred)} preferred CAs; delete one first.")
        preference = CertificateCAPreference(slot=len(preferred) + 1, certificate_ca=ca)
        ctx.db.add(preference)
    return preference


def delete(ctx: Context, slot: int, fingerprint: str) -> None:
    """Prefer a CA no more; those after it move up. Raises FieldErrors."""
    with changing(ctx):
        preferred = locked(ctx)
        gone = _at(preferred, slot, fingerprint)
        ctx.db.delete(gone)
        preferred.remove(gone)
        for number, preference in enumerate(preferred, 1):
            ctx.db.flush()  # one by one: no two may have the same slot at any moment
            preference.slot = number


def prioritize(ctx: Context, slot: int, fingerprint: str, priority: Priority) -> None:
    """Let a CA change places with the one before or after it. Raises FieldErrors."""
    with changing(ctx):
        preferred = locked(ctx)
        moved = _at(preferred, slot, fingerprint)
        place = preferred.index(moved)
        other = place + (-1 if priority is Priority.INCREASE else 1)
        if not 0 <= other < len(preferred):
            raise FieldErrors(main=f"This item can not be {priority}d in priority.")
        displaced = preferred[other]
        mine, theirs = moved.slot, displaced.slot
        for preference, number in ((moved, ASIDE), (displaced, mine), (moved, theirs)):
            preference.slot = number
            ctx.db.flush()


@contextlib.contextmanager
def changing(ctx: Context) -> Iterator[None]:
    try:
        with ctx.commit():
            yield
            ctx.all_served_anew()  # with other chains, perhaps
    except IntegrityError as exc:
        raise Conflict("Somebody else has changed the preferred CAs just now: try again.") from exc


def locked(ctx: Context) -> list[CertificateCAPreference]:
    """All in their order, and nobody else changes them until the commit's end."""
    query = certificate_cas.preferences().with_for_update(of=CertificateCAPreference)
    return list(ctx.db.scalars(query.execution_options(populate_existing=True)))


def _at(
    preferred: list[CertificateCAPreference], slot: int, fingerprint: str
) -> CertificateCAPreference:
    """The one that the caller has seen: it must still stand in that slot."""
    wanted = plain(fingerprint)
    for preference in preferred:
        if preference.slot == slot and preference.certificate_ca.fingerprint_sha1 == wanted:
            return preference
    raise FieldErrors(main=STALE)


def _ca(ctx: Context, fingerprint: str) -> CertificateCA:
    beginning = plain(fingerprint)
    if not re.fullmatch(r"[0-9A-F]{1,40}", beginning):
        raise _wrong("Please enter a SHA-1 fingerprint: hexadecimal digits, colons or not.")
    found = ctx.db.scalars(certificate_cas.by_fingerprint_sha1(beginning).limit(2)).all()
    if not found:
        raise _wrong("No CertificateCA has this fingerprint.")
    if len(found) > 1:
        raise _wrong("More than one CertificateCA has a fingerprint that begins so.")
    return found[0]


def plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").strip().upper()


def _wrong(text: str) -> FieldErrors:
    return FieldErrors({"fingerprint_sha1": text})
