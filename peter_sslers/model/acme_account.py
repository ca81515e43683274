"""Accounts at ACME servers, their keys, and the servers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..enums import AccountKeySource, KeyTechnology, PrivateKeyCycle
from .meta import (
    LongText,
    Recorded,
    Str32,
    Str64,
    Str255,
    Url,
    WithId,
    listed,
    ref,
    unique_where,
    words,
)
from .search import pem_sample, search_query

if TYPE_CHECKING:
    from .acme_order import AcmeOrder
    from .acme_orderless import AcmeOrderless
    from .operations import OperationsObjectEvent
    from .private_key import PrivateKey


class AcmeAccountProvider(WithId):
    """An ACME server."""

    __tablename__ = "acme_account_provider"
    __table_args__ = (
        CheckConstraint("(endpoint IS NULL) <> (directory IS NULL)", name="endpoint_or_directory"),
        CheckConstraint("protocol IN ('acme-v1', 'acme-v2')", name="protocol"),
        unique_where("is_default"),
    )

    timestamp_created: Mapped[datetime]
    name: Mapped[Str32] = mapped_column(unique=True)
    endpoint: Mapped[Url | None] = mapped_column(unique=True)
    directory: Mapped[Url | None] = mapped_column(unique=True)
    server: Mapped[Str255] = mapped_column(unique=True)
    is_default: Mapped[bool | None]
    is_enabled: Mapped[bool | None]
    protocol: Mapped[Str32]
    is_eab_required: Mapped[bool] = mapped_column(default=False)
    ca_bundle_pem: Mapped[LongText | None]
    # What the directory offered when it was last looked at: {name: text}, as JSON.
    profiles: Mapped[LongText | None]

    acme_accounts: Mapped[list[AcmeAccount]] = relationship(
        order_by="AcmeAccount.id.desc()", viewonly=True
    )

    @property
    def url(self) -> str:
        return self.directory or self.endpoint or ""


class AcmeAccount(Recorded):
    """An account at one ACME server."""

    __tablename__ = "acme_account"
    __table_args__ = (
        *listed("acme_account_provider_id"),
        Index(None, "contact"),
        unique_where("is_global_default"),
    )

    timestamp_created: Mapped[datetime]
    contact: Mapped[Str255 | None]
    terms_of_service: Mapped[Url | None]
    account_url: Mapped[Url | None] = mapped_column(unique=True)
    count_acme_orders: Mapped[int | None] = mapped_column(default=0)
    count_certificate_signeds: Mapped[int | None] = mapped_column(default=0)
    timestamp_last_certificate_request: Mapped[datetime | None]
    timestamp_last_certificate_issue: Mapped[datetime | None]
    timestamp_last_authenticated: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_global_default: Mapped[bool | None]
    acme_account_provider_id: Mapped[int] = ref("acme_account_provider")
    private_key_cycle: Mapped[PrivateKeyCycle] = mapped_column(words(PrivateKeyCycle))
    private_key_technology: Mapped[KeyTechnology] = mapped_column(words(KeyTechnology))
    timestamp_deactivated: Mapped[datetime | None]
    # External account binding, RFC 8555 section 7.3.4.
    eab_kid: Mapped[Str255 | None]
    eab_hmac: Mapped[Str255 | None]
    # A key change whose end we do not know yet: see lib.actions.account_keys.
    timestamp_key_change_began: Mapped[datetime | None]
    profile: Mapped[Str64 | None]  # what its orders ask for unless they say otherwise

    acme_account_provider: Mapped[AcmeAccountProvider] = relationship()
    acme_account_keys_all: Mapped[list[AcmeAccountKey]] = relationship(
        order_by="AcmeAccountKey.id", viewonly=True
    )
    acme_account_key: Mapped[AcmeAccountKey | None] = relationship(
        primaryjoin="and_(AcmeAccount.id == AcmeAccountKey.acme_account_id, "
        "AcmeAccountKey.is_active.is_(True))",
        viewonly=True,
    )
    acme_orders: Mapped[list[AcmeOrder]] = relationship(
        order_by="AcmeOrder.id.desc()", viewonly=True
    )
    acme_orderlesss: Mapped[list[AcmeOrderless]] = relationship(
        order_by="AcmeOrderless.id", viewonly=True
    )
    private_keys__owned: Mapped[list[PrivateKey]] = relationship(
        order_by="PrivateKey.id", viewonly=True
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def is_usable(self) -> bool:
        return self.is_active and self.acme_account_key is not None

    @property
    def is_can_authenticate(self) -> bool:
        return self.acme_account_provider.protocol == "acme-v2"

    @property
    def is_can_deactivate(self) -> bool:
        return self.is_active

    @property
    def is_can_key_change(self) -> bool:
        return self.is_active

    @property
    def is_global_default_candidate(self) -> bool:
        is_default_server = bool(self.acme_account_provider.is_default)
        return not self.is_global_default and self.is_usable and is_default_server

    @property
    def key_spki_search(self) -> str:
        if self.acme_account_key is None:
            return "type=error&error=missing-acme-account-key"
        return self.acme_account_key.key_spki_search

    @property
    def key_pem_sample(self) -> str:
        return self.acme_account_key.key_pem_sample if self.acme_account_key else ""


class AcmeAccountKey(Recorded):
    """A key of an account; the old ones are kept."""

    __tablename__ = "acme_account_key"
    __table_args__ = (
        *listed("acme_account_id"),
        Index(None, "key_pem_md5"),
        Index(None, "spki_sha256"),
        unique_where("is_active", "acme_account_id"),
    )

    acme_account_id: Mapped[int] = ref("acme_account")
    is_active: Mapped[bool | None]
    timestamp_created: Mapped[datetime]
    timestamp_deactivated: Mapped[datetime | None]
    key_technology: Mapped[KeyTechnology] = mapped_column(words(KeyTechnology))
    key_pem: Mapped[LongText | None]
    key_pem_md5: Mapped[Str32]
    spki_sha256: Mapped[Str64]
    acme_account_key_source: Mapped[AccountKeySource] = mapped_column(words(AccountKeySource))

    acme_account: Mapped[AcmeAccount] = relationship()
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def key_spki_search(self) -> str:
        return search_query("spki", self.spki_sha256, "acme_account_key", self, self.acme_account)

    @property
    def key_pem_sample(self) -> str:
        return pem_sample(self.key_pem)
