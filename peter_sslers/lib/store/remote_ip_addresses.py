"""The addresses that ask: found and made by their text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ...model import RemoteIpAddress
from .insert_or_get import current, insert_or_get


def by_text(address: str | None) -> Select[RemoteIpAddress]:
    return select(RemoteIpAddress).where(
        RemoteIpAddress.remote_ip_address == (address or "").lower()
    )


def get_or_create(db: Session, address: str | None, now: datetime) -> RemoteIpAddress:
    """Inside a commit. A request that has no address counts as from the empty one."""
    query = by_text(address)

    def find(again: bool) -> RemoteIpAddress | None:
        return db.scalar(current(query) if again else query)

    def insert() -> RemoteIpAddress:
        row = RemoteIpAddress(remote_ip_address=(address or "").lower(), timestamp_created=now)
        db.add(row)
        return row

    return insert_or_get(db, find, insert)[0]
