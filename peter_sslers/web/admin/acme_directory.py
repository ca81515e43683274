"""What a provider's directory offers: looked at by a button, shown on its page."""

from __future__ import annotations

from typing import Any

from ...lib.actions import profiles
from ...lib.context import Context
from ...model import AcmeAccountProvider
from ..resource import Column
from .acme_deeds import deed


def read(ctx: Context, provider: AcmeAccountProvider) -> None:
    profiles.read(ctx, provider, anew=True)


def as_json(provider: AcmeAccountProvider) -> dict[str, Any]:
    """The last key of a provider's JSON."""
    return {"profiles": dict(profiles.offered(provider))}


def shown(provider: AcmeAccountProvider) -> str | None:
    """`classic: the usual one; shortlived: six days`"""
    return "; ".join(f"{n}: {text}" for n, text in profiles.offered(provider).items()) or None


COLUMN = Column("profiles", "Profiles", in_list=False, value=shown)

READ = deed(
    ("acme-account-provider", "AcmeAccountProvider"),
    "acme-server/directory",
    "Read the directory",
    "Asks the CA what it offers: the profiles that an order may name.",
    read,
    possible=lambda provider: (
        None if provider.protocol == "acme-v2" else f"It speaks {provider.protocol}."
    ),
    form_id="form-acme_server-directory",
)
