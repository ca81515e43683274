"""The ACME servers that we know."""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select

from ...model import AcmeAccountProvider


def every() -> Select[AcmeAccountProvider]:
    return select(AcmeAccountProvider)


def enabled() -> Select[AcmeAccountProvider]:
    """Those that a form offers; ACME v1 is gone."""
    return (
        every()
        .where(AcmeAccountProvider.is_enabled.is_(True), AcmeAccountProvider.protocol == "acme-v2")
        .order_by(AcmeAccountProvider.id)
    )


def default() -> Select[AcmeAccountProvider]:
    return every().where(AcmeAccountProvider.is_default.is_(True))


def by_name(name: str) -> Select[AcmeAccountProvider]:
    return every().where(func.lower(AcmeAccountProvider.name) == name.lower())


def same(name: str, server: str) -> Select[AcmeAccountProvider]:
    """Those that have the name, or the server with its directory: both are unique."""
    return every().where(
        or_(
            func.lower(AcmeAccountProvider.name) == name.lower(),
            AcmeAccountProvider.server == server.lower(),
        )
    )
