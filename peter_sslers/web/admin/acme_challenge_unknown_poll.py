"""Who asked for challenges that we do not have: the log's pages."""

from __future__ import annotations

from typing import Any

from ...lib.store import acme_challenge_polls
from ...model import AcmeChallengeUnknownPoll
from ..resource import Column, Listing, Resource, Show
from .acme_authorization_json import address_as_json


def as_json(poll: AcmeChallengeUnknownPoll, _root: str) -> dict[str, Any]:
    return {
        "id": poll.id,
        "domain": poll.domain,
        "challenge": poll.challenge,
        "timestamp_polled": poll.timestamp_polled,
        "remote_ip_address": address_as_json(poll.remote_ip_address),
        "timestamp_first": poll.timestamp_first,
        "count": poll.count,
    }


ACME_CHALLENGE_UNKNOWN_POLL = Resource(
    path="acme-challenge-unknown-poll",
    paths="acme-challenge-unknown-polls",
    model=AcmeChallengeUnknownPoll,
    label="Unknown poll",
    labels="Unknown polls",
    group="Orders",
    json_name="AcmeChallengeUnknownPoll",
    json_names="AcmeChallengeUnknownPolls",
    about="What was asked for below /.well-known/acme-challenge/ and is no challenge of ours.",
    as_json=as_json,
    columns=(
        Column("domain", "Host"),
        Column("challenge", "Asked for", Show.CODE),
        Column(
            "remote_ip_address", "By", value=lambda poll: poll.remote_ip_address.remote_ip_address
        ),
        Column("count", "Times", Show.NUMBER),
        Column("timestamp_first", "First", Show.TIME),
        Column("timestamp_polled", "Last", Show.TIME),
        Column("id", "Unknown poll", Show.NUMBER),
    ),
    listings=(
        Listing(
            "",
            "All unknown polls",
            lambda _ctx, _params: acme_challenge_polls.unknown(),
            empty="Nobody has asked for what we do not have.",
        ),
    ),
)
