"""The names that are never ordered: whole names, no parents and no wildcards that cover them."""

from __future__ import annotations

from ...enums import OperationsEventType
from ...errors import FieldErrors
from ...model import DomainBlocklisted
from ..context import Context
from ..store import domains_blocklisted, events
from ..store.insert_or_get import current, insert_or_get
from .races import commit_anew


def add(ctx: Context, name: str) -> tuple[DomainBlocklisted, bool]:
    """Put a name on the list; True if it is new there. What it has already stays as it is.

    `name` is normalised.
    """
    query = domains_blocklisted.by_name(name)

    def insert() -> DomainBlocklisted:
        listed = DomainBlocklisted(domain_name=name)
        ctx.db.add(listed)
        events.record(ctx, OperationsEventType.DOMAIN_BLOCKLISTED_INSERT, {"domain_name": name})
        return listed

    def find(again: bool) -> DomainBlocklisted | None:
        return ctx.db.scalar(current(query) if again else query)

    return commit_anew(ctx, lambda: insert_or_get(ctx.db, find, insert))


def delete(ctx: Context, name: str) -> None:
    """Take a name from the list. Raises FieldErrors on `domain_name` where it is not on it."""
    with ctx.commit():
        listed = ctx.db.scalar(domains_blocklisted.by_name(name).with_for_update())
        if listed is None:
            raise FieldErrors({"domain_name": "This domain_name is not blocklisted"})
        ctx.db.delete(listed)
        events.record(ctx, OperationsEventType.DOMAIN_BLOCKLISTED_DELETE, {"domain_name": name})
