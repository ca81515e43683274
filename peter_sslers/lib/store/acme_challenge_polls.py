"""Who fetched which challenge, known or unknown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from ...model import (
    AcmeChallenge,
    AcmeChallengePoll,
    AcmeChallengeUnknownPoll,
    RemoteIpAddress,
)
from .insert_or_get import current, insert_or_get

SHOWN = (
    joinedload(AcmeChallengePoll.acme_challenge).joinedload(AcmeChallenge.domain),
    joinedload(AcmeChallengePoll.remote_ip_address),
)


def every() -> Select[AcmeChallengePoll]:
    return select(AcmeChallengePoll).options(*SHOWN)


def of_challenge(challenge: AcmeChallenge) -> Select[AcmeChallengePoll]:
    return every().where(AcmeChallengePoll.acme_challenge_id == challenge.id)


def unknown() -> Select[AcmeChallengeUnknownPoll]:
    return select(AcmeChallengeUnknownPoll).options(
        joinedload(AcmeChallengeUnknownPoll.remote_ip_address)
    )


def count_unknown(
    db: Session, domain: str, challenge: str, address: RemoteIpAddress, now: datetime
) -> AcmeChallengeUnknownPoll:
    """Note that somebody asked for a challenge that we do not know. Inside a commit.

    The same question from the same address counts up one row, so that nobody fills the table by
    asking. Text that is too long is cut.
    """
    domain, challenge = domain[:255], challenge[:255]
    query = select(AcmeChallengeUnknownPoll).where(
        AcmeChallengeUnknownPoll.domain == domain,
        AcmeChallengeUnknownPoll.challenge == challenge,
        AcmeChallengeUnknownPoll.remote_ip_address_id == address.id,
    )

    def insert() -> AcmeChallengeUnknownPoll:
        row = AcmeChallengeUnknownPoll(
            domain=domain,
            challenge=challenge,
            timestamp_polled=now,
            timestamp_first=now,
            count=1,
            remote_ip_address=address,
        )
        db.add(row)
        return row

    row, is_new = insert_or_get(
        db, lambda again: db.scalar(current(query) if again else query), insert
    )
    if not is_new:
        db.execute(
            update(AcmeChallengeUnknownPoll)
            .where(AcmeChallengeUnknownPoll.id == row.id)
            .values(count=AcmeChallengeUnknownPoll.count + 1, timestamp_polled=now)
        )
    return row
