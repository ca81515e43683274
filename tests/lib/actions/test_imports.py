"""Certificates that come in, one or many: what is stored, and what is refused."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from sqlalchemy import func, select

from peter_sslers import model
from peter_sslers.errors import FieldErrors
from peter_sslers.lib.actions import imports, private_key_marks, recents
from peter_sslers.lib.actions.import_trees import found_in
from peter_sslers.lib.actions.imports import Outcome, Result
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.lib.estates import Folder, Triplet, Unreadable
from peter_sslers.lib.x509.openssl import OpenSslBackend
from tests.services.databases import context, opened
from tests.services.estate import Ca, Signed, certbot, sign

ADDED = (
    model.CertificateSigned,
    model.PrivateKey,
    model.Domain,
    model.UniqueFQDNSet,
    model.CertificateCAChain,
    model.OperationsEvent,
    model.OperationsObjectEvent,
)


@pytest.fixture(scope="module")
def authority() -> Ca:
    return Ca("Imports")


def triplet(authority: Ca, leaf: Signed, chain: bytes | None = None) -> Triplet:
    return Triplet("it", leaf.pem, leaf.key_pem, authority.chain if chain is None else chain)


def imported(ctx: Context, items: Iterable[Triplet | Unreadable], **kw: Any) -> list[Result]:
    return list(imports.import_all(ctx, items, **kw))


def counts(ctx: Context) -> dict[str, int]:
    ctx.outside()
    return {
        kind.__name__: ctx.db.scalar(select(func.count()).select_from(kind)) or 0 for kind in ADDED
    }


def stored(ctx: Context, number: int | None) -> model.CertificateSigned:
    found = ctx.db.get(model.CertificateSigned, number)
    assert found
    return found


def refusal(ctx: Context, brought: Triplet) -> dict[str, str]:
    """What it is refused for; nothing may be stored then."""
    before = counts(ctx)
    with pytest.raises(FieldErrors) as refused:
        imports.upload(ctx, brought)
    assert counts(ctx) == before
    return refused.value.errors


def test_a_folder_is_imported_whole_and_only_once(ctx: Context, authority: Ca, tmp_path: Path):
    folder = Folder(certbot(tmp_path, authority, 12, versions=2))
    first = imported(ctx, found_in(ctx, folder)[1], size=5)
    assert Counter(r.outcome for r in first) == {Outcome.IMPORTED: 24}
    before = counts(ctx)
    again = imported(ctx, found_in(ctx, folder)[1], size=7)
    assert [r.certificate for r in again] == [r.certificate for r in first]
    assert {r.outcome for r in again} == {Outcome.ALREADY_THERE}
    assert counts(ctx) == before


def test_a_row_has_all_that_an_issued_one_has(ctx: Context, authority: Ca) -> None:
    leaf = authority.leaf("b.example.com", "*.example.com", "a.example.com")
    certificate = stored(ctx, imports.upload(ctx, triplet(authority, leaf)).stored.certificate)
    assert certificate.cert_pem == leaf.pem.decode()
    assert certificate.domains_as_list == ["*.example.com", "a.example.com", "b.example.com"]
    assert certificate.is_active
    assert not certificate.is_single_domain_cert
    assert certificate.private_key.key_pem == leaf.key_pem.decode()
    assert certificate.private_key.count_certificate_signeds == 1
    (link,) = certificate.certificate_signed_chains
    assert link.is_upstream_default
    assert link.certificate_ca_chain.chain_pem == authority.chain.decode()


def test_each_object_has_its_event(ctx: Context, authority: Ca) -> None:
    done = imports.upload(ctx, triplet(authority, authority.leaf("a.example.com"))).stored
    certificate = stored(ctx, done.certificate)
    event = certificate.operations_event__created
    assert event.operations_event_type == "CertificateSigned__insert"
    assert event.event_payload_json == {"v": 1, "certificate_signed.id": certificate.id}
    (touched,) = event.object_events
    assert touched.certificate_signed_id == certificate.id


def test_the_newest_is_its_names_latest_at_once(ctx: Context, authority: Ca) -> None:
    long, short = (authority.leaf("a.example.com", days=days) for days in (80, 20))
    many = authority.leaf("a.example.com", "b.example.com")
    results = imported(ctx, [triplet(authority, leaf) for leaf in (long, short, many)])
    domain = stored(ctx, results[0].certificate).unique_fqdn_set.domains[0]
    assert domain.certificate_signed_id__latest_single == results[0].certificate
    assert domain.certificate_signed_id__latest_multi == results[2].certificate


@pytest.mark.parametrize("size", [1, 3, 300])
def test_however_many_are_stored_at_once_each_name_has_its_latest(
    ctx: Context, authority: Ca, size: int
) -> None:
    names = [*("a.example.com", "b.example.com") * 2, "*.example.com"]
    leaves = [authority.leaf(name, days=days) for days, name in enumerate(names * 3, 1)]
    leaves += [authority.leaf("b.example.com", f"n{n}.example.com") for n in range(5)]
    results = imported(ctx, [triplet(authority, leaf) for leaf in leaves], size=size)
    assert recents.wrong_domains(ctx) == []
    domain = ctx.db.scalar(select(model.Domain).where(model.Domain.domain_name == "b.example.com"))
    assert domain
    last = len(names) * 3 - 2
    assert domain.certificate_signed_id__latest_single == results[last].certificate
    assert domain.certificate_signed_id__latest_multi == results[-1].certificate


def test_one_that_comes_twice_is_new_once(ctx: Context, authority: Ca) -> None:
    twice = [triplet(authority, authority.leaf("a.example.com"))] * 2
    first, second = imported(ctx, twice)
    assert (first.outcome, second.outcome) == (Outcome.IMPORTED, Outcome.ALREADY_THERE)
    assert first.certificate == second.certificate


def test_a_renewal_with_the_same_key_counts_for_it(ctx: Context, authority: Ca) -> None:
    old = authority.leaf("a.example.com")
    new = sign("a", authority.issuer, names=("a.example.com",), key=old.key)
    key = imports.upload(ctx, triplet(authority, old)).stored.key
    done = imports.upload(ctx, triplet(authority, new)).stored
    assert (done.key, done.key_is_new, done.chain_is_new) == (key, False, False)
    ctx.outside()
    ctx.db.expire_all()
    assert stored(ctx, done.certificate).private_key.count_certificate_signeds == 2


def test_of_a_compromised_key_it_is_stored_inactive(ctx: Context, authority: Ca) -> None:
    old = authority.leaf("a.example.com")
    done = imports.upload(ctx, triplet(authority, old)).stored
    key = ctx.db.get(model.PrivateKey, done.key)
    assert key
    private_key_marks.mark(ctx, key, private_key_marks.Mark.COMPROMISED)
    new = sign("a", authority.issuer, names=("a.example.com",), key=old.key)
    certificate = stored(ctx, imports.upload(ctx, triplet(authority, new)).stored.certificate)
    assert not certificate.is_active
    assert certificate.is_compromised_private_key
    domain = certificate.unique_fqdn_set.domains[0]
    ctx.db.refresh(domain)
    assert domain.certificate_signed_id__latest_single is None


def test_another_chain_of_a_known_one_is_added(ctx: Context, authority: Ca) -> None:
    leaf = authority.leaf("a.example.com")
    first = imports.upload(ctx, triplet(authority, leaf)).stored
    longer = authority.chain + authority.root.pem
    second = imports.upload(ctx, triplet(authority, leaf, longer)).stored
    assert (second.certificate_is_new, second.chain_is_new) == (False, True)
    links = stored(ctx, first.certificate).certificate_signed_chains
    assert [(k.certificate_ca_chain_id, bool(k.is_upstream_default)) for k in links] == [
        (first.chain, True),
        (second.chain, False),
    ]


@pytest.mark.parametrize("chain", [b"", Ca("Other").chain, b"nonsense"])
def test_a_chain_that_is_missing_or_wrong_is_found_among_known_cas(
    ctx: Context, authority: Ca, chain: bytes
) -> None:
    leaf = authority.leaf("a.example.com")
    errors = refusal(ctx, triplet(authority, leaf, chain))
    assert "none of the known CAs has signed the certificate" in errors["chain_file"]
    known = imports.upload(ctx, triplet(authority, authority.leaf("b.example.com"))).stored
    done = imports.upload(ctx, triplet(authority, leaf, chain))
    assert done.stored.chain == known.chain
    assert "the one of a known CA was taken" in done.note


def test_a_chain_that_came_with_another_in_the_same_batch_is_known(ctx: Context) -> None:
    authority = Ca("Batch")
    first = triplet(authority, authority.leaf("a.example.com"))
    second = triplet(authority, authority.leaf("b.example.com"), b"")
    assert [r.outcome for r in imported(ctx, [first, second])] == [Outcome.IMPORTED] * 2


def test_two_cas_of_one_name_are_told_apart_by_what_they_have_signed(ctx: Context) -> None:
    authorities = [Ca("Same"), Ca("Same")]
    for number, authority in enumerate(authorities):
        imports.upload(ctx, triplet(authority, authority.leaf(f"known{number}.example.com")))
    found = imported(
        ctx,
        [
            triplet(authority, authority.leaf(f"{letter}.example.com", names_key=False), b"")
            for authority, letter in zip(authorities * 2, "abcd", strict=True)
        ],
    )
    assert [result.outcome for result in found] == [Outcome.IMPORTED] * 4, found


def test_the_chain_may_stand_behind_the_certificate_and_the_leaf_in_the_chain(
    ctx: Context, authority: Ca
) -> None:
    first, second = (authority.leaf(f"{n}.example.com") for n in "ab")
    behind = Triplet("a", first.pem + authority.chain, first.key_pem)
    whole = Triplet("b", second.pem, second.key_pem, second.pem + authority.chain)
    assert [r.outcome for r in imported(ctx, [behind, whole])] == [Outcome.IMPORTED] * 2


def test_a_pkcs7_bundle_holds_the_certificate_and_its_chain_in_any_order(ctx: Context) -> None:
    """Inside of it they are a set, which DER sorts by their bytes."""
    for number in range(4):
        authority = Ca(f"Bundle {number}")
        leaf = authority.leaf(f"bundle{number}.example.com")
        all_three = [leaf.certificate, authority.issuer.certificate, authority.root.certificate]
        bundle = pkcs7.serialize_certificates(all_three, Encoding.DER)
        found = imports.upload(ctx, Triplet("it", bundle, leaf.key_pem))
        assert found.note == ""


@pytest.mark.parametrize(
    "form",
    [
        lambda leaf: leaf.der,
        lambda leaf: leaf.pem.replace(b"\n", b"\r\n"),
        lambda leaf: b"\xef\xbb\xbf" + leaf.pem,
        lambda leaf: b"text before\n" + leaf.pem + b"and after\n",
    ],
    ids=["DER", "CRLF", "BOM", "text around"],
)
def test_one_certificate_in_any_form_is_one_certificate(
    ctx: Context, authority: Ca, form: Any
) -> None:
    leaf = authority.leaf("a.example.com")
    first = imports.upload(ctx, triplet(authority, leaf)).stored
    other = Triplet("it", form(leaf), leaf.key_pem, authority.chain)
    assert imports.upload(ctx, other).stored.certificate == first.certificate


def test_the_field_at_fault_is_named(ctx: Context, authority: Ca) -> None:
    leaf, other = authority.leaf("a.example.com"), authority.leaf("b.example.com")
    chain = authority.chain
    assert (
        "another certificate"
        in (refusal(ctx, Triplet("it", leaf.pem, other.key_pem, chain))["private_key_file_pem"])
    )
    assert "PEM" in refusal(ctx, Triplet("it", leaf.pem, b"x", chain))["private_key_file_pem"]
    assert refusal(ctx, Triplet("it", b"x", leaf.key_pem, chain)).keys() == {"certificate_file"}
    own = sign("s", None, names=("s.example.com",))
    assert "signed itself" in refusal(ctx, triplet(authority, own, b""))["chain_file"]


def test_what_is_bad_stops_nothing(ctx: Context, authority: Ca) -> None:
    good = [triplet(authority, authority.leaf(f"{n}.example.com")) for n in "abc"]
    bad = [Triplet("bad", b"", b""), Unreadable("worse", "It is larger than 256 KiB.")]
    results = imported(ctx, [good[0], bad[0], good[1], bad[1], good[2]])
    assert [r.outcome == Outcome.IMPORTED for r in results] == [True, False, True, False, True]
    assert results[3].reason == "It is larger than 256 KiB."


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a_b.example.com", "underscore"),
        ("localhost", "has no dot"),
        ("a..example.com", "a dot too many"),
        ("<b>.example.com", "a character"),
    ],
)
def test_a_name_that_no_domain_has_is_refused(
    ctx: Context, authority: Ca, name: str, reason: str
) -> None:
    errors = refusal(ctx, triplet(authority, authority.leaf(name)))
    assert reason in errors["certificate_file"]


def test_ten_thousand_names_are_refused(ctx: Context, authority: Ca) -> None:
    names = [f"n{number}.example.com" for number in range(10_000)]
    errors = refusal(ctx, triplet(authority, authority.leaf(*names)))
    assert errors == {"certificate_file": "It has 10,000 names; 1,000 are the most."}


def test_two_that_import_the_same_at_once_lose_nothing(
    database: Database, authority: Ca, tmp_path: Path
) -> None:
    folder = certbot(tmp_path, authority, 30)
    results: list[Result] = []

    def run() -> None:
        ctx = context(database)
        results.extend(imported(ctx, found_in(ctx, Folder(folder))[1], size=4))
        ctx.db.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(r.outcome for r in results) == {
        Outcome.IMPORTED: 30,
        Outcome.ALREADY_THERE: 60,
    }


def rows_of(ctx: Context) -> dict[str, list[Any]]:
    """All that an import writes, but the moment of it."""
    ctx.outside()
    found = {}
    for table in model.Base.metadata.sorted_tables:
        columns = [c for c in table.c if not c.name.startswith("timestamp_") or "_not_" in c.name]
        rows = ctx.db.execute(select(*columns).order_by(*table.primary_key)).all()
        found[table.name] = [tuple(row) for row in rows]
    return found


def test_both_backends_make_the_same_rows(
    initialized_sqlite: Path, authority: Ca, tmp_path: Path
) -> None:
    folder = certbot(tmp_path / "estate", authority, 5)
    tables = []
    for name in ("cryptography", "openssl"):
        file = tmp_path / f"{name}.sqlite"
        shutil.copy(initialized_sqlite, file)
        database = opened(f"sqlite:///{file}")
        ctx = context(database)
        if name == "openssl":
            ctx.x509 = OpenSslBackend()
        assert ctx.x509.name == name
        assert len(imported(ctx, found_in(ctx, Folder(folder))[1])) == 5
        tables.append(rows_of(ctx))
        ctx.db.close()
        database.close_connections()
    assert tables[0] == tables[1]
    assert len(tables[0]["certificate_signed"]) == 5
