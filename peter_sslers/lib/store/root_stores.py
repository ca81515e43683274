"""Root stores and their versions."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import RootStore, RootStoreVersion, RootStoreVersion_2_CertificateCA

SHOWN = (selectinload(RootStore.root_store_versions),)
FOCUS = (
    joinedload(RootStoreVersion.root_store),
    selectinload(RootStoreVersion.to_certificate_cas).joinedload(
        RootStoreVersion_2_CertificateCA.certificate_ca
    ),
)


def every() -> Select[RootStore]:
    return select(RootStore).options(*SHOWN)


def versions() -> Select[RootStoreVersion]:
    return select(RootStoreVersion).options(*FOCUS)
