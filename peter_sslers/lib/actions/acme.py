"""The door to an account's ACME server: a client that is logged and that refuses an open write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from ...errors import InvalidRequest
from ...model import AcmeAccount, AcmeAccountProvider, AcmeOrder
from ..acme_v2 import BadAnswer, Client, Server
from ..context import Context
from . import account_keys
from .races import commit_anew

T = TypeVar("T")


def server_of(ctx: Context, provider: AcmeAccountProvider) -> Server:
    """The provider's server, shared by the whole process: its directory, nonces, connections."""
    if provider.protocol != "acme-v2" or not provider.directory:
        raise InvalidRequest(f"AcmeAccountProvider {provider.name} does not speak ACME v2")
    own = provider.ca_bundle_pem
    return ctx.servers.get(
        provider.directory,
        ca_bundle=own or ctx.settings.certificate_authority_ca_bundle or None,
        verify=bool(own) or not ctx.settings.certificate_authority_testing,
    )


def client_of(ctx: Context, account: AcmeAccount) -> Client:
    """A client that signs with the account's active key.

    Where a key change was cut off, the CA is asked first which key it knows: UpstreamError if it
    does not say.
    """
    server = server_of(ctx, account.acme_account_provider)
    if account.timestamp_key_change_began and not ctx.database.is_writing(ctx.db):
        account_keys.settle(ctx, server, account)
    if account.acme_account_key is None:
        raise InvalidRequest(f"AcmeAccount {account.id} has no active key")
    return account_keys.client(ctx, server, account, account.acme_account_key)


def stored(ctx: Context, store: Callable[[], T], fresh: AcmeOrder | None = None) -> T:
    """Commit an answer of the CA; anew if somebody else has just stored the same.

    Raises BadAnswer if it does not fit even so: a CA that has one URL for two things.
    """
    try:
        return commit_anew(ctx, store, fresh)
    except IntegrityError as exc:
        raise BadAnswer("what the CA says contradicts what it has said before") from exc
