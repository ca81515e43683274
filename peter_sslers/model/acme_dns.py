"""acme-dns servers, and the registrations of domains there."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column, relationship

from .meta import LongText, Recorded, Str255, Url, listed, ref, unique_where

if TYPE_CHECKING:
    from .domain import Domain
    from .operations import OperationsObjectEvent


class AcmeDnsServer(Recorded):
    """An acme-dns server."""

    __tablename__ = "acme_dns_server"
    __table_args__ = (unique_where("is_global_default"),)

    timestamp_created: Mapped[datetime]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_global_default: Mapped[bool | None]
    root_url: Mapped[Url] = mapped_column(unique=True)

    acme_dns_server_accounts: Mapped[list[AcmeDnsServerAccount]] = relationship(
        order_by="AcmeDnsServerAccount.id", viewonly=True
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )


class AcmeDnsServerAccount(Recorded):
    """The registration of one domain at one acme-dns server."""

    __tablename__ = "acme_dns_server_account"
    __table_args__ = (
        *listed("acme_dns_server_id", "domain_id"),
        unique_where("is_active", "acme_dns_server_id", "domain_id"),
    )

    timestamp_created: Mapped[datetime]
    acme_dns_server_id: Mapped[int] = ref("acme_dns_server")
    domain_id: Mapped[int] = ref("domain")
    is_active: Mapped[bool | None] = mapped_column(default=True)
    username: Mapped[Str255]
    password: Mapped[Str255]
    fulldomain: Mapped[Str255]
    subdomain: Mapped[Str255]
    allowfrom: Mapped[LongText | None]  # a JSON list

    acme_dns_server: Mapped[AcmeDnsServer] = relationship()
    domain: Mapped[Domain] = relationship()

    @property
    def allowfrom_list(self) -> list[str]:
        found = json.loads(self.allowfrom or "[]")
        return found if isinstance(found, list) else [str(found)]

    @property
    def password_sample(self) -> str:
        """A few characters of a long password, none of a short one."""
        if len(self.password) < 20:
            return "..."
        return f"{self.password[:5]}...{self.password[-5:]}"
