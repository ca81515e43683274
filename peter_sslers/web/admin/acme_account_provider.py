"""ACME servers that accounts may be at: their pages."""

from __future__ import annotations

from typing import Any

from ...lib.store import acme_account_providers, acme_accounts
from ...model import AcmeAccount, AcmeAccountProvider
from ..resource import Column, Related, Resource, Show
from . import acme_account_provider_forms, acme_directory
from .shared import newest


def as_json(provider: AcmeAccountProvider, _root: str) -> dict[str, Any]:
    return {
        "id": provider.id,
        "timestamp_created": provider.timestamp_created,
        "name": provider.name,
        "endpoint": provider.endpoint,
        "directory": provider.directory,
        "is_default": bool(provider.is_default),
        "is_enabled": bool(provider.is_enabled),
        "protocol": provider.protocol,
        "server": provider.server,
        "is_eab_required": provider.is_eab_required,
        **acme_directory.as_json(provider),
    }


def state(provider: AcmeAccountProvider) -> str:
    if provider.is_default:
        return "default"
    return "active" if provider.is_enabled else "inactive"


def sentence(provider: AcmeAccountProvider) -> str:
    if provider.protocol != "acme-v2":
        return f"{provider.name} speaks {provider.protocol}, which no CA does any more."
    if not provider.is_enabled:
        return f"No new account can be made at {provider.name}: it is not enabled."
    if provider.is_default:
        return f"{provider.name} is where a new account goes unless another CA is named."
    return f"Accounts can be made at {provider.name}."


ACME_ACCOUNT_PROVIDER = Resource(
    path="acme-account-provider",
    paths="acme-account-providers",
    model=AcmeAccountProvider,
    label="Account provider",
    labels="Account providers",
    group="Accounts",
    json_name="AcmeAccountProvider",
    json_names="AcmeAccountProviders",
    about="The ACME servers that accounts may be at. The settings say which is the default.",
    as_json=as_json,
    pagination=False,
    status=state,
    sentence=sentence,
    title=lambda provider: f"Account provider {provider.name}",
    short=lambda provider: provider.name,
    columns=(
        Column("name"),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column("protocol"),
        Column("url", "Directory", Show.CODE, in_list=False),
        Column("server"),
        acme_directory.COLUMN,
        Column("is_eab_required", "Wants an external account binding", Show.BOOL, in_list=False),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", "Id", in_list=False),
        Column("ca_bundle_pem", "CA bundle", Show.PEM, in_list=False),
    ),
    actions=(
        acme_directory.READ,
        acme_account_provider_forms.EDIT,
        acme_account_provider_forms.MARK,
    ),
    forms=(acme_account_provider_forms.NEW,),
    listings=(newest("All account providers", acme_account_providers.every),),
    related=(
        Related(
            "acme-accounts",
            "Accounts",
            AcmeAccount,
            acme_accounts.of_provider,
            empty="No account is at this server yet.",
        ),
    ),
)
