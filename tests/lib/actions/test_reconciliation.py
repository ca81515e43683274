"""Finding the issuers of CAs by the addresses in their certificates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from sqlalchemy import select, update

from peter_sslers import model
from peter_sslers.enums import OperationsEventType
from peter_sslers.lib.actions import certificates, reconciliation
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.settings import Settings
from tests.services.answering import Host
from tests.services.databases import context
from tests.services.estate import Signed, sign


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()
    yield found
    found.close()


@pytest.fixture
def ctx(database: Database) -> Iterator[Context]:
    found = context(database, Settings(aia_private_addresses=True))
    with found.commit():  # the CAs that we ship are at Let's Encrypt
        found.db.execute(update(model.CertificateCA).values(cert_issuer_uri=None))
    yield found
    found.servers.close()
    found.db.close()


@pytest.fixture(scope="module")
def root() -> Signed:
    return sign("Root", None, days=0)


def stored(ctx: Context, *signed: Signed) -> list[int]:
    """Their ids as CAs."""
    with ctx.commit():
        found = [
            certificates.ca_of(ctx, ctx.x509.certificate(one.pem.decode()))[0] for one in signed
        ]
    return [ca.id for ca in found]


def issuer_of(ctx: Context, number: int) -> model.CertificateCA | None:
    ctx.db.expire_all()
    return ctx.db.get_one(model.CertificateCA, number).cert_issuer__certificate_ca


def attempts(ctx: Context, number: int) -> list[bool | None]:
    row = model.CertificateCAReconciliation
    return list(ctx.db.scalars(select(row.result).where(row.certificate_ca_id == number)))


@pytest.mark.parametrize("form", ["DER", "PEM", "PKCS7 in DER", "PKCS7 in PEM"])
def test_the_issuer_is_found_in_any_form(ctx: Context, host: Host, root: Signed, form: str) -> None:
    stranger = sign("Stranger", None, days=0)
    both = [stranger.certificate, root.certificate]
    answers = {
        "DER": root.der,
        "PEM": root.pem,
        "PKCS7 in DER": pkcs7.serialize_certificates(both, Encoding.DER),
        "PKCS7 in PEM": pkcs7.serialize_certificates(both, Encoding.PEM),
    }
    host.says("/root", answers[form], Content_Type="application/octet-stream")
    (number,) = stored(ctx, sign("Intermediate", root, days=0, aia=host.url("/root")))
    found = reconciliation.reconcile(ctx)
    assert found.reconciled == (number,)
    issuer = issuer_of(ctx, number)
    assert issuer
    assert issuer.cert_pem == root.pem.decode()
    assert issuer.display_name == "discovered"
    assert issuer.reconciled_uris == host.url("/root")
    assert ctx.db.get_one(model.CertificateCA, number).cert_issuer__reconciled is True
    assert attempts(ctx, number) == [True]


def test_an_issuer_that_is_known_is_not_stored_again(
    ctx: Context, host: Host, root: Signed
) -> None:
    host.says("/root", root.der)
    first = sign("Intermediate 1", root, days=0, aia=host.url("/root"))
    second = sign("Intermediate 2", root, days=0, aia=host.url("/root"))
    one, two, known = stored(ctx, first, second, root)
    assert reconciliation.reconcile(ctx).reconciled == (one, two)
    for number in (one, two):
        issuer = issuer_of(ctx, number)
        assert issuer
        assert issuer.id == known
    assert host.asked == ["/root"]  # once for both


def test_the_issuers_issuer_is_looked_for_as_well(ctx: Context, host: Host, root: Signed) -> None:
    middle = sign("Middle", root, days=0, aia=host.url("/root"))
    host.says("/root", root.der)
    host.says("/middle", middle.der)
    (number,) = stored(ctx, sign("Intermediate", middle, days=0, aia=host.url("/middle")))
    found = reconciliation.reconcile(ctx)
    issuer = issuer_of(ctx, number)
    assert issuer
    assert found.reconciled == (number, issuer.id)
    top = issuer_of(ctx, issuer.id)
    assert top
    assert top.cert_pem == root.pem.decode()


def test_what_fails_is_told_and_stops_no_other(ctx: Context, host: Host, root: Signed) -> None:
    host.says("/root", root.der)
    host.says("/gone", b"", 404)
    host.says("/html", b"<html>")
    host.says("/stranger", sign("Root", None, days=0).der)  # it only has the name
    names = ("root", "gone", "html", "stranger")
    numbers = stored(ctx, *(sign(n, root, days=0, aia=host.url(f"/{n}")) for n in names))
    found = reconciliation.reconcile(ctx)
    assert found.reconciled == (numbers[0],)
    assert [found.failed[number] for number in numbers[1:]] == [
        "127.0.0.1 answered 404",
        "neither PEM nor DER nor PKCS#7",
        "What was sent is not the issuer's certificate",
    ]
    assert attempts(ctx, numbers[1]) == [False]
    event = ctx.db.get_one(model.OperationsEvent, found.event_id)
    assert event.operations_event_type is OperationsEventType.OPERATIONS_RECONCILE_CAS
    assert event.event_payload_json == {"v": 1, "certificate_ca.ids": [numbers[0]]}


def test_a_second_run_asks_again_only_for_what_failed(
    ctx: Context, host: Host, root: Signed
) -> None:
    host.says("/root", root.der)
    host.says("/late", b"", 503)
    one, two = stored(
        ctx,
        sign("Intermediate 1", root, days=0, aia=host.url("/root")),
        sign("Intermediate 2", root, days=0, aia=host.url("/late")),
    )
    assert reconciliation.reconcile(ctx).reconciled == (one,)
    host.says("/late", root.der)
    assert reconciliation.reconcile(ctx).reconciled == (two,)
    assert host.asked.count("/root") == 1
    assert attempts(ctx, two) == [False, True]


def test_an_address_by_ldap_before_it_is_passed_over(
    ctx: Context, host: Host, root: Signed
) -> None:
    """As Active Directory's CAs write it."""
    host.says("/root", root.der)
    both = f"ldap:///CN=Root,DC=example?cACertificate {host.url('/root')}"
    (number,) = stored(ctx, sign("Intermediate", root, days=0, aia=both))
    assert reconciliation.reconcile(ctx).reconciled == (number,)


def test_those_that_fail_do_not_keep_others_from_being_asked(
    ctx: Context, host: Host, root: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MOST", 1)
    host.says("/z", root.der)
    bad, good = stored(
        ctx, *(sign(f"Of {n}", root, days=0, aia=host.url(f"/{n}")) for n in ("a", "z"))
    )
    assert reconciliation.reconcile(ctx).failed[good] == "was not asked in this run"
    assert attempts(ctx, good) == []
    assert reconciliation.reconcile(ctx).reconciled == (good,)
    assert attempts(ctx, bad) == [False]


def test_a_run_comes_to_an_end_in_time(
    ctx: Context, host: Host, root: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "LIMIT_S", 0.0)
    (number,) = stored(ctx, sign("Intermediate", root, days=0, aia=host.url("/root")))
    assert reconciliation.reconcile(ctx).failed == {number: "was not asked in this run"}
    assert host.asked == []


def test_an_issuer_that_is_too_large_is_not_kept(ctx: Context, host: Host) -> None:
    """MariaDB could not: nothing that was found beside it would be stored, in no run."""
    names = tuple(f"name{number}.example.com" for number in range(3_000))
    large = sign("Large", None, days=0, names=names)
    host.says("/large", large.der)
    (number,) = stored(ctx, sign("Intermediate", large, days=0, aia=host.url("/large")))
    told = reconciliation.reconcile(ctx).failed[number]
    assert told == "What was sent is not kept: the chain is larger than 63 KiB"


def test_with_nothing_to_do_there_is_an_event_all_the_same(ctx: Context) -> None:
    found = reconciliation.reconcile(ctx)
    assert (found.reconciled, found.failed) == ((), {})
    assert ctx.db.get(model.OperationsEvent, found.event_id)


def test_private_addresses_are_not_asked_unless_the_setting_says_so(
    database: Database, ctx: Context, host: Host, root: Signed
) -> None:
    host.says("/root", root.der)
    (number,) = stored(ctx, sign("Intermediate", root, days=0, aia=host.url("/root")))
    careful = context(database)
    told = reconciliation.reconcile(careful).failed[number]
    careful.servers.close()
    careful.db.close()
    assert told == "127.0.0.1 is at 127.0.0.1, which is not a public address"
    assert host.asked == []
