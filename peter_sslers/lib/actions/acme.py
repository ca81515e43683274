"""The door to an account's ACME server: a client that is logged and that refuses an open write."""

from __future__ import annotations

from ...errors import InvalidRequest
from ...model import AcmeAccount, AcmeAccountProvider
from ..acme_v2 import Client, Server
from ..context import Context


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
    """A client that signs with the account's active key."""
    key = account.acme_account_key
    if key is None or not key.key_pem:
        raise InvalidRequest(f"AcmeAccount {account.id} has no active key")
    server = server_of(ctx, account.acme_account_provider)
    return Client(
        server,
        ctx.x509.account_key(key.key_pem),
        account_url=account.account_url,
        before=ctx.outside,
        on_exchange=ctx.journal.heard,
    )
