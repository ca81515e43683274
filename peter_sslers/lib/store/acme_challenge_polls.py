"""Who fetched which challenge, known or unknown."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ...model import (
    AcmeChallenge,
    AcmeChallengePoll,
    AcmeChallengeUnknownPoll,
)

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
