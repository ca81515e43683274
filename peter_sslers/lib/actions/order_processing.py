"""Carrying an order through: one step at a time, or all of them in one go."""

from __future__ import annotations

from collections.abc import Callable

from ...enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeStatus,
    ChallengeType,
    OrderStatus,
)
from ...errors import Failed, InvalidRequest, SslersError
from ...model import AcmeAuthorization, AcmeChallenge, AcmeOrder, CertificateRequest
from .. import acme_v2
from ..acme_v2 import polling
from ..context import Context
from ..journal import Subject
from . import (
    authorizations,
    challenges,
    leases,
    order_finalization,
    order_submission,
)
from .acme import client_of
from .order_state import asked_for, asking, at_work, fail, reported, store_order
from .order_steps import Do, Step, next_step, open_authorizations

NAMES_AT_ONCE = 10  # that a CA checks in hardly more time than one
PENDING_FAILED = "`pending` AcmeOrder failed an AcmeAuthorization"


def carry_through(ctx: Context, order: AcmeOrder) -> None:
    """Every step until the certificate is stored (strategy `process_single`).

    Raises Failed with the order. `is_processing` ends with the call, whatever happened; one that
    was cancelled meanwhile stays so.
    """
    try:
        with reported(ctx, order):
            if order.acme_status_order is OrderStatus.PENDING:
                answer_all(ctx, order)
            until_done(ctx, order)
    finally:
        if order.is_processing or leases.is_mine(ctx, order):
            with ctx.commit(fresh=order):
                if order.is_processing:
                    order.is_processing = None
                order.timestamp_updated = ctx.clock()
                leases.release(ctx, order)


def go_on(ctx: Context, order: AcmeOrder) -> None:
    """Carry an order through that the CA gave us before, from where it is; one that ended stays.

    Raises Busy if somebody is at it.
    """
    with leases.held(ctx, order):
        if order.acme_status_order in {OrderStatus.PENDING, OrderStatus.READY}:
            carry_through(ctx, order)


def until_done(ctx: Context, order: AcmeOrder) -> None:
    """Each kind of step once, for a CA may need longer than we wait, or lead us in circles.

    What is left `acme-process` does later.
    """
    done = {Do.NOTHING}
    while (step := next_step(order)).do not in done:
        done.add(step.do)
        take(ctx, order, step, ahead=True)


def answer_all(ctx: Context, order: AcmeOrder) -> None:
    """Answer every open authorization without waiting in between.

    The order itself is asked once when all are answered: 2N + 5 requests for N names.
    """
    for authorization in open_authorizations(order):
        answer(ctx, order, authorization)


def process(ctx: Context, order: AcmeOrder) -> None:
    """One step, found from the rows (`acme-process`).

    Raises InvalidRequest when the order is over, Busy while somebody else is at it, Failed with
    the order when the step went wrong.
    """
    with leases.held(ctx, order):
        step = next_step(order)
        if step.do is Do.NOTHING:
            raise InvalidRequest("ACME Process is not allowed for this AcmeOrder")
        try:
            with asking(ctx, order):
                take(ctx, order, step)
        except Failed as exc:
            # That the CA has lost the order is what a question about it is answered with.
            if step.do is not Do.WAIT or not isinstance(exc.__cause__, acme_v2.Gone):
                raise


def take(ctx: Context, order: AcmeOrder, step: Step, *, ahead: bool = False) -> None:
    """Do one step and store what came of it.

    `ahead`: finalize follows at once where it can; what it needs is made while the CA is at work.
    """
    match step.do:
        case Do.SUBMIT:
            order_submission.resume(ctx, order)
        case Do.READ | Do.ANSWER if step.authorization:
            last = len(open_authorizations(order)) == 1
            answer(ctx, order, step.authorization)
            if last:
                await_order(ctx, order)
            else:
                await_authorization(ctx, order, step.authorization)
        case Do.WAIT:
            if request := await_order(ctx, order, ahead=ahead):
                order_finalization.finalize(ctx, order, request)
        case Do.FINALIZE:
            order_finalization.finalize(ctx, order)
        case Do.DOWNLOAD:
            order_finalization.download(ctx, order)


def answer(ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization) -> None:
    """Read an authorization and tell the CA that its challenge can be checked.

    It is read even if we know it: the process that was here before may have died after it had told
    the CA. What the CA will fetch is committed before it is told to fetch.
    """
    authorizations.read(ctx, order, authorization)
    match authorization.acme_status_authorization:
        case AuthorizationStatus.VALID:
            return
        case AuthorizationStatus.PENDING:
            pass
        case dead:
            message = f"AcmeAuthorization already `{dead}`"
            fail(ctx, order, message)
            authorizations.clean_up(ctx, order)
            raise Failed(message, order)
    challenge = challenge_for(ctx, order, authorization)
    trigger(ctx, order, authorization, challenge)


def challenge_for(
    ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization
) -> AcmeChallenge:
    """The challenge of the type that was chosen for the name, http-01 unless said otherwise."""
    kind = next(
        (
            specific.acme_challenge_type
            for specific in order.acme_order_2_acme_challenge_type_specifics
            if specific.domain_id == authorization.domain_id
        ),
        ChallengeType.HTTP_01,
    )
    for challenge in authorization.acme_challenges:
        if challenge.acme_challenge_type is kind:
            return challenge
    message = f"Missing required challenges: the CA offers no {kind}"
    fail(ctx, order, message)
    authorizations.clean_up(ctx, order)
    raise Failed(message, order)


def trigger(
    ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization, challenge: AcmeChallenge
) -> None:
    """RFC 8555 section 7.5.1. A challenge that the CA is at already is left to it."""
    if challenge.acme_status_challenge is not ChallengeStatus.PENDING:
        return
    try:
        challenges.prepare(ctx, order, challenge)
    except SslersError as exc:
        fail(ctx, order, str(exc))
        authorizations.clean_up(ctx, order)
        raise Failed(str(exc), order) from exc
    challenges.tell(ctx, order, challenge)


def await_authorization(ctx: Context, order: AcmeOrder, authorization: AcmeAuthorization) -> None:
    """Wait until the CA has decided about one name."""
    challenges.await_verdict(ctx, order, authorization)
    judge(ctx, order)


def await_order(
    ctx: Context, order: AcmeOrder, *, ahead: bool = False
) -> CertificateRequest | None:
    """Wait until the order is no longer pending. `ready` says that every name is proved.

    `ahead`: key and CSR are made during the wait, and stored with the news that it is ready; then
    the CSR is returned.
    """
    client = client_of(ctx, order.acme_account)
    is_pending = order.acme_status_order is OrderStatus.PENDING
    draft = order_finalization.draft(ctx, order) if ahead and is_pending else None
    ctx.journal.asking(Subject(AcmeEvent.ORDER_LOCATION, order.acme_account, order))
    with asked_for(ctx, order):
        said = polling.settled(
            fetching(client, order),
            first_s=polling.FIRST_S * (1 + len(order.acme_authorizations) / NAMES_AT_ONCE),
            deadline_s=ctx.settings.acme_wait_s,
        )

    fitting = draft if said.status is OrderStatus.READY else None

    def put() -> acme_v2.Order:
        if fitting:
            order_finalization.store_draft(ctx, order, fitting)
        return store_order(ctx, order, said)

    if said.status is not OrderStatus.INVALID:
        at_work(ctx, order, put)
    else:  # and so it may be here already, if another request was told of the same names
        with ctx.commit(fresh=order):
            store_order(ctx, order, said)
        for authorization in open_authorizations(order):
            authorizations.read(ctx, order, authorization)
    judge(ctx, order, said.error)
    return order.certificate_request if fitting else None


def fetching(client: acme_v2.Client, order: AcmeOrder) -> Callable[[], acme_v2.Order]:
    url = order.order_url or ""
    return lambda: acme_v2.orders.fetch(client, url)


def judge(ctx: Context, order: AcmeOrder, error: acme_v2.Problem | None = None) -> None:
    """An authorization that failed ends the order, and with it the others' waiting.

    `error`: what the CA says of the order itself.
    """
    failed = [
        a for a in order.acme_authorizations if a.acme_status_authorization in authorizations.DEAD
    ]
    if not failed and order.acme_status_order is not OrderStatus.INVALID:
        return
    with ctx.commit():
        for authorization in failed:
            authorizations.fell(ctx, authorization)
    fail(ctx, order, authorizations.reason(failed) or str(error or PENDING_FAILED))
    authorizations.clean_up(ctx, order)
    raise Failed(PENDING_FAILED, order)
