"""How far a certificate's life has come: the bar on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...model import CertificateSigned
from ...model.certificate_signed import EXPIRING_SOON_DAYS

WIDTH = 900  # units of the drawing


@dataclass(frozen=True)
class Validity:
    headline: str
    note: str
    css: str  # the class of the bar's colour
    reached: int  # units from the left


def validity(certificate: CertificateSigned, now: datetime) -> Validity:
    begin, end = certificate.timestamp_not_before, certificate.timestamp_not_after
    whole = max((end - begin).days, 1)
    day = min(max((now - begin).days, 0), whole)
    left = certificate.expiring_days(now)
    return Validity(
        headline=_headline(begin, now, left),
        note=f"day {day} of {whole}",
        css=_css(certificate, left),
        reached=WIDTH * day // whole,
    )


def _headline(begin: datetime, now: datetime, left: int) -> str:
    if now < begin:
        return "Not valid yet"
    if left < 0:
        return f"Expired {-left} {_days(-left)} ago"
    return f"Valid for {left} more {_days(left)}"


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


def _css(certificate: CertificateSigned, left: int) -> str:
    if not certificate.is_active:
        return "f-off"
    if left < 0:
        return "f-bad"
    return "f-warn" if left <= EXPIRING_SOON_DAYS else "f-ok"
