"""What objects say of themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from peter_sslers.enums import (
    AuthorizationStatus,
    ChallengeStatus,
    ChallengeType,
    OrderStatus,
    PrivateKeyCycle,
    PrivateKeyType,
)
from peter_sslers.model import (
    AcmeOrder2AcmeChallengeTypeSpecific,
    CertificateCAPreference,
    CertificateSigned,
    CertificateSignedChain,
    PrivateKey,
)
from peter_sslers.model.search import pem_sample
from tests import factories as make


@pytest.fixture
def order(ctx):
    with ctx.commit():
        return make.order(
            ctx.db, unique_fqdn_set=make.fqdns(ctx.db, "b.example.com", "a.example.com")
        )


def test_an_order_lists_its_names_in_their_order(order):
    assert order.domains_as_list == ["a.example.com", "b.example.com"]


def test_names_are_proved_by_http_unless_said_otherwise(ctx, order):
    with ctx.commit():
        domain = order.unique_fqdn_set.domain_objects["a.example.com"]
        order.acme_order_2_acme_challenge_type_specifics.append(
            AcmeOrder2AcmeChallengeTypeSpecific(
                domain=domain, acme_challenge_type=ChallengeType.DNS_01
            )
        )
    assert order.domains_challenged == {
        "http-01": ["b.example.com"],
        "dns-01": ["a.example.com"],
        "tls-alpn-01": None,
    }


@pytest.mark.parametrize(
    ("status", "process", "finalize", "retry", "mark_invalid"),
    [
        (OrderStatus.PENDING, True, False, False, True),
        (OrderStatus.READY, True, True, False, True),
        (OrderStatus.PROCESSING, True, False, False, True),
        (OrderStatus.VALID, False, False, False, False),
        (OrderStatus.INVALID, False, False, True, False),
        (OrderStatus.GONE, False, False, True, False),
        (OrderStatus.UNKNOWN, False, False, True, True),
    ],
)
def test_what_can_be_done_with_an_order(order, ctx, status, process, finalize, retry, mark_invalid):
    with ctx.commit():
        order.acme_status_order = status
    said = (
        order.is_can_acme_process,
        order.is_can_acme_finalize,
        order.is_can_retry,
        order.is_can_mark_invalid,
    )
    assert said == (process, finalize, retry, mark_invalid)


def test_a_pending_order_counts_its_open_authorizations(ctx, order):
    with ctx.commit():
        make.authorization(ctx.db, order)
        make.authorization(ctx.db, order, acme_status_authorization=AuthorizationStatus.VALID)
    steps = order.acme_process_steps
    assert (steps.authorizations_remaining, steps.next_step) == (1, "challenge")
    assert [is_open for is_open, _ in steps.authorizations] == [True, False]


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (OrderStatus.PENDING, None),
        (OrderStatus.READY, "finalize"),
        (OrderStatus.PROCESSING, "download"),
        (OrderStatus.VALID, None),
    ],
)
def test_the_next_step_of_an_order_without_authorizations(ctx, order, status, step):
    with ctx.commit():
        order.acme_status_order = status
    assert order.acme_process_steps.next_step == step


def test_an_authorization_is_triggered_by_the_challenge_chosen_for_its_name(ctx, order):
    with ctx.commit():
        authorization = make.authorization(ctx.db, order)
        make.challenge(
            ctx.db, acme_authorization=authorization, acme_challenge_type=ChallengeType.DNS_01
        )
    assert not authorization.is_can_acme_server_trigger
    with ctx.commit():
        ctx.db.add(
            AcmeOrder2AcmeChallengeTypeSpecific(
                acme_order=order,
                domain=authorization.domain,
                acme_challenge_type=ChallengeType.DNS_01,
            )
        )
    ctx.db.expire_all()
    assert authorization.is_can_acme_server_trigger


def test_a_challenge_by_hand_is_never_triggered(ctx):
    with ctx.commit():
        challenge = make.challenge(ctx.db, acme_orderless=make.orderless(ctx.db))
    assert not challenge.is_can_acme_server_trigger


def test_an_orderless_shows_the_newer_of_two_challenges_of_a_name(ctx):
    with ctx.commit():
        orderless, domain = make.orderless(ctx.db), make.domain(ctx.db, "x.example.com")
        make.challenge(ctx.db, acme_orderless=orderless, domain=domain)
        newer = make.challenge(
            ctx.db,
            acme_orderless=orderless,
            domain=domain,
            acme_challenge_type=ChallengeType.DNS_01,
        )
    assert orderless.domains_status == {
        "x.example.com": {
            "acme_challenge_id": newer.id,
            "acme_challenge_type": ChallengeType.DNS_01,
            "acme_status_challenge": ChallengeStatus.PENDING,
        }
    }


@pytest.mark.parametrize(
    ("left", "days", "label"),
    [
        (timedelta(days=60), 60, "success"),
        (timedelta(days=30, hours=23), 30, "warning"),
        (timedelta(hours=23), 0, "danger"),
        (timedelta(hours=-1), -1, "danger"),
    ],
)
def test_days_that_a_certificate_lasts(left, days, label):
    certificate = CertificateSigned(timestamp_not_after=make.NOW + left, is_active=True)
    assert certificate.expiring_days(make.NOW) == days
    assert certificate.expiring_days_label(make.NOW) == label


@pytest.fixture
def with_chains(ctx):
    """A certificate, and its chains: an alternate stored first, and the CA's default."""
    with ctx.commit():
        certificate = make.certificate(ctx.db)
        chains = [
            make.chain(ctx.db),
            make.chain(ctx.db, *(make.certificate_ca(ctx.db) for _ in "ab")),
        ]
        for chain, is_default in zip(chains, (False, True), strict=True):
            certificate.certificate_signed_chains.append(
                CertificateSignedChain(certificate_ca_chain=chain, is_upstream_default=is_default)
            )
    return certificate, *chains


def prefer(ctx, *cas):
    with ctx.commit():
        for old in ctx.db.scalars(select(CertificateCAPreference)):
            ctx.db.delete(old)
        ctx.db.flush()
        for slot, ca in enumerate(cas, start=1):
            ctx.db.add(CertificateCAPreference(slot=slot, certificate_ca_id=ca))
    ctx.db.expire_all()


def test_without_a_preferred_ca_a_certificate_has_the_chain_that_the_ca_sends(with_chains):
    certificate, _alternate, default = with_chains
    assert certificate.certificate_ca_chain__preferred is default


def test_the_first_preferred_ca_anywhere_in_a_chain_decides(ctx, with_chains):
    certificate, alternate, default = with_chains
    wanted = [alternate.certificate_ca_n_id, default.certificate_ca_n_id]
    prefer(ctx, *wanted)
    assert certificate.certificate_ca_chain__preferred is alternate
    prefer(ctx, *wanted[::-1])
    assert certificate.certificate_ca_chain__preferred is default


def test_a_certificate_without_chain_is_served_alone(ctx):
    with ctx.commit():
        certificate = make.certificate(ctx.db)
    assert certificate.certificate_ca_chain__preferred is None
    assert certificate.cert_fullchain_pem(None) == certificate.cert_pem


def test_a_chain_lists_its_cas_in_their_order(ctx):
    with ctx.commit():
        older, newer = make.certificate_ca(ctx.db), make.certificate_ca(ctx.db)
        chain = make.chain(ctx.db, newer, older)
    assert chain.certificate_ca_ids == [str(newer.id), str(older.id)]
    assert chain.certificate_cas_all == [newer, older]


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (PrivateKeyType.STANDARD, ""),
        (PrivateKeyType.GLOBAL_WEEKLY, "2026.23"),
        (PrivateKeyType.ACCOUNT_DAILY, "2026.23.1"),
    ],
)
def test_the_time_of_a_calendar_key_is_in_iso_weeks(kind, shown):
    key = PrivateKey(private_key_type=kind, timestamp_created=make.NOW)
    assert key.autogenerated_calendar_repr == shown


def test_a_renewal_without_wish_of_its_own_takes_its_account_s_cycle(ctx):
    with ctx.commit():
        certificate = make.certificate(ctx.db)
        make.order(
            ctx.db,
            certificate_signed=certificate,
            private_key_cycle__renewal=PrivateKeyCycle.ACCOUNT_KEY_DEFAULT,
            acme_account=make.account(ctx.db, private_key_cycle=PrivateKeyCycle.GLOBAL_DAILY),
        )
    assert certificate.renewals_managed_by == "AcmeOrder"
    assert certificate.renewal__private_key_cycle is PrivateKeyCycle.GLOBAL_DAILY


def test_searches_are_escaped(ctx):
    with ctx.commit():
        certificate = make.certificate(ctx.db)
    assert certificate.cert_issuer_search == (
        "type=cert_issuer&cert_issuer=C%3DUS%0AO%3DExample+%26+Sons%0ACN%3DR3"
        f"&source=certificate&certificate.id={certificate.id}"
    )


def test_a_key_s_sample_gives_nothing_away_of_what_is_no_pem():
    assert pem_sample("*placeholder-key*") == ""
    assert pem_sample("-----BEGIN X-----\nabcdefgh\nijklmnop\n-----END X-----\n") == "abcde...lmnop"


def test_a_short_password_is_not_shown_at_all(ctx):
    with ctx.commit():
        account = make.acme_dns_server_account(ctx.db, password="short-secret")
    assert account.password_sample == "..."
