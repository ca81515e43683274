"""Root stores and their versions."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import CertificateCA, RootStore, RootStoreVersion, RootStoreVersion_2_CertificateCA

SHOWN = (selectinload(RootStore.root_store_versions),)
FOCUS = (
    joinedload(RootStoreVersion.root_store),
    selectinload(RootStoreVersion.to_certificate_cas).joinedload(
        RootStoreVersion_2_CertificateCA.certificate_ca
    ),
)


def every() -> Select[RootStore]:
    return select(RootStore).options(*SHOWN)


def versions_of_store(store: RootStore) -> Select[RootStoreVersion]:
    return versions().where(RootStoreVersion.root_store_id == store.id)


def versions_with_ca(ca: CertificateCA) -> Select[RootStoreVersion]:
    """That trust a CA's certificate."""
    link = RootStoreVersion_2_CertificateCA
    trusting = select(link.root_store_version_id).where(link.certificate_ca_id == ca.id)
    return versions().where(RootStoreVersion.id.in_(trusting))


def versions() -> Select[RootStoreVersion]:
    return select(RootStoreVersion).options(*FOCUS)
