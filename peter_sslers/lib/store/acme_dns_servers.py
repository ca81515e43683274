"""acme-dns servers."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...model import AcmeDnsServer


def every() -> Select[AcmeDnsServer]:
    return select(AcmeDnsServer)


def active() -> Select[AcmeDnsServer]:
    return every().where(AcmeDnsServer.is_active.is_(True))


def global_default() -> Select[AcmeDnsServer]:
    return every().where(AcmeDnsServer.is_global_default.is_(True))
