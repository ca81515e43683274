"""Challenges and the log of their polls on PostgreSQL, and by two processes at once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from peter_sslers.lib import schema
from peter_sslers.lib.database import Database, reader
from peter_sslers.lib.polls import PollLog
from peter_sslers.lib.store.public_challenges import PublicChallenges
from peter_sslers.model import AcmeChallengePoll, AcmeChallengeUnknownPoll, RemoteIpAddress

from .. import factories

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def url(any_database, tmp_path):
    return any_database or f"sqlite:///{tmp_path / 'polls.sqlite'}"


@pytest.fixture
def database(url):
    found = Database.from_settings({"sqlalchemy.url": url})
    schema.upgrade(found.engine)
    yield found
    found.engine.dispose()


def add_challenge(database):
    with database.session() as session, database.writing(session):
        made = factories.challenge(
            session,
            acme_orderless=factories.orderless(session),
            domain=factories.domain(session, "www.example.com"),
            token="t",
            keyauthorization="t.k",
        )
        return made.id


@pytest.mark.service("postgresql")
def test_a_challenge_is_found_by_token_and_host(database, url):
    number = add_challenge(database)
    engine = reader({"sqlalchemy.url": url})
    challenges = PublicChallenges(engine)
    assert challenges.find("t", "www.example.com") == (number, "t.k")
    assert challenges.find("T", "www.example.com") is None
    assert challenges.find("t", "example.com") is None
    engine.dispose()


@pytest.mark.service("postgresql")
def test_two_logs_write_the_same_new_rows(database, url):
    number = add_challenge(database)
    other = Database.from_settings({"sqlalchemy.url": url})
    for log in (PollLog(database, 10, lambda: NOW), PollLog(other, 10, lambda: NOW)):
        log.known(number, "192.0.2.7")
        for token in ("a", "b", "a"):
            log.unknown("www.example.com", token, "192.0.2.7")
        log.flush()
    with database.session() as session:
        assert len(session.scalars(select(AcmeChallengePoll)).all()) == 2
        assert len(session.scalars(select(RemoteIpAddress)).all()) == 1
        unknown = session.scalars(select(AcmeChallengeUnknownPoll)).all()
        assert sorted((p.challenge, p.count) for p in unknown) == [("a", 4), ("b", 2)]
    other.engine.dispose()
