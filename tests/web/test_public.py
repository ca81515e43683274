"""The public paths: challenges, and the log of who fetched them."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from peter_sslers.enums import ChallengeStatus, ChallengeType
from peter_sslers.lib import polls
from peter_sslers.lib.polls import PollLog
from peter_sslers.model import (
    AcmeChallengePoll,
    AcmeChallengeUnknownPoll,
    DomainBlocklisted,
    RemoteIpAddress,
)

from .. import factories
from .whole import CHALLENGE, WHOAMI, initialised, start_whole, whole

__all__ = ["initialised", "start_whole", "whole"]

HOST = "www.example.com"


def add_challenge(whole, name=HOST, **given):
    """A challenge and, where it is given as a function of the session, what it belongs to."""
    ctx = whole.app.context()
    with ctx.commit():
        domain = ctx.db.scalar(select(factories.model.Domain).filter_by(domain_name=name))
        domain = domain or factories.domain(ctx.db, domain_name=name)
        given = {k: v(ctx.db) if callable(v) else v for k, v in given.items()}
        made = factories.challenge(ctx.db, domain=domain, **given)
        number = made.id
    ctx.db.close()
    return number


def rows(whole, kind):
    whole.app.polls.flush()
    with whole.app.database.session() as session:
        return list(session.scalars(select(kind).order_by(kind.id)))


def ask(whole, token, host=HOST, address="192.0.2.7"):
    return whole.client.get(
        f"{CHALLENGE}/{token}",
        headers={"Host": host},
        extra_environ={"REMOTE_ADDR": address},
        status="*",
    )


def test_whoami_is_the_host_in_lower_case_without_port(whole):
    answer = whole.get(WHOAMI, host="WWW.Example.com:8080")
    assert (answer.text, answer.content_type) == ("www.example.com", "text/plain")
    assert whole.get(WHOAMI, host="[2001:DB8::1]:80").text == "2001:db8::1"


def test_known_challenge_is_its_key_authorization_and_nothing_else(whole):
    add_challenge(whole, token="known", keyauthorization="known.thumb")
    answer = ask(whole, "known", host="WWW.EXAMPLE.COM:80")
    assert (answer.status_code, answer.body) == (200, b"known.thumb")
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert answer.headers["X-Peter-SSLers"] == "production"


@pytest.mark.parametrize("status", [ChallengeStatus.VALID, ChallengeStatus.INVALID])
def test_a_challenge_is_answered_after_it_was_decided(whole, status):
    add_challenge(whole, token=f"is-{status}", keyauthorization="k", acme_status_challenge=status)
    assert ask(whole, f"is-{status}").body == b"k"


@pytest.mark.parametrize(
    ("token", "host"), [("known", "other.example.com"), ("unknown", HOST), ("%00", HOST)]
)
def test_unknown_challenge_is_404_as_text(whole, token, host):
    answer = ask(whole, token, host)
    assert (answer.status_code, answer.content_type) == (404, "text/plain")


def test_a_challenge_without_key_authorization_is_unknown(whole):
    add_challenge(whole, token="bare", keyauthorization=None)
    assert ask(whole, "bare").status_code == 404


def test_a_blocklisted_name_is_unknown(whole):
    add_challenge(whole, "blocked.example.com", token="blocked", keyauthorization="k")
    ctx = whole.app.context()
    with ctx.commit():
        ctx.db.add(DomainBlocklisted(domain_name="blocked.example.com"))
    ctx.db.close()
    assert ask(whole, "blocked", "blocked.example.com").status_code == 404


@pytest.mark.parametrize(("is_processing", "status"), [(True, 200), (False, 404)])
def test_a_challenge_put_in_by_hand_is_answered_until_it_is_deactivated(
    whole, is_processing, status
):
    token = f"by-hand-{is_processing}"

    def orderless(db):
        return factories.orderless(db, is_processing=is_processing)

    add_challenge(
        whole,
        f"{token.lower()}.example.com",
        token=token,
        keyauthorization="k",
        acme_orderless=orderless,
    )
    assert ask(whole, token, f"{token.lower()}.example.com").status_code == status


def test_of_several_the_newest_http_01_is_answered(whole):
    for number, kind in enumerate(
        (ChallengeType.HTTP_01, ChallengeType.HTTP_01, ChallengeType.DNS_01)
    ):
        add_challenge(
            whole, token="same", keyauthorization=f"same.{number}", acme_challenge_type=kind
        )
    assert ask(whole, "same").text == "same.1"


def test_each_poll_of_a_known_challenge_is_a_row_with_its_address(whole):
    number = add_challenge(whole, token="polled", keyauthorization="k")
    ask(whole, "polled", address="192.0.2.1")
    ask(whole, "polled", address="2001:DB8::1")
    ask(whole, "polled", address="192.0.2.1")
    found = [p for p in rows(whole, AcmeChallengePoll) if p.acme_challenge_id == number]
    assert len(found) == 3
    addresses = {a.id: a.remote_ip_address for a in rows(whole, RemoteIpAddress)}
    assert [addresses[p.remote_ip_address_id] for p in found] == [
        "192.0.2.1", "2001:db8::1", "192.0.2.1",
    ]  # fmt: skip


def test_the_same_unknown_poll_counts_up_one_row(whole):
    for _ in range(2):
        ask(whole, "twice")
        ask(whole, "twice")
        rows(whole, AcmeChallengeUnknownPoll)
    ask(whole, "twice", address="192.0.2.8")
    found = [p for p in rows(whole, AcmeChallengeUnknownPoll) if p.challenge == "twice"]
    assert [(p.domain, p.count) for p in found] == [(HOST, 4), (HOST, 1)]
    assert found[0].timestamp_first <= found[0].timestamp_polled


def test_what_does_not_fit_the_columns_is_cut(whole):
    answer = ask(whole, "t" * 400 + "%00%C3%A9", host="h" * 300)
    assert answer.status_code == 404
    found = [(poll.challenge, poll.domain) for poll in rows(whole, AcmeChallengeUnknownPoll)]
    assert ("t" * 255, "h" * 255) in found


def test_a_flood_of_unknown_polls_keeps_a_bounded_number_of_rows(start_whole):
    whole = start_whole(unknown_polls_max="20")
    for number in range(50):
        whole.app.polls.unknown(HOST, f"flood{number}", "192.0.2.7")
        if number % 15 == 0:
            whole.app.polls.flush()
    found = rows(whole, AcmeChallengeUnknownPoll)
    assert [p.challenge for p in found] == [f"flood{n}" for n in range(30, 50)]


def test_a_flood_from_many_addresses_keeps_a_bounded_number_of_them(start_whole):
    whole = start_whole(unknown_polls_max="20")
    number = add_challenge(whole, token="known", keyauthorization="k")
    whole.app.polls.known(number, "2001:db8::1")
    for host in range(1, 51):
        whole.app.polls.unknown(HOST, "flood", f"2001:db8::{host:x}")
        if host % 15 == 0:
            whole.app.polls.flush()
    found = {row.remote_ip_address for row in rows(whole, RemoteIpAddress)}
    assert found == {"2001:db8::1", *(f"2001:db8::{host:x}" for host in range(31, 51))}


def test_a_system_without_more_threads_gets_its_answers_and_its_log_later(start_whole, monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    whole = start_whole()
    log = PollLog(whole.app.database, 10, lambda: datetime.now(UTC))
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        log.unknown(HOST, "one", "")
    log.unknown(HOST, "two", "")
    log.flush()
    assert [p.challenge for p in rows(whole, AcmeChallengeUnknownPoll)] == ["one", "two"]


def test_the_queue_is_bounded_and_says_what_it_lost(start_whole, caplog, monkeypatch):
    whole = start_whole()
    monkeypatch.setattr(polls, "QUEUE_MAX", 3)
    for number in range(5):
        whole.app.polls.unknown(HOST, f"lost{number}", "192.0.2.7")
    assert len(rows(whole, AcmeChallengeUnknownPoll)) == 3
    assert "2 challenge polls were not logged" in caplog.text


def test_answers_go_out_while_the_log_cannot_be_written(start_whole, caplog):
    whole = start_whole()
    add_challenge(whole, token="known", keyauthorization="k")
    ctx = whole.app.context()
    with ctx.commit():
        ctx.db.execute(select(func.count()).select_from(AcmeChallengePoll))
        assert ask(whole, "known").body == b"k"
    ctx.db.close()
    with whole.app.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE acme_challenge_poll RENAME TO gone")
    assert ask(whole, "known").body == b"k"
    whole.app.polls.flush()
    assert "Could not log 2 challenge polls" in caplog.text


def test_the_log_is_written_by_a_thread_that_ends_when_there_is_nothing_to_do(
    start_whole, monkeypatch
):
    monkeypatch.setattr(polls, "IDLE_S", 0.01)
    whole = start_whole()
    log = PollLog(whole.app.database, 10, lambda: datetime.now(UTC))
    for token in ("one", "two"):
        log.unknown(HOST, token, "")
        for thread in threading.enumerate():
            if thread.name == "poll-log":
                thread.join(10)
    assert [p.challenge for p in rows(whole, AcmeChallengeUnknownPoll)] == ["one", "two"]
