"""Certificate profiles: what a CA's directory offers, and which of it an order asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ...errors import FieldErrors
from ...model import AcmeAccount, AcmeAccountProvider, AcmeOrder
from .. import acme_v2
from ..context import Context
from .acme import server_of

NONE = "-"  # an account, or an order of an account that has one, is to have none


def offered(provider: AcmeAccountProvider) -> Mapping[str, str]:
    """{name: the CA's text}, as far as it is known here; see `read`."""
    found: dict[str, str] = json.loads(provider.profiles) if provider.profiles else {}
    return found


def read(ctx: Context, provider: AcmeAccountProvider, *, anew: bool = False) -> acme_v2.Directory:
    """Look at the provider's directory, an hour old at most, and store the profiles that it has.

    `anew`: ask for it now, and raise UpstreamError if it can not be had.
    """
    ctx.outside()
    directory = server_of(ctx, provider).directory(anew=anew)
    stored = json.dumps(dict(directory.profiles)) if directory.profiles else None
    if provider.profiles != stored:
        with ctx.commit():
            provider.profiles = stored
    return directory


def chosen(ctx: Context, account: AcmeAccount, wanted: str | None) -> str | None:
    """The profile of a new order: what the form says, else the account's. None: nobody named one.

    `-` stays, so that a renewal asks for none either. Raises FieldErrors for one that the CA does
    not offer.
    """
    name = wanted or account.profile
    if name and name != NONE:
        check(ctx, account.acme_account_provider, name)
    return name


def sent(order: AcmeOrder) -> str | None:
    """What newOrder says. None: nothing, and the CA chooses."""
    return None if order.profile == NONE else order.profile


def for_account(ctx: Context, account: AcmeAccount, wanted: str | None) -> str | None:
    """What an account's profile becomes: None leaves it, `-` drops it. Raises FieldErrors."""
    if wanted is None or wanted == account.profile:
        return account.profile
    if wanted == NONE:
        return None
    check(ctx, account.acme_account_provider, wanted, "account__profile")
    return wanted


def check(ctx: Context, provider: AcmeAccountProvider, name: str, field: str = "profile") -> None:
    """Raises FieldErrors with the names that there are, UpstreamError if the CA does not say."""
    profiles = read(ctx, provider).profiles
    if name not in profiles:
        profiles = read(ctx, provider, anew=True).profiles  # it may be a new one
    if name in profiles:
        return
    there_are = "; ".join(profiles) or "none"
    text = f"{provider.name} does not offer this profile. It offers: {there_are}"
    raise FieldErrors({field: text})
