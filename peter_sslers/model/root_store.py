"""Which operating systems and browsers trust which roots."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .meta import Str255, WithId, listed, ref

if TYPE_CHECKING:
    from .certificate_ca import CertificateCA


class RootStore(WithId):
    """An operating system or a browser."""

    __tablename__ = "root_store"

    name: Mapped[Str255] = mapped_column(unique=True)
    timestamp_created: Mapped[datetime]

    root_store_versions: Mapped[list[RootStoreVersion]] = relationship(
        back_populates="root_store", order_by="RootStoreVersion.id"
    )


class RootStoreVersion(WithId):
    """Some of its versions, in words."""

    __tablename__ = "root_store_version"
    __table_args__ = (UniqueConstraint("root_store_id", "version_string"),)

    root_store_id: Mapped[int] = ref("root_store")
    version_string: Mapped[Str255]
    timestamp_created: Mapped[datetime]

    root_store: Mapped[RootStore] = relationship(back_populates="root_store_versions")
    to_certificate_cas: Mapped[list[RootStoreVersion_2_CertificateCA]] = relationship(
        back_populates="root_store_version", order_by="RootStoreVersion_2_CertificateCA.id"
    )


class RootStoreVersion_2_CertificateCA(WithId):  # noqa: N801
    """A root that those versions trust."""

    __tablename__ = "root_store_version_2_certificate_ca"
    __table_args__ = (
        UniqueConstraint("root_store_version_id", "certificate_ca_id"),
        *listed("certificate_ca_id"),
    )

    root_store_version_id: Mapped[int] = ref("root_store_version")
    certificate_ca_id: Mapped[int] = ref("certificate_ca")

    root_store_version: Mapped[RootStoreVersion] = relationship(back_populates="to_certificate_cas")
    certificate_ca: Mapped[CertificateCA] = relationship()
