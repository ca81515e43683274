"""Authorizations and their challenges: reading them, storing them, giving them up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from ...enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeFailType,
    ChallengeStatus,
    OrderStatus,
    ProcessingStatus,
)
from ...errors import UpstreamError
from ...model import AcmeAuthorization, AcmeChallenge, AcmeOrder
from .. import acme_v2
from ..acme_v2 import jws
from ..context import Context
from ..journal import Subject
from . import competition, leases
from .acme import client_of, stored
from .order_state import set_status
from .order_steps import open_authorizations

log = logging.getLogger(__name__)

DEAD = {
    AuthorizationStatus.INVALID,
    AuthorizationStatus.EXPIRED,
    AuthorizationStatus.REVOKED,
    AuthorizationStatus.DEACTIVATED,
}
WAITING = {OrderStatus.PENDING, OrderStatus.READY}


def read(ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization) -> None:
    """POST-as-GET the authorization and store it with its challenges; gone: `*404*`."""
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(
        Subject(AcmeEvent.AUTHORIZATION_REQUEST, order.acme_account, order, authorization)
    )
    url = authorization.authorization_url
    hear(ctx, order, authorization, lambda: acme_v2.authorizations.fetch(client, url))


def hear(
    ctx: Context,
    order: AcmeOrder,
    authorization: AcmeAuthorization,
    ask: Callable[[], acme_v2.Authorization],
) -> None:
    """Store what `ask` brings from the CA."""
    try:
        said = ask()
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
    stored(ctx, lambda: take_over(ctx, order, authorization, said))


def take_over(
    ctx: Context,
    order: AcmeOrder,
    authorization: AcmeAuthorization,
    said: acme_v2.Authorization,
) -> None:
    name = f"*.{said.identifier.value}" if said.wildcard else said.identifier.value
    domains = {domain.domain_name: domain for domain in order.unique_fqdn_set.domains}
    authorization.domain = domains.get(name)
    authorization.wildcard = said.wildcard
    authorization.timestamp_expires = said.expires
    if authorization.acme_status_authorization is not said.status:
        authorization.acme_status_authorization = said.status
        authorization.timestamp_updated = ctx.clock()
    if authorization.domain is None:
        log.error("the CA sent an authorization for %r, which nobody asked for", name)
        return
    with ctx.db.no_autoflush:
        known = {c.challenge_url: c for c in authorization.acme_challenges}
    key = client_of(ctx, order.acme_account).key
    fresh = []
    # By their URLs, for a CA that lists one twice.
    for offered in {c.url: c for c in said.challenges if c.type}.values():
        challenge = known.pop(offered.url, None)
        if challenge is None:
            challenge = new_challenge(ctx, authorization, offered, key)
            fresh.append(challenge)
        store_challenge(ctx, order, challenge, offered)
    for dropped in known.values():
        if dropped.acme_status_challenge is not ChallengeStatus.DROPPED:
            dropped.acme_status_challenge = ChallengeStatus.DROPPED
            dropped.timestamp_updated = ctx.clock()
    if authorization.is_acme_server_pending:
        competition.note(ctx, authorization, fresh)
    leases.keep(ctx, order)


def new_challenge(
    ctx: Context, authorization: AcmeAuthorization, offered: acme_v2.Challenge, key: acme_v2.Key
) -> AcmeChallenge:
    challenge = AcmeChallenge(
        domain=authorization.domain,
        acme_challenge_type=offered.type,
        acme_status_challenge=offered.status,
        challenge_url=offered.url,
        timestamp_created=ctx.clock(),
        token=offered.token,
        keyauthorization=jws.key_authorization(offered.token, key),
    )
    authorization.acme_challenges.append(challenge)
    return challenge


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


def fell(ctx: Context, authorization: AcmeAuthorization) -> None:
    """The CA refused the name: each order that waits for it has failed. Inside a commit."""
    for link in authorization.to_acme_orders:
        order = link.acme_order
        if order.acme_status_order in WAITING:
            set_status(ctx, order, OrderStatus.INVALID)
            order.acme_order_processing_status = ProcessingStatus.COMPLETED_FAILURE
            order.error = reason([authorization]) or None


def clean_up(ctx: Context, order: AcmeOrder) -> None:
    """After a failure: give up what is still pending, so that it does not count against limits.

    What another order waits for, too, stays.
    """
    if not ctx.settings.cleanup_pending_authorizations:
        return
    for authorization in open_authorizations(order):
        if is_wanted_elsewhere(authorization, order):
            continue
        try:
            deactivate(ctx, order, authorization)
        except UpstreamError as exc:
            # The order has failed already and that is what the operator has to hear.
            log.warning("AcmeAuthorization %s is not deactivated: %s", authorization.id, exc)
            if isinstance(exc, acme_v2.Unreachable | acme_v2.RateLimited):
                break
    with ctx.commit():
        order.acme_order_processing_status = ProcessingStatus.DEACTIVATED
        leases.release(ctx, order)


def is_wanted_elsewhere(authorization: AcmeAuthorization, order: AcmeOrder) -> bool:
    others = (link.acme_order for link in authorization.to_acme_orders)
    return any(o is not order and o.acme_status_order in WAITING for o in others)


def deactivate(ctx: Context, order: AcmeOrder | None, authorization: AcmeAuthorization) -> None:
    """RFC 8555 section 7.5.2. Every order that holds it fails with it; gone: `*404*`.

    `order`: whose business it is, None for the account's own. Raises BadAnswer, with the status
    stored, when the CA holds on to it.
    """
    account = (order or authorization.acme_order_created).acme_account
    client = client_of(ctx, account)
    ctx.journal.asking(Subject(AcmeEvent.AUTHORIZATION_DEACTIVATE, account, order, authorization))
    try:
        status = acme_v2.authorizations.deactivate(client, authorization.authorization_url).status
    except acme_v2.Gone:
        status = AuthorizationStatus.GONE
    with ctx.commit():
        lost(ctx, authorization, status)
        if status is AuthorizationStatus.DEACTIVATED:
            given_up(ctx, authorization)
    if status not in {AuthorizationStatus.DEACTIVATED, AuthorizationStatus.GONE}:
        raise acme_v2.BadAnswer(f"the CA says `{status}` of AcmeAuthorization {authorization.id}")


def given_up(ctx: Context, authorization: AcmeAuthorization) -> None:
    """Each order that waits for it has failed. Inside a commit."""
    for link in authorization.to_acme_orders:
        if link.acme_order.acme_status_order in WAITING:
            set_status(ctx, link.acme_order, OrderStatus.INVALID)
            link.acme_order.acme_order_processing_status = ProcessingStatus.DEACTIVATED
