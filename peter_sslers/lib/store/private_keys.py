"""Private keys of certificates."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import AcmeAccount, PrivateKey
from ...model.private_key import PLACEHOLDER_ID

FOCUS = (joinedload(PrivateKey.acme_account__owner),)


def every() -> Select[PrivateKey]:
    return select(PrivateKey)


def active() -> Select[PrivateKey]:
    return every().where(PrivateKey.is_active.is_(True))


def usable() -> Select[PrivateKey]:
    """Keys that may be used again; not the placeholder."""
    return active().where(PrivateKey.is_compromised.is_not(True), PrivateKey.id != PLACEHOLDER_ID)


def of_account(account: AcmeAccount) -> Select[PrivateKey]:
    """Those that no other account may use."""
    return every().where(PrivateKey.acme_account_id__owner == account.id)


def by_spki(spki_sha256: str) -> Select[PrivateKey]:
    """A key is the same key in any PEM wrapping."""
    return every().where(PrivateKey.spki_sha256 == spki_sha256)


def compromised(spki_sha256: str) -> Select[PrivateKey]:
    """The key, if it is one that nothing may use again."""
    return by_spki(spki_sha256).where(PrivateKey.is_compromised.is_(True))


def by_md5(key_pem_md5: str) -> Select[PrivateKey]:
    return every().where(PrivateKey.key_pem_md5 == key_pem_md5)
