"""ACME authorizations: their pages."""

from __future__ import annotations

from typing import Any

from ...lib.actions import authorization_deeds
from ...lib.context import Context
from ...lib.store import acme_authorizations, acme_challenges, acme_orders
from ...model import AcmeAuthorization, AcmeChallenge, AcmeOrder
from ..resource import Column, Listing, Related, Resource, Show
from .acme_authorization_json import as_json
from .acme_deeds import AUTHORIZATION, deed
from .acme_order_json import specific_as_json


def specifics(_ctx: Context, authorization: AcmeAuthorization, _root: str) -> dict[str, Any]:
    """How its orders want its name proved, where that is not http-01."""
    found = authorization.acme_order_2_acme_challenge_type_specifics
    listed = [specific_as_json(specific) for specific in found]
    return {"AcmeOrder2AcmeChallengeTypeSpecifics": listed or None}


def name(authorization: AcmeAuthorization) -> str:
    domain = authorization.domain
    return domain.domain_name if domain else "not read yet"


def sentence(authorization: AcmeAuthorization) -> str:
    if authorization.domain is None:
        return "Its URL is known; the CA was not asked yet which name it is for."
    return f"Whether we may have certificates for {authorization.domain.domain_name}."


SYNC = deed(
    AUTHORIZATION,
    "acme-server/sync",
    "Sync authorization",
    "Asks the CA for its view of this name, and for the challenges that it offers.",
    authorization_deeds.sync,
    possible=lambda authorization: (
        None if authorization.is_can_acme_server_sync else "Possible when its URL is known."
    ),
    form_id="form-acme_server-sync",
    button_id="btn-acme_authorization-sync",
)


def given_up_with(authorization: AcmeAuthorization) -> tuple[str, ...]:
    waiting = [o.acme_order_id for o in authorization.to_acme_orders]
    return (
        f"The CA is told to give up {name(authorization)}.",
        f"Orders that wait for it fail: {', '.join(f'#{i}' for i in waiting)}.",
    )


DEACTIVATE = deed(
    AUTHORIZATION,
    "acme-server/deactivate",
    "Deactivate authorization",
    "Gives this name up at the CA. Orders that wait for it fail.",
    authorization_deeds.deactivate,
    possible=lambda authorization: (
        None
        if authorization.is_can_acme_server_deactivate
        else "Possible while the CA waits for the proof of the name."
    ),
    consequences=given_up_with,
    danger=True,
    form_id="form-acme_server-deactivate",
    button_id="btn-acme_authorization-deactivate",
)

ACME_AUTHORIZATION = Resource(
    path="acme-authorization",
    paths="acme-authorizations",
    model=AcmeAuthorization,
    label="Authorization",
    labels="Authorizations",
    group="Orders",
    json_name="AcmeAuthorization",
    json_names="AcmeAuthorizations",
    about="What CAs know of our control over each name.",
    as_json=as_json,
    focus_json=specifics,
    status=lambda authorization: authorization.acme_status_authorization,
    sentence=sentence,
    options=acme_authorizations.FOCUS,
    columns=(
        Column("name", "Name", value=name),
        Column(
            "status",
            "Status",
            Show.STATUS,
            in_focus=False,
            value=lambda authorization: authorization.acme_status_authorization,
            # Here for the choice alone: the listing narrows, for it knows the time.
            filter=lambda query, _word: query,
            filter_words=("active", "active-expired"),
        ),
        Column("domain", "Domain", Show.LINK, in_list=False),
        Column("acme_challenge_http_01", "http-01", Show.LINK),
        Column("acme_challenge_dns_01", "dns-01", Show.LINK),
        Column("timestamp_expires", "Valid until", Show.TIME),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", "Authorization", Show.NUMBER),
        Column("acme_challenge_tls_alpn_01", "tls-alpn-01", Show.LINK, in_list=False),
        Column("acme_order_created", "First seen in", Show.LINK, in_list=False),
        Column("timestamp_updated", "Last change", Show.TIME, in_list=False),
        Column("wildcard", "Wildcard", Show.BOOL, in_list=False),
        Column("authorization_url", "URL", Show.CODE, in_list=False),
    ),
    listings=(
        Listing(
            "",
            "All authorizations",
            lambda ctx, params: acme_authorizations.with_status(
                acme_authorizations.every(), params.get("status", ""), ctx.now
            ),
        ),
    ),
    related=(
        Related(
            "acme-challenges",
            "Challenges",
            AcmeChallenge,
            acme_challenges.of_authorization,
            empty="The CA was not asked yet what it offers.",
        ),
        Related("acme-orders", "Orders", AcmeOrder, acme_orders.of_authorization),
    ),
    actions=(SYNC, DEACTIVATE),
)
