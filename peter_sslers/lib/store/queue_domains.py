"""Names that wait for their first certificate."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import QueueDomain
from .domains import canonical

SHOWN = (joinedload(QueueDomain.domain),)


def every() -> Select[QueueDomain]:
    return select(QueueDomain)


def active() -> Select[QueueDomain]:
    """Waiting."""
    return every().where(QueueDomain.is_active.is_(True))


def by_name(name: str) -> Select[QueueDomain]:
    return every().where(QueueDomain.domain_name == canonical(name))


def active_by_names(names: Iterable[str]) -> Select[QueueDomain]:
    return active().where(QueueDomain.domain_name.in_({canonical(n) for n in names}))


def inactive_by_name(name: str) -> Select[QueueDomain]:
    return by_name(name).where(QueueDomain.is_active.is_not(True))
