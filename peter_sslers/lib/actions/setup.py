"""What a new database begins with. Run again, it adds what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select, text

from ...enums import KeyTechnology, OperationsEventType, PrivateKeySource, PrivateKeyType
from ...model import (
    AcmeAccountProvider,
    CertificateCA,
    CertificateCAPreference,
    DomainBlocklisted,
    OperationsEvent,
    PrivateKey,
    RootStore,
    RootStoreVersion,
    RootStoreVersion_2_CertificateCA,
)
from ...model.meta import WithId
from ...model.private_key import PLACEHOLDER_ID
from .. import ca_certs
from ..ca_certs import CaCert
from ..context import Context
from ..store import acme_account_providers, domains_blocklisted, events
from ..x509.pem import md5_hex
from . import certificates
from .providers import sync_providers

__all__ = ["initialize", "sync_providers"]

PLACEHOLDER_PEM = "*placeholder-key*"
# No certificate is preferred that ends soon.
PREFERRED_FOR = timedelta(days=90)
BLOCKLIST = ("always-fail.example.com",)


class Provider(NamedTuple):
    id: int
    name: str
    endpoint: str | None
    directory: str | None
    server: str
    is_eab_required: bool = False

    @property
    def protocol(self) -> str:
        return "acme-v2" if self.directory else "acme-v1"


_LE = "api.letsencrypt.org"
_GOOGLE = "dv.acme-v02.api.pki.goog"
_ACTALIS = "acme-api.actalis.com"
PROVIDERS = (
    Provider(1, "pebble", None, "https://0.0.0.0:14000/dir", "0.0.0.0:14000"),
    Provider(2, "letsencrypt-v1", f"https://acme-v01.{_LE}", None, f"acme-v01.{_LE}"),
    Provider(
        3, "letsencrypt-v1-staging", f"https://acme-staging.{_LE}", None, f"acme-staging.{_LE}"
    ),
    Provider(4, "letsencrypt-v2", None, f"https://acme-v02.{_LE}/directory", f"acme-v02.{_LE}"),
    Provider(
        5,
        "letsencrypt-v2-staging",
        None,
        f"https://acme-staging-v02.{_LE}/directory",
        f"acme-staging-v02.{_LE}",
    ),
    # For whoever enables them; each wants an external account binding.
    Provider(6, "zerossl", None, "https://acme.zerossl.com/v2/DV90", "acme.zerossl.com", True),
    Provider(7, "google-trust-services", None, f"https://{_GOOGLE}/directory", _GOOGLE, True),
    Provider(8, "ssl.com", None, "https://acme.ssl.com/sslcom-dv-rsa", "acme.ssl.com", True),
    Provider(9, "actalis", None, f"https://{_ACTALIS}/acme/directory", _ACTALIS, True),
)


def initialize(ctx: Context) -> bool:
    """Fill the tables, in one transaction; True if the database was new.

    The operator's own choices, preferred CAs and blocklisted names, are made for a new one only.
    """
    with ctx.commit():
        first = ctx.db.scalar(
            select(OperationsEvent)
            .where(
                OperationsEvent.operations_event_type == OperationsEventType.DATABASE_INITIALIZATION
            )
            .order_by(OperationsEvent.id)
            .limit(1)
        )
        is_new = first is None
        ctx.event = first or events.record(ctx, OperationsEventType.DATABASE_INITIALIZATION)
        add_providers(ctx)
        add_placeholder(ctx)
        cas = add_certificate_cas(ctx)
        add_root_stores(ctx, cas)
        if is_new:
            add_preferences(ctx, cas)
            for name in BLOCKLIST:
                if ctx.db.scalar(domains_blocklisted.by_name(name)) is None:
                    ctx.db.add(DomainBlocklisted(domain_name=name))
        ctx.db.flush()
        continue_numbers(ctx, (AcmeAccountProvider, CertificateCA))
    return is_new


def add_providers(ctx: Context) -> None:
    for known in PROVIDERS:
        if ctx.db.scalar(acme_account_providers.same(known.name, known.server)) is not None:
            continue
        ctx.db.add(
            AcmeAccountProvider(
                id=known.id if ctx.db.get(AcmeAccountProvider, known.id) is None else None,
                timestamp_created=ctx.now,
                name=known.name,
                endpoint=known.endpoint,
                directory=known.directory,
                server=known.server,
                is_default=None,
                is_enabled=False,
                protocol=known.protocol,
                is_eab_required=known.is_eab_required,
            )
        )
    ctx.db.flush()


def add_placeholder(ctx: Context) -> None:
    """The key with the id 0: it stands for a key that is chosen when an order is finalized."""
    if ctx.db.get(PrivateKey, PLACEHOLDER_ID) is not None:
        return
    event = ctx.event
    assert event is not None  # noqa: S101
    ctx.db.add(
        PrivateKey(
            id=PLACEHOLDER_ID,
            timestamp_created=ctx.now,
            key_technology=KeyTechnology.RSA,
            key_pem=PLACEHOLDER_PEM,
            key_pem_md5=md5_hex(PLACEHOLDER_PEM),
            spki_sha256=PLACEHOLDER_PEM,
            is_active=True,
            private_key_source=PrivateKeySource.PLACEHOLDER,
            private_key_type=PrivateKeyType.PLACEHOLDER,
            operations_event__created=event,
        )
    )
    ctx.db.flush()


def add_certificate_cas(ctx: Context) -> dict[str, CertificateCA]:
    """The CAs that we ship, {name: row}; a second event says which were not there yet."""
    found: dict[str, CertificateCA] = {}
    discovered: list[int] = []
    for known in ca_certs.every():
        ca, is_new = certificates.ca_of(
            ctx, ctx.x509.certificate(known.pem), known.display_name, free_number(ctx, known)
        )
        if is_new:
            ca.is_trusted_root = known.is_trusted_root
            discovered.append(ca.id)
        found[known.name] = ca
    if discovered:
        events.record(
            ctx,
            OperationsEventType.DATABASE_INITIALIZATION,
            {
                "is_certificates_discovered": True,
                "is_certificates_updated": False,
                "ids_discovered": discovered,
                "ids_modified": [],
            },
        )
    return found


def free_number(ctx: Context, known: CaCert) -> int | None:
    """Its id, unless a database that is in use already has given it away."""
    return known.id if ctx.db.get(CertificateCA, known.id) is None else None


def add_root_stores(ctx: Context, cas: dict[str, CertificateCA]) -> None:
    shipped = ca_certs.root_stores()
    stores = {store.name: store for store in ctx.db.scalars(select(RootStore))}
    for name in shipped.stores:
        if name not in stores:
            stores[name] = RootStore(name=name, timestamp_created=ctx.now)
            ctx.db.add(stores[name])
            ctx.db.flush()  # one by one, so that the ids are in this order
    for root, versions in shipped.versions.items():
        for name, words in zip(shipped.stores, versions, strict=False):
            add_version(ctx, stores[name], words, cas[root])


def add_version(ctx: Context, store: RootStore, words: str, ca: CertificateCA) -> None:
    version = next((v for v in store.root_store_versions if v.version_string == words), None)
    if version is None:
        version = RootStoreVersion(
            root_store=store, version_string=words, timestamp_created=ctx.now
        )
        ctx.db.add(version)
    if all(link.certificate_ca_id != ca.id for link in version.to_certificate_cas):
        ctx.db.add(RootStoreVersion_2_CertificateCA(root_store_version=version, certificate_ca=ca))
    ctx.db.flush()


def add_preferences(ctx: Context, cas: dict[str, CertificateCA]) -> None:
    lasting = (
        cas[name]
        for name in ca_certs.preferred()
        if cas[name].timestamp_not_after > ctx.now + PREFERRED_FOR
    )
    for slot, ca in enumerate(lasting, start=1):
        ctx.db.add(CertificateCAPreference(slot=slot, certificate_ca=ca))


def continue_numbers(ctx: Context, kinds: Iterable[type[WithId]]) -> None:
    """PostgreSQL does not see ids that we gave: its next one has to be after the highest."""
    if ctx.database.engine.dialect.name != "postgresql":
        return
    for kind in kinds:
        table = kind.__tablename__
        ctx.db.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence(:name, 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608  # a table of ours
            ),
            {"name": table},
        )
