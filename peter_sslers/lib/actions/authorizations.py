"""Authorizations and their challenges: reading them, storing them, giving them up."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import select

from ...enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeFailType,
    ChallengeStatus,
    OrderStatus,
    ProcessingStatus,
)
from ...errors import UpstreamError
from ...model import AcmeAuthorization, AcmeChallenge, AcmeOrder, Domain
from .. import acme_v2
from ..acme_v2 import jws
from ..context import Context
from ..journal import Subject
from .acme import client_of
from .order_state import set_status
from .order_steps import open_authorizations

log = logging.getLogger(__name__)

DEAD = {AuthorizationStatus.INVALID, AuthorizationStatus.EXPIRED, AuthorizationStatus.REVOKED}


def read(ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization) -> None:
    """POST-as-GET the authorization and store it with its challenges; gone: `*404*`."""
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(
        Subject(AcmeEvent.AUTHORIZATION_REQUEST, order.acme_account, order, authorization)
    )
    try:
        said = acme_v2.authorizations.fetch(client, authorization.authorization_url)
    except acme_v2.Gone:
        with ctx.commit():
            lost(ctx, authorization, AuthorizationStatus.GONE)
        return
    store(ctx, order, authorization, said)


def store(
    ctx: Context,
    order: AcmeOrder,
    authorization: AcmeAuthorization,
    said: acme_v2.Authorization,
) -> None:
    """Commit what the CA said of an authorization and of its challenges."""
    thumbprint_of = client_of(ctx, order.acme_account).key
    with ctx.commit():
        name = f"*.{said.identifier.value}" if said.wildcard else said.identifier.value
        authorization.domain = ctx.db.scalar(select(Domain).where(Domain.domain_name == name))
        authorization.wildcard = said.wildcard
        authorization.timestamp_expires = said.expires
        if authorization.acme_status_authorization is not said.status:
            authorization.acme_status_authorization = said.status
            authorization.timestamp_updated = ctx.clock()
        if authorization.domain is None:
            log.error("the CA sent an authorization for %r, which nobody asked for", name)
            return
        known = {c.challenge_url: c for c in authorization.acme_challenges}
        for offered in said.challenges:
            if offered.type is None:
                continue  # a type that we do not know
            challenge = known.pop(offered.url, None)
            if challenge is None:
                challenge = AcmeChallenge(
                    domain=authorization.domain,
                    acme_challenge_type=offered.type,
                    acme_status_challenge=offered.status,
                    challenge_url=offered.url,
                    timestamp_created=ctx.clock(),
                    token=offered.token,
                    keyauthorization=jws.key_authorization(offered.token, thumbprint_of),
                )
                authorization.acme_challenges.append(challenge)
            store_challenge(ctx, order, challenge, offered)
        for dropped in known.values():
            if dropped.acme_status_challenge is not ChallengeStatus.DROPPED:
                dropped.acme_status_challenge = ChallengeStatus.DROPPED
                dropped.timestamp_updated = ctx.clock()


def store_challenge(
    ctx: Context, order: AcmeOrder, challenge: AcmeChallenge, said: acme_v2.Challenge
) -> None:
    """Take over a challenge's status; inside a commit. Why it failed is kept with it."""
    before = challenge.acme_status_challenge
    if said.status is ChallengeStatus.PENDING and before is ChallengeStatus.PROCESSING:
        return  # we have told the CA to check it, and it has not begun
    if said.status is before and challenge.id is not None:
        return
    challenge.acme_status_challenge = said.status
    if challenge.id is not None:
        challenge.timestamp_updated = ctx.clock()
    if said.status is ChallengeStatus.INVALID:
        challenge.error = str(said.error) if said.error else None
        challenge.acme_challenge_fail_type = ChallengeFailType.UPSTREAM_VALIDATION
    event = {
        ChallengeStatus.VALID: AcmeEvent.CHALLENGE_PASS,
        ChallengeStatus.INVALID: AcmeEvent.CHALLENGE_FAIL,
    }.get(said.status)
    if event and challenge.id is not None:
        authorization = challenge.acme_authorization
        ctx.journal.note(Subject(event, order.acme_account, order, authorization, challenge))


def lost(ctx: Context, authorization: AcmeAuthorization, status: AuthorizationStatus) -> None:
    """The CA does not have it any more, or we gave it up: its challenges go with it."""
    authorization.acme_status_authorization = status
    authorization.timestamp_updated = ctx.clock()
    for challenge in authorization.acme_challenges:
        if challenge.acme_status_challenge in {
            ChallengeStatus.DISCOVERED,
            ChallengeStatus.PENDING,
            ChallengeStatus.PROCESSING,
        }:
            challenge.acme_status_challenge = ChallengeStatus.DROPPED
            challenge.timestamp_updated = ctx.clock()


def reason(failed: Iterable[AcmeAuthorization]) -> str:
    """Why the CA refused the names, in its own words, for the operator to read."""
    told = [
        f"{challenge.domain.domain_name}: {challenge.error}"
        for authorization in failed
        for challenge in authorization.acme_challenges
        if challenge.error
    ]
    return "; ".join(told)


def clean_up(ctx: Context, order: AcmeOrder) -> None:
    """After a failure: give up what is still pending, so that it does not count against limits."""
    if not ctx.settings.cleanup_pending_authorizations:
        return
    for authorization in open_authorizations(order):
        try:
            deactivate(ctx, order, authorization)
        except UpstreamError as exc:
            # The order has failed already and that is what the operator has to hear.
            log.warning("AcmeAuthorization %s is not deactivated: %s", authorization.id, exc)
    with ctx.commit():
        order.acme_order_processing_status = ProcessingStatus.DEACTIVATED


def deactivate(ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization) -> None:
    """RFC 8555 section 7.5.2. Every order that holds it fails with it."""
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(
        Subject(AcmeEvent.AUTHORIZATION_DEACTIVATE, order.acme_account, order, authorization)
    )
    try:
        status = acme_v2.authorizations.deactivate(client, authorization.authorization_url).status
    except acme_v2.Gone:
        status = AuthorizationStatus.GONE
    with ctx.commit():
        lost(ctx, authorization, status)
        for link in authorization.to_acme_orders:
            if link.acme_order.acme_status_order in {OrderStatus.PENDING, OrderStatus.READY}:
                set_status(ctx, link.acme_order, OrderStatus.INVALID)
                link.acme_order.acme_order_processing_status = ProcessingStatus.DEACTIVATED
