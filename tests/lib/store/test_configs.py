"""What a name and a certificate are served with, on every database."""

from __future__ import annotations

import pytest

from peter_sslers import model
from peter_sslers.lib.context import Context
from peter_sslers.lib.store import certificate_ca_chains, certificate_signeds, configs
from tests import factories as make
from tests.services.databases import context, initialize, opened


def chained(ctx: Context, *chains: model.CertificateCAChain) -> model.CertificateSigned:
    """A certificate with some chains, the first of which the CA sends unasked."""
    links = [
        model.CertificateSignedChain(certificate_ca_chain=chain, is_upstream_default=n == 0 or None)
        for n, chain in enumerate(chains)
    ]
    return make.certificate(ctx.db, certificate_signed_chains=links)


def prefer(ctx: Context, *cas: model.CertificateCA) -> None:
    with ctx.commit():
        ctx.db.query(model.CertificateCAPreference).delete()
        for slot, ca in enumerate(cas, 1):
            ctx.db.add(model.CertificateCAPreference(slot=slot, certificate_ca_id=ca.id))


def served(ctx: Context, certificate: model.CertificateSigned) -> int | None:
    with ctx.database.single_read() as connection:
        found = configs.of_certificate(connection, certificate.id)
    assert found is not None
    listed = ctx.db.scalars(certificate_signeds.every()).first()
    assert listed is not None
    ctx.db.refresh(listed, ["certificate_ca_chain_id__preferred"])
    chain = found.chain.id if found.chain else None
    assert listed.certificate_ca_chain_id__preferred == chain
    return chain


def test_preference_decides_by_slot_then_default_then_age(ctx: Context) -> None:
    with ctx.commit():
        cas = [make.certificate_ca(ctx.db) for _ in range(12)]
        default, cross, other = (
            make.chain(ctx.db, cas[0]),
            make.chain(ctx.db, cas[10], cas[1]),
            make.chain(ctx.db, cas[10], cas[2]),
        )
        certificate = chained(ctx, default, cross, other)
    assert served(ctx, certificate) == default.id
    prefer(ctx, cas[2], cas[1])
    assert served(ctx, certificate) == other.id
    prefer(ctx, cas[5], cas[1], cas[2])
    assert served(ctx, certificate) == cross.id
    prefer(ctx, cas[10])
    assert served(ctx, certificate) == cross.id
    prefer(ctx, cas[11])
    assert served(ctx, certificate) == default.id


def test_certificate_without_chain_has_none(ctx: Context) -> None:
    with ctx.commit():
        certificate = chained(ctx)
    assert served(ctx, certificate) is None


def test_domain_is_served_with_its_latest_certificates(ctx: Context) -> None:
    with ctx.commit():
        domain = make.domain(ctx.db, "a.example.com")
        single, multi = chained(ctx, make.chain(ctx.db)), chained(ctx, make.chain(ctx.db))
        domain.certificate_signed_id__latest_single = single.id
        domain.certificate_signed_id__latest_multi = multi.id
    with ctx.database.single_read() as connection:
        found = configs.of_name(connection, "A.example.com")
        assert found == configs.of_domain(connection, str(domain.id))
    assert found is not None
    assert found.latest_single is not None
    assert found.latest_single.certificate == configs.Part(single.id, single.cert_pem)
    assert found.latest_multi is not None
    assert found.latest_multi.private_key.id == multi.private_key_id


@pytest.mark.parametrize("ident", ["7", "9" * 30, "b.example.com", "%", ""])
def test_unknown_domain_is_none(ctx: Context, ident: str) -> None:
    with ctx.database.single_read() as connection:
        assert configs.of_domain(connection, ident) is None


def test_single_read_leaves_no_transaction_behind(ctx: Context) -> None:
    with ctx.database.single_read() as connection:
        configs.of_domain(connection, "1")
    with ctx.commit():
        make.domain(ctx.db, "a.example.com")
    with ctx.database.single_read() as connection:
        assert configs.of_domain(connection, "a.example.com") is not None


def test_chain_knows_its_cas_in_order(ctx: Context) -> None:
    with ctx.commit():
        cas = [make.certificate_ca(ctx.db) for _ in range(12)]
        chain = make.chain(ctx.db, cas[10], cas[0])
    ctx.db.expunge_all()
    found = ctx.db.scalars(certificate_ca_chains.every()).one()
    assert [ca.id for ca in found.certificate_cas_all] == [cas[10].id, cas[0].id]
    assert found.certificate_ca_ids == chain.certificate_ca_ids


@pytest.mark.service("mariadb")
def test_mariadb_decides_the_same(mariadb_url: str) -> None:
    initialize(mariadb_url)
    database = opened(mariadb_url)
    ctx = context(database)
    with ctx.commit():
        ca, other = make.certificate_ca(ctx.db), make.certificate_ca(ctx.db)
        default, cross = make.chain(ctx.db, ca), make.chain(ctx.db, ca, other)
        certificate = chained(ctx, default, cross)
    prefer(ctx, other)
    assert served(ctx, certificate) == cross.id
    ctx.db.close()
    database.close_connections()
