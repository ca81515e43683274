"""What is run every day: which certificate is the latest, what is counted, what has expired."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from peter_sslers import model
from peter_sslers.enums import OperationsEventType
from peter_sslers.lib.actions import maintenance, recents
from peter_sslers.lib.context import Context
from tests import factories as make


def certificate(
    ctx: Context, fqdns: model.UniqueFQDNSet, days: int = 90, **facts: Any
) -> model.CertificateSigned:
    return make.certificate(
        ctx.db,
        unique_fqdn_set=fqdns,
        timestamp_not_after=ctx.now + timedelta(days=days),
        is_single_domain_cert=fqdns.count_domains == 1,
        **facts,
    )


def pointers(ctx: Context, name: str) -> tuple[int | None, int | None]:
    ctx.outside()
    domain = model.Domain
    single, multi = ctx.db.execute(
        select(
            domain.certificate_signed_id__latest_single, domain.certificate_signed_id__latest_multi
        ).where(domain.domain_name == name)
    ).one()
    return single, multi


def rows(ctx: Context, kind: OperationsEventType) -> list[model.OperationsEvent]:
    query = select(model.OperationsEvent).where(model.OperationsEvent.operations_event_type == kind)
    return list(ctx.db.scalars(query.order_by(model.OperationsEvent.id)))


def test_latest_is_the_active_one_that_ends_last(ctx: Context) -> None:
    with ctx.commit():
        one, two = make.fqdns(ctx.db, "a.example.com"), make.fqdns(ctx.db, "b.example.com")
        both = make.fqdns(ctx.db, domains=[one.domains[0], two.domains[0]])
        last = certificate(ctx, one, 60)
        certificate(ctx, one, 30)
        certificate(ctx, one, 90, is_active=False)
        of_both = certificate(ctx, both, 10)
        make.domain(ctx.db, "alone.example.com")
    maintenance.update_recents(ctx)
    assert pointers(ctx, "a.example.com") == (last.id, of_both.id)
    assert pointers(ctx, "b.example.com") == (None, of_both.id)
    assert pointers(ctx, "alone.example.com") == (None, None)


def test_of_certificates_that_end_together_the_newest_is_the_latest(ctx: Context) -> None:
    with ctx.commit():
        names = make.fqdns(ctx.db, "a.example.com")
        newest = [certificate(ctx, names) for _ in range(3)][-1]
    maintenance.update_recents(ctx)
    assert pointers(ctx, "a.example.com") == (newest.id, None)


def test_what_points_to_the_wrong_one_is_corrected(ctx: Context) -> None:
    with ctx.commit():
        names = make.fqdns(ctx.db, "a.example.com")
        right = certificate(ctx, names)
        wrong = certificate(ctx, names, is_active=False)
        names.domains[0].certificate_signed_id__latest_single = wrong.id
        names.domains[0].certificate_signed_id__latest_multi = wrong.id
    maintenance.update_recents(ctx)
    assert pointers(ctx, "a.example.com") == (right.id, None)


def test_counters_are_made_true(ctx: Context) -> None:
    with ctx.commit():
        order = make.order(ctx.db)
        issued = certificate(ctx, order.unique_fqdn_set)
        order.certificate_signed, order.private_key = issued, issued.private_key
        make.order(ctx.db, acme_account=order.acme_account)
        order.acme_account.count_acme_orders = 7
        issued.private_key.count_certificate_signeds = None
        idle = make.private_key(ctx.db, count_certificate_signeds=3)
    maintenance.update_recents(ctx)
    ctx.db.expire_all()
    assert issued.private_key.count_certificate_signeds == 1
    assert issued.private_key.count_acme_orders == 1
    assert idle.count_certificate_signeds == 0
    assert order.acme_account.count_acme_orders == 2
    assert order.acme_account.count_certificate_signeds == 1


def test_a_ca_counts_the_domains_whose_latest_certificates_it_has_signed(ctx: Context) -> None:
    with ctx.commit():
        chain = make.chain(ctx.db, make.certificate_ca(ctx.db), make.certificate_ca(ctx.db))
        names = make.fqdns(ctx.db, "a.example.com", "b.example.com")
        alone = make.fqdns(ctx.db, domains=[names.domains[0]])
        for fqdns in (names, alone):
            links = [model.CertificateSignedChain(certificate_ca_chain=chain)]
            certificate(ctx, fqdns, certificate_signed_chains=links)
        links = [model.CertificateSignedChain(certificate_ca_chain=chain)]
        certificate(ctx, alone, 1, certificate_signed_chains=links)
        chain.certificate_ca_n.count_active_certificates = 5
    maintenance.update_recents(ctx)
    ctx.db.expire_all()
    assert chain.certificate_ca_0.count_active_certificates == 2
    assert chain.certificate_ca_n.count_active_certificates == 0


def test_where_all_is_right_nothing_but_the_event_is_written(ctx: Context) -> None:
    with ctx.commit():
        certificate(ctx, make.fqdns(ctx.db))
    maintenance.update_recents(ctx)
    touched = []

    def changes(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("SELECT") and cursor.rowcount > 0:
            touched.append(statement.split()[2])

    event.listen(ctx.database.engine, "after_cursor_execute", changes)
    maintenance.update_recents(ctx)
    event.remove(ctx.database.engine, "after_cursor_execute", changes)
    assert touched == ["operations_event"]
    assert [e.event_payload_json for e in global_runs(ctx)] == [{"v": 1}] * 2


def global_runs(ctx: Context) -> list[model.OperationsEvent]:
    return rows(ctx, OperationsEventType.OPERATIONS_UPDATE_RECENTS_GLOBAL)


def test_certificates_stored_at_the_same_moment_are_both_seen(ctx: Context, other: Context) -> None:
    """The second one waits for the first, and then does not overlook it."""
    with ctx.commit():
        names = make.fqdns(ctx.db, "a.example.com")
        number, domain = names.id, names.domains[0].id
    has_stored = threading.Event()

    def store_second() -> None:
        has_stored.set()
        with other.commit():
            certificate(other, other.db.get_one(model.UniqueFQDNSet, number), 30)
            recents.update_domains(other, [domain])

    second = threading.Thread(target=store_second)
    with ctx.commit():
        last = certificate(ctx, names, 60)
        recents.update_domains(ctx, [domain])
        second.start()
        has_stored.wait()
        second.join(0.3)  # it is waiting now
    second.join()
    assert pointers(ctx, "a.example.com") == (last.id, None)


@pytest.fixture
def estate(ctx: Context) -> dict[str, model.CertificateSigned]:
    """One domain: what is over, what is not, and what is inactive already."""
    with ctx.commit():
        names = make.fqdns(ctx.db, "a.example.com")
        found = {
            "valid": certificate(ctx, names, 20),
            "over": certificate(ctx, names, -1),
            "over and inactive": certificate(ctx, names, -2, is_active=False),
            "over elsewhere": certificate(ctx, make.fqdns(ctx.db, "b.example.com"), -3),
        }
        for domain in ctx.db.scalars(select(model.Domain)):
            domain.certificate_signed_id__latest_single = found["over elsewhere"].id
    return found


def test_what_is_over_goes_out_of_use(
    ctx: Context, estate: dict[str, model.CertificateSigned]
) -> None:
    count, event = maintenance.deactivate_expired(ctx)
    assert count == 2
    ids = sorted([estate["over"].id, estate["over elsewhere"].id])
    told = {"v": 1, "count_deactivated": 2, "certificate_signed.ids": ids}
    assert event.event_payload_json == told
    ctx.db.expire_all()
    assert {name for name, c in estate.items() if c.is_active} == {"valid"}
    assert not any(c.is_deactivated for c in estate.values())
    (child,) = global_runs(ctx)
    assert child.operations_event_id__child_of == event.id


def test_no_domain_points_to_what_is_over(
    ctx: Context, estate: dict[str, model.CertificateSigned]
) -> None:
    maintenance.deactivate_expired(ctx)
    assert pointers(ctx, "a.example.com") == (estate["valid"].id, None)
    assert pointers(ctx, "b.example.com") == (None, None)


def test_a_second_run_finds_nothing(
    ctx: Context, estate: dict[str, model.CertificateSigned]
) -> None:
    maintenance.deactivate_expired(ctx)
    ctx.event = None
    count, event = maintenance.deactivate_expired(ctx)
    assert count == 0
    assert event.event_payload_json == {"v": 1, "count_deactivated": 0}


def test_what_ends_at_this_very_moment_is_not_over(ctx: Context) -> None:
    with ctx.commit():
        make.certificate(ctx.db, timestamp_not_after=exact(ctx.now))
    ctx.now = exact(ctx.now)
    assert maintenance.deactivate_expired(ctx)[0] == 0
    assert ctx.db.scalar(select(func.count()).where(model.CertificateSigned.is_active)) == 1


def exact(when: datetime) -> datetime:
    return when.replace(microsecond=0)
