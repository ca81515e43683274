"""Challenges: what the CA says of one, and telling it to come and look."""

from __future__ import annotations

import contextlib
import logging

from ...enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeFailType,
    ChallengeStatus,
    ProcessingStatus,
)
from ...errors import InvalidRequest, SslersError
from ...model import AcmeAuthorization, AcmeChallenge, AcmeOrder
from .. import acme_v2
from ..acme_v2 import polling
from ..context import Context
from ..journal import Subject
from . import authorizations, leases, solvers
from .acme import client_of

log = logging.getLogger(__name__)

NO_SYNC = "ACME Server Sync is not allowed for this AcmeChallenge"
NO_TRIGGER = "ACME Server Trigger is not allowed for this AcmeChallenge"
NOT_CONFIGURED = (
    "This installation is NOT configured to answer this challenge. "
    "You must submit the challenge token to trigger."
)
ORPHANED = "The selected AcmeChallenge is not associated to an active AcmeOrder."
# What a challenge may be triggered for.
AT_WORK = {ProcessingStatus.CREATED_ACME, ProcessingStatus.PROCESSING_STARTED}


def sync(ctx: Context, challenge: AcmeChallenge) -> None:
    """POST-as-GET. A failed one takes its authorization and orders along; gone: `*404*`."""
    authorization = challenge.acme_authorization
    if not challenge.is_can_acme_server_sync or authorization is None:
        raise InvalidRequest(NO_SYNC)
    order = authorization.acme_order_created
    client = client_of(ctx, order.acme_account)
    ctx.journal.asking(subject(AcmeEvent.CHALLENGE_POST_AS_GET, order, challenge))
    try:
        said = acme_v2.challenges.fetch(client, challenge.challenge_url or "")
    except acme_v2.Gone:
        gone(ctx, challenge)
        return
    if (said.token, said.type) != (challenge.token, challenge.acme_challenge_type):
        log.warning("AcmeChallenge %s is another at the CA: %s", challenge.id, said)
    with ctx.commit():
        authorizations.store_challenge(ctx, order, challenge, said)
        if said.status is ChallengeStatus.INVALID:
            authorization.acme_status_authorization = AuthorizationStatus.INVALID
            authorization.timestamp_updated = ctx.clock()
            authorizations.fell(ctx, authorization)


def trigger(ctx: Context, challenge: AcmeChallenge, token: str = "") -> None:
    """Have the CA check a challenge, and wait for its verdict, which the statuses tell.

    `token` is the challenge's own, as proof that somebody has put up an answer that we can not put
    up ourselves. Raises InvalidRequest, Busy, DomainVerificationError when our own look at the
    answer failed, UpstreamError.
    """
    require_trigger(challenge, token)
    with contextlib.ExitStack() as leased:
        for order in sorted(orders_at_work(challenge), key=lambda order: order.id):
            leased.enter_context(leases.held(ctx, order))
        require_trigger(challenge, token)  # not by another request since
        try:
            checked(ctx, orders_at_work(challenge)[0], challenge)
        finally:
            started(ctx, challenge)


def require_trigger(challenge: AcmeChallenge, token: str) -> None:
    if not challenge.is_can_acme_server_trigger:
        raise InvalidRequest(NO_TRIGGER)
    if not challenge.is_configured_to_answer and token != challenge.token:
        raise InvalidRequest(NOT_CONFIGURED)
    if not orders_at_work(challenge):
        raise InvalidRequest(ORPHANED)


def orders_at_work(challenge: AcmeChallenge) -> list[AcmeOrder]:
    """Newest first."""
    return [o for o in challenge.acme_orders if o.acme_order_processing_status in AT_WORK]


def started(ctx: Context, challenge: AcmeChallenge) -> None:
    """Whatever came of it, its orders are under way."""
    created = ProcessingStatus.CREATED_ACME
    fresh = [o for o in challenge.acme_orders if o.acme_order_processing_status is created]
    if fresh:
        with ctx.commit():
            for order in fresh:
                order.acme_order_processing_status = ProcessingStatus.PROCESSING_STARTED


def checked(ctx: Context, order: AcmeOrder, challenge: AcmeChallenge) -> None:
    authorization = challenge.acme_authorization
    if authorization is None:
        raise InvalidRequest(NO_TRIGGER)
    if challenge.is_configured_to_answer:
        prepare(ctx, order, challenge)
    try:
        tell(ctx, order, challenge)
    except acme_v2.Gone:
        gone(ctx, challenge)
        return
    if authorization.is_acme_server_pending:
        await_verdict(ctx, order, authorization)
    if authorization.acme_status_authorization in authorizations.DEAD:
        with ctx.commit():
            authorizations.fell(ctx, authorization)


def prepare(ctx: Context, order: AcmeOrder, challenge: AcmeChallenge) -> None:
    """Put the answer in its place. Raises what `solvers.prepare` raises, with the reason kept."""
    try:
        solvers.prepare(ctx, challenge)
    except SslersError as exc:
        with ctx.commit():
            challenge.acme_challenge_fail_type = ChallengeFailType.SETUP_PREVALIDATION
            challenge.error = str(exc)
            ctx.journal.note(subject(AcmeEvent.CHALLENGE_FAIL, order, challenge))
        raise


def tell(ctx: Context, order: AcmeOrder, challenge: AcmeChallenge) -> None:
    """RFC 8555 section 7.5.1: the CA may look. What it will find is committed already."""
    authorization = challenge.acme_authorization
    ctx.journal.asking(subject(AcmeEvent.CHALLENGE_TRIGGER, order, challenge))
    client = client_of(ctx, order.acme_account)
    try:
        said = acme_v2.challenges.answer(client, challenge.challenge_url or "")
    except acme_v2.Problem as exc:
        # Told before, by a process that died before it could say so: the CA has moved on.
        if exc.type != "malformed" or isinstance(exc, acme_v2.Gone) or authorization is None:
            raise
        authorizations.read(ctx, order, authorization)
        return
    with ctx.commit():
        # Some servers still say `pending` of a challenge that they were just told to check.
        pending = said.status is ChallengeStatus.PENDING
        challenge.acme_status_challenge = ChallengeStatus.PROCESSING if pending else said.status
        challenge.timestamp_updated = ctx.clock()
        challenge.error = challenge.acme_challenge_fail_type = None
        if order.acme_order_processing_status is ProcessingStatus.CREATED_ACME:
            order.acme_order_processing_status = ProcessingStatus.PROCESSING_STARTED


def await_verdict(ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization) -> None:
    """Wait until the CA has decided about a name, or for as long as we wait."""
    client = client_of(ctx, order.acme_account)
    url = authorization.authorization_url
    authorizations.hear(
        ctx,
        order,
        authorization,
        lambda: polling.settled(
            lambda: acme_v2.authorizations.fetch(client, url), deadline_s=ctx.settings.acme_wait_s
        ),
    )


def gone(ctx: Context, challenge: AcmeChallenge) -> None:
    with ctx.commit():
        challenge.acme_status_challenge = ChallengeStatus.GONE
        challenge.timestamp_updated = ctx.clock()


def subject(event: AcmeEvent, order: AcmeOrder, challenge: AcmeChallenge) -> Subject:
    return Subject(event, order.acme_account, order, challenge.acme_authorization, challenge)
