"""Accounts at ACME servers."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import AcmeAccount, AcmeAccountKey, AcmeAccountProvider

SHOWN = (
    joinedload(AcmeAccount.acme_account_provider),
    selectinload(AcmeAccount.acme_account_key),
)
FOCUS = (*SHOWN, selectinload(AcmeAccount.acme_account_keys_all))


def every() -> Select[AcmeAccount]:
    return select(AcmeAccount).options(*SHOWN)


def active() -> Select[AcmeAccount]:
    return every().where(AcmeAccount.is_active.is_(True))


def global_default() -> Select[AcmeAccount]:
    return every().where(AcmeAccount.is_global_default.is_(True))


def of_provider(provider: AcmeAccountProvider) -> Select[AcmeAccount]:
    return every().where(AcmeAccount.acme_account_provider_id == provider.id)


def by_contact(provider: AcmeAccountProvider, contact: str) -> Select[AcmeAccount]:
    return of_provider(provider).where(func.lower(AcmeAccount.contact) == contact.lower())


def by_url(account_url: str) -> Select[AcmeAccount]:
    return every().where(AcmeAccount.account_url == account_url)


def by_key_md5(key_pem_md5: str) -> Select[AcmeAccount]:
    """The active account whose active key has this md5."""
    return (
        active()
        .join(AcmeAccountKey, AcmeAccountKey.acme_account_id == AcmeAccount.id)
        .where(AcmeAccountKey.key_pem_md5 == key_pem_md5, AcmeAccountKey.is_active.is_(True))
    )


def by_key_spki(spki_sha256: str) -> Select[AcmeAccount]:
    """By a key that is theirs or was."""
    keys = select(AcmeAccountKey.acme_account_id).where(AcmeAccountKey.spki_sha256 == spki_sha256)
    return every().where(AcmeAccount.id.in_(keys))
