"""The fields by which a form chooses an account and a private key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..enums import ACCOUNT_CYCLES, KeyTechnology, PrivateKeyCycle, ProcessingStrategy
from ..lib.actions import profiles
from ..lib.context import Context
from ..lib.store import acme_account_providers, acme_accounts
from .schemas import Choice, Email, File, Form, Integer, Pem, Text

ACCOUNT_OPTIONS = {
    "account_key_global_default": "the global default account",
    "account_key_existing": "another account that is known here",
    "account_key_file": "an account whose key comes in files",
}
KEY_OPTIONS = {
    "private_key_for_account_key": "as the account says",
    "private_key_generate": "a new key, for this order alone",
    "private_key_existing": "a key that is known here",
    "private_key_file": "a key that comes as a file",
}
CYCLES = {
    "single_certificate": "a new key for each certificate",
    "account_daily": "a key a day, for this account",
    "global_daily": "a key a day, for all accounts",
    "account_weekly": "a key a week, for this account",
    "global_weekly": "a key a week, for all accounts",
    "account_key_default": "as the account says",
}
TECHNOLOGIES = {"RSA": "understood everywhere", "EC": "small and fast"}
STRATEGIES = {
    "create_order": "only create the order; each step is done on its page",
    "process_single": "do it all in this request",
    "process_multi": "create it; one step with each acme-process",
}
# Of the files that come together, one group is wanted.
FILES_TOGETHER = (
    ("account_key_file_pem", "acme_account_provider_id"),
    ("account_key_file_le_meta", "account_key_file_le_pkey", "account_key_file_le_reg"),
)


def account_option(options: Mapping[str, str], default: str) -> Choice:
    return Choice(
        list(options),
        "which account the certificate is ordered with",
        label="Account",
        explain=options,
        default=default,
    )


def key_option(options: Mapping[str, str]) -> Choice:
    return Choice(
        list(options),
        "which key the certificate is for",
        label="Private key",
        explain=options,
        also={"private_key_file_pem": "private_key_file"},
        default="private_key_for_account_key",
    )


class ProfileName(Text):
    """As long as the orders' column."""

    max_length = 64


class AccountFiles(Form):
    """An account that comes as a PEM key, or as the three files of Certbot."""

    account_key_file_pem = Pem("the account's key as PEM", label="Key, PEM", required=False)
    acme_account_provider_id = Integer(
        "the account's CA, with account_key_file_pem", label="CA", required=False
    )
    account_key_file_le_meta = File(
        "Certbot's meta.json, instead of account_key_file_pem",
        label="Certbot: meta.json",
        required=False,
    )
    account_key_file_le_pkey = File(
        "Certbot's private_key.json", label="Certbot: private_key.json", required=False
    )
    account_key_file_le_reg = File(
        "Certbot's regr.json", label="Certbot: regr.json", required=False
    )
    account__contact = Email(
        "the account's e-mail address; Certbot's files may hold it themselves",
        label="Contact",
        required=False,
    )
    account__private_key_cycle = Choice(
        ACCOUNT_CYCLES,
        "when the account's certificates get a new key",
        label="New keys for certificates",
        explain=CYCLES,
        required=False,
        default=PrivateKeyCycle.SINGLE_CERTIFICATE,
    )
    account__private_key_technology = Choice(
        KeyTechnology,
        "what keys the account's certificates get; RSA when it is not given",
        label="Algorithm of the certificates' keys",
        explain=TECHNOLOGIES,
        required=False,
        default=KeyTechnology.RSA,
    )


class AccountSelect(AccountFiles):
    """Which account; the fields of a new one are asked with `account_key_file` only."""

    account_key_option = account_option(ACCOUNT_OPTIONS, default="account_key_global_default")
    account_key_global_default = Text(
        "the MD5 of the global default account's key, with that option",
        label="MD5 of the default account's key",
        required=False,
    )
    account_key_existing = Text(
        "the MD5 of an active account's key, with that option",
        label="MD5 of the account's key",
        required=False,
    )


class KeySelect(Form):
    """Which private key."""

    private_key_option = key_option(KEY_OPTIONS)
    private_key_existing = Text(
        "the MD5 of an active key, with that option", label="MD5 of the key", required=False
    )
    private_key_file_pem = Pem(
        "the key as PEM, with private_key_file", label="Key, PEM", required=False
    )


class Strategy(Form):
    """What becomes of the order in this request."""

    processing_strategy = Choice(
        ProcessingStrategy,
        "how much is done in this request",
        label="Processing",
        explain=STRATEGIES,
        default=ProcessingStrategy.CREATE_ORDER,
    )


class Processing(Strategy):
    """The same, and what becomes of it at its renewals."""

    private_key_cycle__renewal = Choice(
        PrivateKeyCycle,
        "which key a renewal gets; the account's own cycle when it is not given",
        label="Key at renewals",
        explain=CYCLES,
        required=False,
        default=PrivateKeyCycle.ACCOUNT_KEY_DEFAULT,
    )
    profile = ProfileName(
        "one of the CA's certificate profiles; the account's own, if it has one, when it is not"
        " given; - for none",
        required=False,
    )


def providers(ctx: Context) -> dict[str, Any]:
    """`valid_options` of the CA: {id: "name (directory)"}."""
    return {
        "acme_account_provider_id": {
            str(provider.id): f"{provider.name} ({provider.url})"
            for provider in ctx.db.scalars(acme_account_providers.enabled())
        }
    }


def known_profiles(ctx: Context) -> dict[str, dict[str, str]]:
    """Profiles that enabled CAs are known to offer, for the fields that name one."""
    found: dict[str, list[str]] = {}
    for provider in ctx.db.scalars(acme_account_providers.enabled()):
        for name in profiles.offered(provider):
            found.setdefault(name, []).append(provider.name)
    words = {name: ", ".join(offered) for name, offered in found.items()}
    return {"profile": words, "account__profile": words}


def default_provider(ctx: Context, _obj: Any) -> dict[str, Any]:
    """What a form for a new account shows first."""
    enabled = ctx.db.scalars(acme_account_providers.enabled())
    found = next((provider.id for provider in enabled if provider.is_default), None)
    return {"acme_account_provider_id": found}


def defaults(ctx: Context, _obj: Any) -> dict[str, Any]:
    """What a form shows first: the global default account, if there is one to use."""
    account = ctx.db.scalar(acme_accounts.global_default())
    key = account.acme_account_key if account and account.is_usable else None
    if key is None:
        return {"account_key_option": "account_key_existing"}
    return {"account_key_global_default": key.key_pem_md5}
