"""Domains: stored by hand."""

from __future__ import annotations

from ...errors import FieldErrors
from ...model import Domain
from ..context import Context
from ..store import domains, domains_blocklisted


def new(ctx: Context, name: str) -> tuple[Domain, bool]:
    """Find or store a domain; True if it is new. `name` is normalised.

    Raises FieldErrors on `domain_name` for a name that is on the blocklist.
    """
    if domains_blocklisted.among(ctx.db, [name]):
        raise FieldErrors({"domain_name": "This domain_name has been blocklisted"})
    with ctx.commit():
        return domains.get_or_create(ctx, name)
