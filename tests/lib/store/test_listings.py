"""What each listing holds."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import timedelta

import pytest
from sqlalchemy import Select

from peter_sslers.enums import AuthorizationStatus, ChallengeStatus, ChallengeType, OrderStatus
from peter_sslers.lib import store
from peter_sslers.lib.store import (
    acme_accounts,
    acme_authorizations,
    acme_challenges,
    acme_orders,
    certificate_signeds,
    domains,
    paging,
    queue_certificates,
)
from peter_sslers.model import CertificateSignedChain
from tests import factories as make

NOW = make.NOW
MODULES = [
    importlib.import_module(f"{store.__name__}.{found.name}")
    for found in pkgutil.iter_modules(store.__path__)
]
PLAIN = [
    function
    for module in MODULES
    for _name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and not function.__name__.startswith("_")
    and not inspect.signature(function).parameters
    and "Select" in str(inspect.signature(function).return_annotation)
]


@pytest.mark.parametrize(
    "listing", PLAIN, ids=lambda f: f"{f.__module__.split('.')[-1]}.{f.__name__}"
)
def test_every_plain_listing_can_be_paged(ctx, listing):
    query = listing()
    assert isinstance(query, Select)
    assert paging.page(ctx.db, query).number == 1


def test_orders_by_their_status(ctx):
    with ctx.commit():
        orders = {status: make.order(ctx.db, acme_status_order=status) for status in OrderStatus}
    assert set(ctx.db.scalars(acme_orders.active())) == {
        orders[OrderStatus.PENDING],
        orders[OrderStatus.READY],
        orders[OrderStatus.PROCESSING],
    }
    assert set(ctx.db.scalars(acme_orders.finished())) == {
        orders[OrderStatus.VALID],
        orders[OrderStatus.INVALID],
    }


def test_authorizations_by_the_words_of_the_query(ctx):
    with ctx.commit():
        old = make.authorization(ctx.db, timestamp_expires=NOW - timedelta(days=1))
        new = make.authorization(ctx.db, timestamp_expires=NOW + timedelta(days=1))
        make.authorization(ctx.db, acme_status_authorization=AuthorizationStatus.VALID)

    def listed(word):
        query = acme_authorizations.with_status(acme_authorizations.every(), word, NOW)
        return set(ctx.db.scalars(query))

    assert listed("active") == {old, new}
    assert listed("active-expired") == {old}
    assert len(listed("anything")) == 3


def test_certificates_that_run_out_soon(ctx):
    with ctx.commit():
        later = make.certificate(ctx.db, timestamp_not_after=NOW + timedelta(days=20))
        gone = make.certificate(ctx.db, timestamp_not_after=NOW - timedelta(days=1))
        make.certificate(ctx.db, timestamp_not_after=NOW + timedelta(days=31))
        make.certificate(ctx.db, timestamp_not_after=NOW, is_active=False)
    assert list(ctx.db.scalars(certificate_signeds.expiring(NOW, 30))) == [gone, later]
    assert list(ctx.db.scalars(certificate_signeds.expired(NOW))) == [gone]


def test_domains_whose_latest_certificate_runs_out_soon(ctx):
    with ctx.commit():
        soon = make.certificate(ctx.db, timestamp_not_after=NOW + timedelta(days=20))
        domain = make.domain(ctx.db, certificate_signed_id__latest_multi=soon.id)
        make.domain(ctx.db, certificate_signed_id__latest_single=make.certificate(ctx.db).id)
        make.domain(ctx.db)
    assert list(ctx.db.scalars(domains.expiring(NOW, 30))) == [domain]


def test_a_domain_is_found_by_number_and_by_name(ctx):
    with ctx.commit():
        domain = make.domain(ctx.db, "a.example.com")
    for ident in (str(domain.id), "A.example.com", "a.example.com."):
        assert ctx.db.scalar(domains.by_id_or_name(ident)) is domain
    assert ctx.db.scalar(domains.by_id_or_name("٣")) is None


def test_the_certificates_of_a_ca_by_the_kind_of_chain(ctx):
    with ctx.commit():
        ca = make.certificate_ca(ctx.db)
        default, alternate = make.certificate(ctx.db), make.certificate(ctx.db)
        for certificate, is_default in ((default, True), (alternate, False)):
            ctx.db.add(
                CertificateSignedChain(
                    certificate_signed=certificate,
                    certificate_ca_chain=make.chain(ctx.db, ca),
                    is_upstream_default=is_default,
                )
            )
    assert list(ctx.db.scalars(certificate_signeds.of_ca_by_default(ca))) == [default]
    assert list(ctx.db.scalars(certificate_signeds.of_ca_by_alternate(ca))) == [alternate]


def test_what_belongs_to_a_domain_belongs_to_any_set_that_holds_it(ctx):
    with ctx.commit():
        domain = make.domain(ctx.db)
        alone = make.fqdns(ctx.db, domains=[domain])
        among = make.fqdns(ctx.db, domains=[domain, make.domain(ctx.db)])
        orders = {make.order(ctx.db, unique_fqdn_set=names) for names in (alone, among)}
        queued = make.queue_certificate(ctx.db, unique_fqdn_set=among)
        make.order(ctx.db)
    assert set(ctx.db.scalars(acme_orders.of_domain(domain))) == orders
    assert list(ctx.db.scalars(queue_certificates.of_domain(domain))) == [queued]


def test_an_account_is_found_by_its_active_key_only(ctx):
    with ctx.commit():
        account = make.account(ctx.db)
        old = make.account_key(ctx.db, acme_account=account, is_active=None)
    key = account.acme_account_key
    assert ctx.db.scalar(acme_accounts.by_key_md5(key.key_pem_md5)) is account
    assert ctx.db.scalar(acme_accounts.by_key_md5(old.key_pem_md5)) is None
    assert ctx.db.scalar(acme_accounts.by_key_spki(old.spki_sha256)) is account


def competitors(ctx, *names):
    return [tuple(row) for row in ctx.db.execute(acme_challenges.active_on_names(names))]


def test_a_pending_order_s_challenge_stands_in_the_way(ctx):
    with ctx.commit():
        challenge = make.challenge(ctx.db)
        name = challenge.domain_name
    assert competitors(ctx, name, "other.example") == [(name, ChallengeType.HTTP_01)]
    with ctx.commit():
        challenge.acme_authorization.acme_order_created.acme_status_order = OrderStatus.INVALID
    assert competitors(ctx, name) == []


def test_a_wildcard_s_challenge_stands_in_its_parent_s_way(ctx):
    with ctx.commit():
        order = make.order(ctx.db, unique_fqdn_set=make.fqdns(ctx.db, "*.example.com"))
        make.challenge(
            ctx.db,
            acme_authorization=make.authorization(ctx.db, order),
            acme_challenge_type=ChallengeType.DNS_01,
        )
    assert competitors(ctx, "example.com") == [("*.example.com", ChallengeType.DNS_01)]


def test_any_challenge_of_an_open_orderless_stands_in_the_way(ctx):
    with ctx.commit():
        orderless = make.orderless(ctx.db)
        challenge = make.challenge(
            ctx.db, acme_orderless=orderless, acme_status_challenge=ChallengeStatus.VALID
        )
    assert len(competitors(ctx, challenge.domain_name)) == 1
    with ctx.commit():
        orderless.is_processing = False
    assert competitors(ctx, challenge.domain_name) == []


def test_only_active_acme_dns_accounts_at_active_servers_count(ctx):
    with ctx.commit():
        make.acme_dns_server_account(ctx.db, domain=make.domain(ctx.db, "a.example.com"))
        make.acme_dns_server_account(
            ctx.db, domain=make.domain(ctx.db, "b.example.com"), is_active=False
        )
        make.acme_dns_server_account(
            ctx.db,
            domain=make.domain(ctx.db, "c.example.com"),
            acme_dns_server=make.acme_dns_server(ctx.db, is_active=False),
        )
    names = ["a.example.com", "b.example.com", "c.example.com"]
    assert domains.with_active_acme_dns(ctx.db, names) == {"a.example.com"}
