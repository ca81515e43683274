"""The account and the private key that a form chooses, by the option words of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...enums import PrivateKeyStrategy
from ...errors import Conflict, FieldErrors
from ...model import AcmeAccount, PrivateKey
from ..context import Context
from ..store import acme_accounts, private_keys
from . import account_files, accounts
from . import private_keys as key_actions

PLACEHOLDER = 0
NOT_ENROLLED = "The selected {what} is not enrolled in this system, or not active."


def account(ctx: Context, values: Mapping[str, Any]) -> AcmeAccount:
    """ACCOUNT SELECT: the account of a form. Raises FieldErrors on the field at fault."""
    option = values["account_key_option"]
    if option == "account_key_file":
        return uploaded_account(ctx, values)
    field = str(option)
    md5 = values.get(field)
    if not md5:
        raise FieldErrors({field: "Please enter a value"})
    if option == "account_key_global_default":
        default = ctx.db.scalar(acme_accounts.global_default())
        key = default.acme_account_key if default and default.is_usable else None
        if default is None or key is None or key.key_pem_md5 != md5:
            raise FieldErrors({field: "This is not the key of the global default AcmeAccount."})
        return default
    found = ctx.db.scalar(acme_accounts.by_key_md5(md5))
    if found is None:
        raise FieldErrors({field: NOT_ENROLLED.format(what="AcmeAccountKey")})
    return found


def uploaded_account(ctx: Context, values: Mapping[str, Any]) -> AcmeAccount:
    """An account whose key comes in files with the form."""
    brought = account_files.read(ctx, values)
    try:
        return accounts.upload(ctx, brought.wanted, brought.pem, brought.field)[0]
    except Conflict as exc:
        raise FieldErrors(main=str(exc)) from exc


def private_key(ctx: Context, values: Mapping[str, Any]) -> tuple[PrivateKey, PrivateKeyStrategy]:
    """KEY SELECT: the key of a form, and how the order is to come to it."""
    option = values["private_key_option"]
    match option:
        case "private_key_generate":
            return placeholder(ctx), PrivateKeyStrategy.DEFERRED_GENERATE
        case "private_key_for_account_key":
            return placeholder(ctx), PrivateKeyStrategy.DEFERRED_ASSOCIATE
        case "private_key_file" | "private_key_file_pem":
            pem = values.get("private_key_file_pem")
            if not pem:
                raise FieldErrors({"private_key_file_pem": "Please enter a value"})
            found = key_actions.upload(ctx, pem)[0]
            return usable(found, "private_key_file_pem"), PrivateKeyStrategy.SPECIFIED
    md5 = values.get(option)
    if not md5:
        raise FieldErrors({option: "Please enter a value"})
    return usable(ctx.db.scalar(private_keys.by_md5(md5)), option), PrivateKeyStrategy.SPECIFIED


def usable(key: PrivateKey | None, field: str) -> PrivateKey:
    """Raises FieldErrors for a key that is unknown, inactive, or compromised in any wrapping."""
    if key is None or key.is_placeholder:
        raise FieldErrors({field: NOT_ENROLLED.format(what="PrivateKey")})
    if key.is_compromised:
        raise FieldErrors({field: f"PrivateKey {key.id} is compromised: it is never used again."})
    if not key.is_active:
        raise FieldErrors({field: NOT_ENROLLED.format(what="PrivateKey")})
    return key


def placeholder(ctx: Context) -> PrivateKey:
    found = ctx.db.get(PrivateKey, PLACEHOLDER)
    if found is None:
        raise FieldErrors(
            {
                "private_key_option": "Could not load the placeholder PrivateKey: the database is "
                "not initialised."
            }
        )
    return found
