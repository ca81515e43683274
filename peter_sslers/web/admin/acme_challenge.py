"""ACME challenges: their pages."""

from __future__ import annotations

from ...lib.store import acme_challenge_polls, acme_challenges
from ...model import AcmeChallenge, AcmeChallengePoll
from ..resource import Column, Related, Resource, Show
from .acme_authorization_json import challenge_as_json
from .shared import newest


def sentence(challenge: AcmeChallenge) -> str:
    kind, name = challenge.acme_challenge_type, challenge.domain.domain_name
    if challenge.error:
        return f"{kind} for {name}. What went wrong: {challenge.error.rstrip('.')}."
    return f"{kind} for {name}."


ACME_CHALLENGE = Resource(
    path="acme-challenge",
    paths="acme-challenges",
    model=AcmeChallenge,
    label="Challenge",
    labels="Challenges",
    group="Orders",
    json_name="AcmeChallenge",
    json_names="AcmeChallenges",
    about="What CAs ask us to show them, to prove control over a name.",
    as_json=challenge_as_json,
    status=lambda challenge: challenge.acme_status_challenge,
    sentence=sentence,
    short=lambda challenge: f"{challenge.acme_challenge_type} #{challenge.id}",
    options=acme_challenges.FOCUS,
    columns=(
        Column("domain_name", "Name"),
        Column("acme_challenge_type", "Type"),
        Column(
            "status",
            show=Show.STATUS,
            in_focus=False,
            value=lambda challenge: challenge.acme_status_challenge,
            filter=acme_challenges.with_status,
            filter_words=("active", "resolved", "processing"),
        ),
        Column("acme_authorization", "Authorization", Show.LINK),
        Column("timestamp_created", "Created", Show.TIME),
        Column("timestamp_updated", "Last change", Show.TIME),
        Column("id", "Challenge", Show.NUMBER),
        Column("domain", "Domain", Show.LINK, in_list=False),
        Column("acme_orderless", "Orderless", Show.LINK, in_list=False),
        Column("acme_challenge_fail_type", "Failed at", Show.STATUS, in_list=False),
        Column("error", "What went wrong", in_list=False),
        Column("token", "Token", Show.CODE, in_list=False),
        Column("keyauthorization", "Answer", Show.CODE, in_list=False),
        Column("challenge_url", "URL", Show.CODE, in_list=False),
    ),
    listings=(newest("All challenges", acme_challenges.every),),
    related=(
        Related(
            "acme-challenge-polls",
            "Polls",
            AcmeChallengePoll,
            acme_challenge_polls.of_challenge,
            empty="Nobody has fetched the answer yet.",
        ),
    ),
)
