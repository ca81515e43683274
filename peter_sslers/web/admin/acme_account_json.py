"""The JSON of accounts and of their keys."""

from __future__ import annotations

from typing import Any

from ...model import AcmeAccount, AcmeAccountKey


def as_json(account: AcmeAccount, root: str) -> dict[str, Any]:
    provider = account.acme_account_provider
    key = account.acme_account_key
    return {
        "is_active": bool(account.is_active),
        "is_deactivated": account.timestamp_deactivated or False,
        "is_global_default": bool(account.is_global_default),
        "acme_account_provider_id": account.acme_account_provider_id,
        "acme_account_provider_name": provider.name,
        "acme_account_provider_url": provider.url,
        "acme_account_provider_protocol": provider.protocol,
        "AcmeAccountKey": key_as_json(key, root) if key else None,
        "id": account.id,
        "private_key_cycle": account.private_key_cycle,
        "contact": account.contact,
        "account_url": account.account_url,
        "private_key_technology": account.private_key_technology,
        "terms_of_service": account.terms_of_service,
        "timestamp_created": account.timestamp_created,
        "profile": account.profile,
    }


def key_as_json(key: AcmeAccountKey, _root: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "key_pem": key.key_pem,
        "key_pem_md5": key.key_pem_md5,
        "spki_sha256": key.spki_sha256,
        "acme_account_key_source": key.acme_account_key_source,
        "is_active": key.is_active,
        "key_technology": key.key_technology,
    }


def without_secret(account: AcmeAccount, root: str) -> dict[str, Any]:
    """For help pages, which no key belongs on."""
    document = as_json(account, root)
    if document["AcmeAccountKey"]:
        del document["AcmeAccountKey"]["key_pem"]
    return document
