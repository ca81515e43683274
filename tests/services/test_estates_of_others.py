"""What lego, dehydrated and Caddy have got from a CA by themselves is taken over as it lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from peter_sslers.enums import KeyTechnology
from peter_sslers.lib.actions import imports
from peter_sslers.lib.actions.import_trees import found_in
from peter_sslers.lib.actions.imports import Outcome, Result
from peter_sslers.lib.context import Context
from peter_sslers.lib.estates import Folder, Layout
from peter_sslers.model import CertificateSigned, Domain

from .clients import CaddyServer, Dehydrated, Lego
from .dns import Dns
from .pebble import Options, Pebble
from .processes import free_port

pytestmark = pytest.mark.service("pebble")


@pytest.fixture(scope="module")
def pebble(tmp_path_factory: pytest.TempPathFactory, dns: Dns) -> Iterator[Pebble]:
    found = Pebble(Options(), tmp_path_factory.mktemp("pebble"), dns.port, free_port())
    yield found
    found.stop()


@pytest.fixture(scope="module")
def lego(pebble: Pebble, tmp_path_factory: pytest.TempPathFactory) -> Path:
    client = Lego(pebble, tmp_path_factory.mktemp("lego"))
    client.issue("lego.example.com")
    return client.folder


@pytest.fixture(scope="module")
def dehydrated(pebble: Pebble, tmp_path_factory: pytest.TempPathFactory) -> Path:
    client = Dehydrated(pebble, tmp_path_factory.mktemp("dehydrated"))
    for _ in range(2):
        client.issue("dehydrated.example.com")
    return client.folder


@pytest.fixture(scope="module")
def caddy(pebble: Pebble, tmp_path_factory: pytest.TempPathFactory) -> Path:
    client = CaddyServer(pebble, tmp_path_factory.mktemp("caddy"))
    client.issue("caddy.example.com", "www.caddy.example.com")
    return client.folder


def imported(ctx: Context, folder: Path) -> tuple[Layout, list[Result]]:
    layout, found = found_in(ctx, Folder(folder))
    return layout, list(imports.import_all(ctx, found))


def check(
    ctx: Context, folder: Path, layout: Layout, technology: KeyTechnology, count: int
) -> None:
    """All are imported with the chain that lay beside them, and the second time none."""
    told, first = imported(ctx, folder)
    assert told is layout
    assert [(r.outcome, r.reason, r.note) for r in first] == [(Outcome.IMPORTED, "", "")] * count
    _, second = imported(ctx, folder)
    assert [r.outcome for r in second] == [Outcome.ALREADY_THERE] * count
    assert {r.certificate for r in second} == {r.certificate for r in first}
    stored = ctx.db.scalars(select(CertificateSigned)).all()
    assert len(stored) == count
    for certificate in stored:
        assert certificate.key_technology is technology
        assert certificate.private_key.spki_sha256 == certificate.spki_sha256
        (link,) = certificate.certificate_signed_chains
        assert link.certificate_ca_chain.certificate_ca_0.cert_subject == certificate.cert_issuer


def names(ctx: Context) -> set[str]:
    return set(ctx.db.scalars(select(Domain.domain_name)))


@pytest.mark.service("lego")
def test_of_lego(ctx: Context, lego: Path) -> None:
    check(ctx, lego, Layout.LEGO, KeyTechnology.RSA, 1)
    assert names(ctx) == {"lego.example.com"}


@pytest.mark.service("dehydrated")
def test_of_dehydrated_with_the_older_version(ctx: Context, dehydrated: Path) -> None:
    check(ctx, dehydrated / "certs", Layout.FLAT, KeyTechnology.EC, 2)
    assert names(ctx) == {"dehydrated.example.com"}
    newest = max(ctx.db.scalars(select(CertificateSigned)), key=lambda c: c.timestamp_not_after)
    domain = ctx.db.scalars(select(Domain)).one()
    assert domain.certificate_signed_id__latest_single == newest.id
    # Its own folder has the account's key as well.
    _, results = imported(ctx, dehydrated)
    (told,) = [r for r in results if r.outcome is Outcome.REFUSED]
    assert told.name.endswith("account_key.pem")
    assert told.reason == "There is no certificate for this private key."


@pytest.mark.service("caddy")
def test_of_caddy(ctx: Context, caddy: Path) -> None:
    check(ctx, caddy / "data", Layout.CADDY, KeyTechnology.EC, 2)
    assert names(ctx) == {"caddy.example.com", "www.caddy.example.com"}
