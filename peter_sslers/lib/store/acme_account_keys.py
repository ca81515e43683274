"""The keys of accounts."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...model import AcmeAccount, AcmeAccountKey


def every() -> Select[AcmeAccountKey]:
    return select(AcmeAccountKey)


def of_account(account: AcmeAccount) -> Select[AcmeAccountKey]:
    return every().where(AcmeAccountKey.acme_account_id == account.id)


def by_spki(spki_sha256: str) -> Select[AcmeAccountKey]:
    """A key is the same key in any PEM wrapping."""
    return every().where(AcmeAccountKey.spki_sha256 == spki_sha256)


def by_md5(key_pem_md5: str) -> Select[AcmeAccountKey]:
    return every().where(AcmeAccountKey.key_pem_md5 == key_pem_md5)
