"""Uploads of several requests in one commit: each has what it would have had alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from peter_sslers import model
from peter_sslers.lib.actions import import_rows, imports, recents
from peter_sslers.lib.actions.imports import Uploaded
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.lib.estates import Triplet
from peter_sslers.lib.together import Together
from tests.services.databases import context
from tests.services.estate import Ca, Signed
from tests.services.waiting import until

AUTHORITY = Ca("Together")


class AllAtOnce(Together[Any, Any]):
    """The first thread waits until all are there."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def do(
        self,
        what: Any,
        for_all: Callable[[Callable[[], list[Any]]], Sequence[Any]],
        alone: Callable[[], Any],
    ) -> Any:
        def gathered(waiting: Callable[[], list[Any]]) -> list[Any]:
            until(lambda: len(waiting()) >= self._count)
            return waiting()

        return super().do(what, lambda waiting: for_all(lambda: gathered(waiting)), alone)


def uploads(database: Database, leaves: Sequence[Signed]) -> list[Future[Uploaded]]:
    """All at the same time."""
    together = AllAtOnce(len(leaves))

    def upload(leaf: Signed) -> Uploaded:
        ctx = context(database)
        ctx.uploads = together
        try:
            return imports.upload(ctx, Triplet("it", leaf.pem, leaf.key_pem, AUTHORITY.chain))
        finally:
            ctx.db.close()

    with ThreadPoolExecutor(len(leaves)) as threads:
        return [threads.submit(upload, leaf) for leaf in leaves]


def leaf(name: str) -> Signed:
    return AUTHORITY.leaf(f"{name}.example.com")


def test_all_are_one_commit(database: Database) -> None:
    commits: list[Any] = []
    event.listen(database.engine, "commit", commits.append)
    found = [f.result().stored for f in uploads(database, [leaf("a"), leaf("b"), leaf("c")])]
    assert len(commits) == 1
    assert len({stored.certificate for stored in found}) == 3
    assert {stored.chain for stored in found} == {found[0].chain}
    assert [stored.chain_is_new for stored in found].count(True) == 1


def test_each_has_events_of_its_own(ctx: Context, database: Database) -> None:
    leaves = {name: leaf(name) for name in "abcd"}
    found = [f.result().stored for f in uploads(database, list(leaves.values()))]
    roots = set()
    for stored in found:
        row = ctx.db.get_one(model.CertificateSigned, stored.certificate)
        made = row.operations_event__created
        assert made.parent is not None
        roots.add(made.parent.id)
        assert made.parent.operations_event_id__child_of is None
        kinds = [e.operations_event_type for e in (made.parent, *made.parent.children)]
        own = ["Domain__insert", "UniqueFQDNSet__insert", "PrivateKey__insert"]
        cas = ["CertificateCA__insert", "CertificateCAChain__insert"]
        expected = [*(cas if stored.chain_is_new else []), *own, "CertificateSigned__insert"]
        assert kinds == expected
        assert row.private_key.operations_event__created.parent == made.parent
        domain = row.unique_fqdn_set.domains[0]
        assert made.parent in {
            domain.operations_event__created,
            domain.operations_event__created.parent,
        }
    assert len(roots) == 4
    assert recents.wrong_domains(ctx) == []


def test_the_same_one_is_new_once(database: Database) -> None:
    twice = leaf("a")
    found = [f.result().stored for f in uploads(database, [twice, twice])]
    assert {stored.certificate for stored in found} == {found[0].certificate}
    assert sorted(stored.certificate_is_new for stored in found) == [False, True]
    assert sorted(stored.key_is_new for stored in found) == [False, True]


def test_what_the_database_refuses_harms_no_other(
    ctx: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_of = import_rows.certificate

    def spoiled(item: Any, *args: Any) -> Any:
        row = row_of(item, *args)
        return {**row, "cert_pem": None} if item.names == ("bad.example.com",) else row

    monkeypatch.setattr(import_rows, "certificate", spoiled)
    good, bad, other = uploads(database, [leaf("good"), leaf("bad"), leaf("other")])
    assert isinstance(bad.exception(), IntegrityError)
    stored = set(ctx.db.scalars(select(model.CertificateSigned.id)))
    assert stored == {good.result().stored.certificate, other.result().stored.certificate}
    names = set(ctx.db.scalars(select(model.Domain.domain_name)))
    assert names == {"good.example.com", "other.example.com"}
