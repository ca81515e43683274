"""What the database itself refuses, on each of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from peter_sslers.enums import ChallengeType
from peter_sslers.model import (
    AcmeChallengeUnknownPoll,
    CertificateCAPreference,
    CertificateSignedChain,
    DomainBlocklisted,
    PrivateKey,
    RemoteIpAddress,
)
from tests import factories as make


def two_names(db):
    make.domain(db, "a.example.com")
    make.domain(db, "a.example.com")


def upper_case_name(db):
    make.domain(db, "A.example.com")


def blocklisted_twice(db):
    db.add_all([DomainBlocklisted(domain_name="x.example.com") for _ in range(2)])


def two_waiting_items_of_a_name(db):
    make.queue_domain(db, "a.example.com")
    make.queue_domain(db, "a.example.com")


def two_global_default_accounts(db):
    make.account(db, is_global_default=True)
    make.account(db, is_global_default=True)


def two_default_providers(db):
    make.provider(db, is_default=True)
    make.provider(db, is_default=True)


def two_default_acme_dns_servers(db):
    make.acme_dns_server(db, is_global_default=True)
    make.acme_dns_server(db, is_global_default=True)


def two_active_keys_of_an_account(db):
    make.account_key(db, acme_account=make.account(db))


def two_active_acme_dns_accounts(db):
    first = make.acme_dns_server_account(db)
    make.acme_dns_server_account(db, domain=first.domain, acme_dns_server=first.acme_dns_server)


def provider_with_two_urls(db):
    make.provider(db, endpoint="https://ca.example/v1")


def one_key_in_two_wrappings(db):
    make.private_key(db, spki_sha256="AB")
    make.private_key(db, spki_sha256="AB")


def one_chain_twice(db):
    certificate, chain = make.certificate(db), make.chain(db)
    for _ in range(2):
        db.add(CertificateSignedChain(certificate_signed=certificate, certificate_ca_chain=chain))


def two_default_chains(db):
    certificate = make.certificate(db)
    for _ in range(2):
        db.add(
            CertificateSignedChain(
                certificate_signed=certificate,
                certificate_ca_chain=make.chain(db),
                is_upstream_default=True,
            )
        )


def challenge_without_owner(db):
    make.challenge(db, acme_authorization=None, domain=make.domain(db))


def orderless_with_two_challenges_of_a_kind(db):
    orderless, domain = make.orderless(db), make.domain(db)
    for _ in range(2):
        make.challenge(db, acme_orderless=orderless, domain=domain)


def queue_item_without_source(db):
    make.queue_certificate(db, unique_fqdn_set__source=None)


def one_slot_twice(db):
    for _ in range(2):
        db.add(CertificateCAPreference(slot=77, certificate_ca=make.certificate_ca(db)))


def one_unknown_poll_twice(db):
    address = RemoteIpAddress(remote_ip_address="::1", timestamp_created=make.NOW)
    for _ in range(2):
        db.add(
            AcmeChallengeUnknownPoll(
                domain="x",
                challenge="y",
                timestamp_polled=make.NOW,
                timestamp_first=make.NOW,
                remote_ip_address=address,
            )
        )


def key_that_is_in_use_removed(db):
    key = make.certificate(db).private_key
    db.flush()
    db.execute(PrivateKey.__table__.delete().where(PrivateKey.id == key.id))


REFUSED = [
    two_names,
    upper_case_name,
    blocklisted_twice,
    two_waiting_items_of_a_name,
    two_global_default_accounts,
    two_default_providers,
    two_default_acme_dns_servers,
    two_active_keys_of_an_account,
    two_active_acme_dns_accounts,
    provider_with_two_urls,
    one_key_in_two_wrappings,
    one_chain_twice,
    two_default_chains,
    challenge_without_owner,
    orderless_with_two_challenges_of_a_kind,
    queue_item_without_source,
    one_slot_twice,
    one_unknown_poll_twice,
    key_that_is_in_use_removed,
]


@pytest.mark.parametrize("build", REFUSED, ids=lambda f: f.__name__)
def test_refused(ctx, build):
    def attempt():
        with ctx.commit():
            build(ctx.db)

    with pytest.raises(IntegrityError):
        attempt()


def test_what_is_over_may_be_there_many_times(ctx):
    with ctx.commit():
        account = make.account(ctx.db)
        for is_active in (None, None, False, False):
            make.account_key(ctx.db, acme_account=account, is_active=is_active)
            # A null that is given to a new row would become the default, true.
            make.queue_domain(ctx.db, "a.example.com", is_active=False).is_active = is_active
            make.account(ctx.db, is_global_default=is_active)
    assert account.acme_account_key.is_active
    assert len(account.acme_account_keys_all) == 5


def test_an_orderless_may_prove_a_name_in_two_ways(ctx):
    with ctx.commit():
        orderless, domain = make.orderless(ctx.db), make.domain(ctx.db)
        for kind in (ChallengeType.HTTP_01, ChallengeType.DNS_01):
            make.challenge(
                ctx.db, acme_orderless=orderless, domain=domain, acme_challenge_type=kind
            )
    assert len(orderless.acme_challenges) == 2


def test_no_key_is_shown_by_its_repr(ctx):
    with ctx.commit():
        shown = repr(make.private_key(ctx.db)) + repr(make.account(ctx.db).acme_account_key)
    assert "BEGIN" not in shown


def test_a_refused_key_is_not_in_the_error(ctx):
    def attempt():
        with ctx.commit():
            one_key_in_two_wrappings(ctx.db)

    with pytest.raises(IntegrityError) as refused:
        attempt()
    assert "BEGIN PRIVATE KEY" not in str(refused.value)


def test_urls_may_be_long(ctx):
    long = "https://ca.example/" + "x" * 2000
    with ctx.commit():
        order = make.order(ctx.db, order_url=long)
    ctx.db.expire_all()
    assert ctx.db.scalar(select(type(order)).where(type(order).order_url == long)) is order
