"""Who fetched the answers to our challenges: the log's pages."""

from __future__ import annotations

from typing import Any

from ...lib.store import acme_challenge_polls
from ...model import AcmeChallengePoll
from ..resource import Column, Listing, Resource, Show
from .acme_authorization_json import address_as_json, challenge_as_json


def as_json(poll: AcmeChallengePoll, root: str) -> dict[str, Any]:
    return {
        "id": poll.id,
        "AcmeChallenge": challenge_as_json(poll.acme_challenge, root),
        "timestamp_polled": poll.timestamp_polled,
        "remote_ip_address": address_as_json(poll.remote_ip_address),
    }


ACME_CHALLENGE_POLL = Resource(
    path="acme-challenge-poll",
    paths="acme-challenge-polls",
    model=AcmeChallengePoll,
    label="Poll",
    labels="Polls",
    group="Orders",
    json_name="AcmeChallengePoll",
    json_names="AcmeChallengePolls",
    about="Each time that somebody fetched the answer to a challenge of ours.",
    as_json=as_json,
    options=acme_challenge_polls.SHOWN,
    columns=(
        Column("domain_name", "Name", value=lambda poll: poll.acme_challenge.domain_name),
        Column("timestamp_polled", "Fetched", Show.TIME),
        Column(
            "remote_ip_address", "By", value=lambda poll: poll.remote_ip_address.remote_ip_address
        ),
        Column("acme_challenge", "Challenge", Show.LINK),
        Column("id", "Poll", Show.NUMBER),
    ),
    listings=(
        Listing(
            "",
            "All polls",
            lambda _ctx, _params: acme_challenge_polls.every(),
            empty="Nobody has fetched an answer yet.",
        ),
    ),
)
