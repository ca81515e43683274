"""ACME challenges: their pages."""

from __future__ import annotations

from typing import Any, ClassVar

from ...lib.actions import challenges
from ...lib.context import Context
from ...lib.store import acme_challenge_polls, acme_challenges
from ...model import AcmeChallenge, AcmeChallengePoll
from ..resource import Action, Button, Column, Docs, Done, Related, Resource, Show
from ..schemas import Form, Text
from .acme_authorization_json import challenge_as_json
from .acme_deeds import CHALLENGE, deed
from .shared import newest


def sentence(challenge: AcmeChallenge) -> str:
    kind, name = challenge.acme_challenge_type, challenge.domain.domain_name
    if challenge.error:
        return f"{kind} for {name}. What went wrong: {challenge.error.rstrip('.')}."
    return f"{kind} for {name}."


SYNC = deed(
    CHALLENGE,
    "acme-server/sync",
    "Sync challenge",
    "Asks the CA for its view of this challenge.",
    challenges.sync,
    possible=lambda challenge: (
        None if challenge.is_can_acme_server_sync else "Possible when it is a CA's."
    ),
    form_id="form-acme_server-sync",
    button_id="btn-acme_challenge-sync",
)


class Trigger(Form):
    may_be_empty: ClassVar[bool] = True
    token = Text(
        "the challenge's token, where the answer is not put up by this installation; may stand in"
        " the query string, too",
        required=False,
    )


def trigger(ctx: Context, challenge: AcmeChallenge, values: dict[str, Any]) -> Done:
    challenges.trigger(ctx, challenge, values["token"] or "")
    return Done({"AcmeChallenge": challenge})


TRIGGER = Action(
    "acme-server/trigger",
    "Trigger challenge",
    "Tells the CA to come and look, and waits for what it finds.",
    run=trigger,
    schema=Trigger,
    docs=Docs(
        examples=("curl --request POST {ADMIN}/acme-challenge/1/acme-server/trigger.json",),
    ),
    get_query="result=error&operation=acme+server+trigger&message=HTTP+POST+required",
    operation="acme-server/trigger",
    html_operation="acme server trigger",
    query_too=True,
    possible=lambda challenge: (
        None if challenge.is_can_acme_server_trigger else "Possible while it is pending."
    ),
    consequences=lambda _challenge: (
        "The CA comes and looks. If it does not find the answer, the order fails.",
    ),
    buttons=(
        Button(
            "Trigger challenge",
            "Tells the CA to come and look, and waits for what it finds.",
            hidden={},
            possible=lambda challenge: (
                None
                if challenge.is_configured_to_answer
                else "This installation does not put up the answer."
            ),
            form_id="form-acme_server-trigger",
            button_id="btn-acme_challenge-trigger",
        ),
        Button(
            "Trigger with the token",
            "For an answer that you have put up yourself: you show it by the challenge's token.",
            hidden={},
            possible=lambda challenge: (
                "This installation puts up the answer."
                if challenge.is_configured_to_answer
                else None
            ),
            danger=True,
        ),
    ),
)

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
    actions=(SYNC, TRIGGER),
)
