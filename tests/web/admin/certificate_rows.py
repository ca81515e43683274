"""Real keys, requests and certificates in a site's database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peter_sslers import model
from peter_sslers.lib.actions import certificates, private_keys
from peter_sslers.lib.context import Context
from peter_sslers.lib.store import unique_fqdn_sets

from ... import factories
from .acme_site import Rows, Site

TEST_DATA = Path(__file__).parents[3] / "test_data"


def pem(name: str) -> str:
    """`chains/leaf`"""
    return (TEST_DATA / f"{name}.pem").read_text()


LEAF = pem("chains/leaf")
EC256 = pem("keys/ec256")
RSA2048 = pem("keys/rsa2048")
CHAIN = LEAF + pem("chains/intermediate")
LONG_CHAIN = CHAIN + pem("chains/root")
CROSS_CHAIN = LEAF + pem("chains/intermediate_cross") + pem("chains/other_root")


def stored(site: Site, fullchains: Sequence[str] = (CHAIN,), key: str = EC256) -> int:
    """Import a certificate with its chains, the CA's default first; its id."""
    with site.database.session() as session:
        ctx = site.context(session)
        return store(ctx, fullchains, key).id


def store(ctx: Context, fullchains: Sequence[str], key_pem: str) -> model.CertificateSigned:
    issued = certificates.read_issued(ctx, fullchains)
    parsed = ctx.x509.key(key_pem)
    with ctx.commit():
        key, _ = private_keys.get_or_create(ctx, parsed)
        fqdns = unique_fqdn_sets.get_or_create(ctx, issued.leaf.names)
        return certificates.store(ctx, issued, key=key, fqdns=fqdns, chain_name="test")[0]


def request(rows: Rows, key: model.PrivateKey, fqdns: model.UniqueFQDNSet) -> Any:
    return factories.certificate_request(
        rows.db, private_key=key, unique_fqdn_set=fqdns, csr_pem=pem("requests/ec256")
    )


def prefer(site: Site, *subjects: str) -> None:
    """Prefer the CAs of some subjects, in this order, and no others."""
    with site.writing() as rows:
        rows.db.query(model.CertificateCAPreference).delete()
        for slot, subject in enumerate(subjects, 1):
            ca = rows.db.query(model.CertificateCA).filter_by(cert_subject=subject).first()
            rows.add(model.CertificateCAPreference(slot=slot, certificate_ca=ca))
