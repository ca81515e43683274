"""A new database, the same again, and the providers at each start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from peter_sslers.enums import OperationsEventType
from peter_sslers.errors import SettingsError
from peter_sslers.lib.actions import providers, setup
from peter_sslers.lib.context import Context
from peter_sslers.lib.store import acme_account_providers, certificate_cas
from peter_sslers.model import (
    AcmeAccountProvider,
    Base,
    CertificateCA,
    DomainBlocklisted,
    OperationsEvent,
    PrivateKey,
    RootStoreVersion,
    RootStoreVersion_2_CertificateCA,
)
from tests import factories as make
from tests.services.databases import context

PEBBLE = "https://0.0.0.0:14000/dir"


def rows(ctx: Context) -> dict[str, int]:
    return {
        name: ctx.db.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
    }


def configured(ctx: Context, name: str, directory: str = PEBBLE, enable=()) -> Context:
    ctx.settings = replace(
        ctx.settings,
        certificate_authority=name,
        certificate_authority_directory=directory,
        certificate_authorities_enable=enable,
    )
    return ctx


def test_the_providers_have_their_ids(ctx):
    found = ctx.db.scalars(select(AcmeAccountProvider).order_by(AcmeAccountProvider.id)).all()
    assert [(p.id, p.name, p.protocol) for p in found] == [
        (1, "pebble", "acme-v2"),
        (2, "letsencrypt-v1", "acme-v1"),
        (3, "letsencrypt-v1-staging", "acme-v1"),
        (4, "letsencrypt-v2", "acme-v2"),
        (5, "letsencrypt-v2-staging", "acme-v2"),
        (6, "zerossl", "acme-v2"),
        (7, "google-trust-services", "acme-v2"),
        (8, "ssl.com", "acme-v2"),
        (9, "actalis", "acme-v2"),
    ]
    assert not any(p.is_default or p.is_enabled for p in found)


def test_the_placeholder_key_has_the_id_0(ctx):
    key = ctx.db.get(PrivateKey, 0)
    assert key.is_placeholder
    assert key.key_pem_md5 == "b0844b468e56847f0e4da2a42fd86f7a"
    assert not key.can_key_sign


def test_the_certificates_of_cas_have_their_ids(ctx):
    roots = {ca.id: ca.fingerprint_sha1[:8] for ca in ctx.db.scalars(certificate_cas.every())}
    assert (roots[1], roots[2], roots[4]) == ("DAC9024F", "CABD2A79", "BDB1B93C")
    assert {6, 21, 22}.isdisjoint(roots)
    assert ctx.db.get(CertificateCA, 5).key_technology == "EC"


def test_roots_that_have_ended_are_not_preferred(ctx):
    preferred = ctx.db.scalars(certificate_cas.preferences()).all()
    assert [(p.slot, p.certificate_ca_id) for p in preferred] == [(1, 4), (2, 2)]


def test_root_stores_are_known_by_their_versions(ctx):
    version = ctx.db.get(RootStoreVersion, 17)
    assert version.root_store.name == "Windows"
    assert version.to_certificate_cas[0].certificate_ca.display_name == "ISRG Root X1"
    assert ctx.db.scalar(select(func.count(RootStoreVersion_2_CertificateCA.id))) == 26


def test_every_event_is_below_the_first(ctx):
    first, *others = ctx.db.scalars(select(OperationsEvent).order_by(OperationsEvent.id))
    assert first.operations_event_type is OperationsEventType.DATABASE_INITIALIZATION
    assert {event.operations_event_id__child_of for event in others} == {first.id}
    assert others[-1].event_payload_json["ids_discovered"][:3] == [1, 2, 3]


def test_a_second_run_changes_nothing(database, ctx):
    before = rows(ctx)
    assert not setup.initialize(context(database))
    assert rows(ctx) == before


def test_a_second_run_respects_the_operator_s_choices(database, ctx):
    with ctx.commit():
        ctx.db.delete(ctx.db.scalar(select(DomainBlocklisted)))
        ctx.db.delete(ctx.db.scalar(certificate_cas.preferences()))
        ctx.db.delete(ctx.db.get(AcmeAccountProvider, 3))
    setup.initialize(context(database))
    found = rows(ctx)
    assert (found["domain_blocklisted"], found["certificate_ca_preference"]) == (0, 1)
    assert found["acme_account_provider"] == 9


def test_numbers_go_on_after_those_given(ctx):
    with ctx.commit():
        assert make.provider(ctx.db).id == 10
        assert make.certificate_ca(ctx.db).id == 79
        assert make.private_key(ctx.db).id == 1


def test_the_provider_of_the_settings_becomes_the_default(ctx):
    setup.sync_providers(configured(ctx, "Pebble", enable=("letsencrypt-v2", "")))
    found = ctx.db.scalars(select(AcmeAccountProvider).where(AcmeAccountProvider.is_enabled)).all()
    assert [(p.name, bool(p.is_default)) for p in found] == [
        ("pebble", True),
        ("letsencrypt-v2", False),
    ]


def test_an_unknown_provider_is_made(ctx):
    setup.sync_providers(configured(ctx, "mine", "https://CA.example:8443/dir"))
    found = ctx.db.scalar(acme_account_providers.default())
    assert (found.id, found.name, found.server) == (10, "mine", "ca.example:8443")


def test_a_start_that_changes_nothing_writes_nothing(database, ctx, monkeypatch):
    setup.sync_providers(configured(ctx, "pebble"))
    before = rows(ctx)

    def refuse(*_: object) -> None:
        raise AssertionError("it writes")

    monkeypatch.setattr(database, "writing", refuse)
    setup.sync_providers(ctx)
    assert rows(ctx) == before


def test_the_default_account_of_another_server_is_it_no_more(ctx):
    setup.sync_providers(configured(ctx, "pebble"))
    with ctx.commit():
        pebble = ctx.db.scalar(acme_account_providers.default())
        account = make.account(ctx.db, acme_account_provider=pebble, is_global_default=True)
    setup.sync_providers(
        configured(ctx, "letsencrypt-v2", "https://acme-v02.api.letsencrypt.org/directory")
    )
    assert account.is_global_default is False
    assert [e.operations_object_event_status for e in account.operations_object_events] == [
        OperationsEventType.ACME_ACCOUNT_MARK_NOTDEFAULT
    ]


@pytest.mark.parametrize(
    ("name", "directory", "enable", "complaint"),
    [
        ("pebble", "https://elsewhere.example/dir", (), "stored with https://0.0.0.0:14000/dir"),
        ("letsencrypt-v1", "", (), "is not `acme-v2`"),
        ("mine", "ftp://ca.example", (), "begin with http"),
        ("mine", "", (), "missing"),
        ("pebble", PEBBLE, ("nobody",), "no AcmeAccountProvider nobody"),
        ("pebble", PEBBLE, ("letsencrypt-v1",), "no server does any more"),
    ],
)
def test_settings_that_can_not_be(ctx, name, directory, enable, complaint):
    with pytest.raises(SettingsError, match=complaint):
        setup.sync_providers(configured(ctx, name, directory, enable))
    assert ctx.db.scalar(acme_account_providers.default()) is None


def test_all_providers_are_disabled_until_the_next_start(ctx):
    setup.sync_providers(configured(ctx, "pebble", enable=("letsencrypt-v2",)))
    assert providers.disable_all(ctx) == ["pebble", "letsencrypt-v2"]
    assert providers.disable_all(ctx) == []
    setup.sync_providers(ctx)
    assert ctx.db.scalar(acme_account_providers.default()).name == "pebble"
