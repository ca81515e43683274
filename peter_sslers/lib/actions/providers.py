"""The ACME servers: which are enabled and which is the default, as the settings say."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from ...enums import OperationsEventType
from ...errors import SettingsError
from ...model import AcmeAccount, AcmeAccountProvider
from ..context import Context
from ..store import acme_account_providers, acme_accounts, events
from ..store.insert_or_get import current, insert_or_get
from . import provider_rows

log = logging.getLogger(__name__)


def sync_providers(ctx: Context) -> None:
    """At every start: make the tables say what the settings say. Writes only what differs.

    Raises SettingsError, with nothing written, for what can not be.
    """
    if is_synced(ctx):
        return
    with ctx.commit():
        # Processes that start together take turns here; the later ones find nothing to do.
        list(ctx.db.scalars(current(acme_account_providers.every())))
        default = enroll(ctx)
        make_default(ctx, default)
        drop_foreign_default(ctx)
        for provider in wanted(ctx):
            enable(ctx, provider)


def is_synced(ctx: Context) -> bool:
    """Reads only."""
    found = ctx.db.scalar(acme_account_providers.by_name(ctx.settings.certificate_authority or ""))
    if found is None:
        return False
    check(ctx, found)
    others_enabled = all(provider.is_enabled for provider in wanted(ctx))
    is_default = bool(found.is_default and found.is_enabled)
    return is_default and others_enabled and foreign_default(ctx) is None


def check(ctx: Context, provider: AcmeAccountProvider) -> None:
    if provider.protocol != "acme-v2":
        raise SettingsError(
            f"`certificate_authority`: AcmeAccountProvider {provider.name} speaks "
            f"{provider.protocol}; `AcmeAccountProvider.protocol` is not `acme-v2`"
        )
    said = ctx.settings.certificate_authority_directory
    if said and said != provider.directory:
        raise SettingsError(
            f"`certificate_authority_directory` is {said}, but AcmeAccountProvider "
            f"{provider.name} is stored with {provider.directory}"
        )


def wanted(ctx: Context) -> list[AcmeAccountProvider]:
    """The providers of `certificate_authorities_enable`."""
    found = []
    for name in filter(None, ctx.settings.certificate_authorities_enable):
        provider = ctx.db.scalar(acme_account_providers.by_name(name))
        if provider is None:
            raise SettingsError(
                f"`certificate_authorities_enable`: there is no AcmeAccountProvider {name}"
            )
        if provider.protocol != "acme-v2":
            raise SettingsError(
                f"`certificate_authorities_enable`: {name} speaks {provider.protocol}, which no "
                "server does any more"
            )
        found.append(provider)
    return found


def enroll(ctx: Context) -> AcmeAccountProvider:
    """The provider of the settings, made if it is not there."""
    name = ctx.settings.certificate_authority or ""
    query = acme_account_providers.by_name(name)

    def insert() -> AcmeAccountProvider:
        directory = ctx.settings.certificate_authority_directory or ""
        testing = ctx.settings.certificate_authority_testing
        if reason := provider_rows.wrong_with(directory, testing=testing):
            raise SettingsError(
                f"`certificate_authority_directory` of the new {name} is {directory or 'missing'}. "
                f"{reason}"
            )
        provider = AcmeAccountProvider(
            timestamp_created=ctx.now,
            name=name,
            directory=directory,
            server=urlsplit(directory).netloc.lower(),
            is_enabled=True,
            protocol="acme-v2",
        )
        ctx.db.add(provider)
        return provider

    provider, is_new = insert_or_get(
        ctx.db, lambda again: ctx.db.scalar(current(query) if again else query), insert
    )
    check(ctx, provider)
    if is_new:
        log.warning("AcmeAccountProvider %s is new: %s", provider.name, provider.directory)
    return provider


def make_default(ctx: Context, provider: AcmeAccountProvider) -> None:
    former = ctx.db.scalar(acme_account_providers.default())
    enable(ctx, provider)
    if former is provider:
        return
    if former is not None:
        former.is_default = False
        ctx.db.flush()  # before the other, for there is never more than one
    provider.is_default = True
    payload = {"acme_account_provider.id": provider.id}
    if former is not None:
        payload["acme_account_provider.id.former_default"] = former.id
    events.record(ctx, OperationsEventType.ACME_ACCOUNT_PROVIDER_ACTIVATE_DEFAULT, payload)
    log.warning(
        "AcmeAccountProvider %s is the default now, was %s",
        provider.name,
        former.name if former else "none",
    )


def enable(ctx: Context, provider: AcmeAccountProvider) -> None:
    if provider.is_enabled:
        return
    provider.is_enabled = True
    payload = {"acme_account_provider.id": provider.id, "is_enabled": True}
    events.record(ctx, OperationsEventType.ACME_ACCOUNT_PROVIDER_MARK_IS_ENABLED, payload)
    log.warning("AcmeAccountProvider %s is enabled now", provider.name)


def foreign_default(ctx: Context) -> AcmeAccount | None:
    """The global default account, if it belongs to a server that is not the default."""
    account = ctx.db.scalar(acme_accounts.global_default())
    return account if account and not account.acme_account_provider.is_default else None


def drop_foreign_default(ctx: Context) -> None:
    ctx.db.flush()
    account = foreign_default(ctx)
    if account is None:
        return
    account.is_global_default = False
    event = events.record(
        ctx,
        OperationsEventType.ACME_ACCOUNT_MARK,
        {"acme_account_id": account.id, "action": "notdefault"},
    )
    events.record_object(ctx, event, OperationsEventType.ACME_ACCOUNT_MARK_NOTDEFAULT, account)
    log.warning("AcmeAccount %s is not the global default any more: its server is not", account.id)


def disable_all(ctx: Context) -> list[str]:
    """Disable every provider; the next start enables those of the settings. Their names."""
    disabled = []
    with ctx.commit():
        for provider in ctx.db.scalars(acme_account_providers.every()):
            if not (provider.is_default or provider.is_enabled):
                continue
            provider.is_default = provider.is_enabled = False
            payload = {"acme_account_provider.id": provider.id, "is_enabled": False}
            events.record(ctx, OperationsEventType.ACME_ACCOUNT_PROVIDER_MARK_IS_ENABLED, payload)
            disabled.append(provider.name)
    return disabled
