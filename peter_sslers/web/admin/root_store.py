"""Root stores and their versions: their pages."""

from __future__ import annotations

from typing import Any

from ...lib.store import certificate_cas, root_stores
from ...model import CertificateCA, RootStore, RootStoreVersion
from ..resource import Column, Related, Resource, Show
from .shared import newest


def version_as_json(version: RootStoreVersion, _root: str) -> dict[str, Any]:
    return {
        "id": version.id,
        "name": version.root_store.name,
        "version_string": version.version_string,
    }


def as_json(store: RootStore, root: str) -> dict[str, Any]:
    return {
        "id": store.id,
        "name": store.name,
        "versions": [version_as_json(version, root) for version in store.root_store_versions],
    }


def version_title(version: RootStoreVersion) -> str:
    return f"{version.root_store.name} {version.version_string}"


ROOT_STORE = Resource(
    path="root-store",
    paths="root-stores",
    model=RootStore,
    label="Root store",
    labels="Root stores",
    group="CAs",
    json_name="RootStore",
    json_names="RootStores",
    about="Operating systems and browsers, and which roots they trust.",
    as_json=as_json,
    title=lambda store: store.name,
    short=lambda store: store.name,
    options=root_stores.SHOWN,
    columns=(
        Column("name", "Name"),
        Column(
            "versions",
            "Versions",
            Show.NAMES,
            value=lambda store: [v.version_string for v in store.root_store_versions],
        ),
        Column("timestamp_created", "Stored", Show.TIME),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(newest("Root stores", root_stores.every),),
    related=(
        Related("root-store-versions", "Versions", RootStoreVersion, root_stores.versions_of_store),
    ),
)

ROOT_STORE_VERSION = Resource(
    path="root-store-version",
    paths="root-store-versions",
    model=RootStoreVersion,
    label="Version of a root store",
    labels="Versions of root stores",
    group="CAs",
    json_name="RootStoreVersion",
    json_names="RootStoreVersions",
    about="Versions of operating systems and browsers, and which roots they trust.",
    as_json=version_as_json,
    title=version_title,
    short=version_title,
    options=root_stores.FOCUS,
    columns=(
        Column("version_string", "Version"),
        Column("root_store", "Root store", Show.LINK),
        Column(
            "roots",
            "Roots",
            Show.NUMBER,
            value=lambda version: len(version.to_certificate_cas),
        ),
        Column("timestamp_created", "Stored", Show.TIME),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(newest("Versions of root stores", root_stores.versions),),
    related=(
        Related(
            "certificate-cas", "Trusted roots", CertificateCA, certificate_cas.trusted_by_version
        ),
    ),
    in_menu=False,
)
