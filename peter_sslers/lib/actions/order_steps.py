"""What an order needs next: decided from its rows alone, so that any process can go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from ...enums import AuthorizationStatus, ChallengeStatus, OrderStatus
from ...model import AcmeAuthorization, AcmeOrder


class Do(Enum):
    SUBMIT = auto()  # newOrder: the server does not know it yet
    READ = auto()  # an authorization that we have never seen
    ANSWER = auto()  # an authorization whose challenge waits for us
    WAIT = auto()  # every authorization is answered: what does the order say?
    FINALIZE = auto()
    DOWNLOAD = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Step:
    do: Do
    authorization: AcmeAuthorization | None = None


OPEN = {AuthorizationStatus.DISCOVERED: Do.READ, AuthorizationStatus.PENDING: Do.ANSWER}


def open_authorizations(order: AcmeOrder) -> Sequence[AcmeAuthorization]:
    """Those that the CA has not decided, as far as we know; in the CA's order."""
    return [a for a in order.acme_authorizations if a.acme_status_authorization in OPEN]


def is_answered(authorization: AcmeAuthorization) -> bool:
    """The CA was told to check one of its challenges, and has not said what it found."""
    return any(
        challenge.acme_status_challenge is ChallengeStatus.PROCESSING
        for challenge in authorization.acme_challenges
    )


def next_step(order: AcmeOrder) -> Step:
    """The one thing to do now. RFC 8555 section 7.1.6, seen from the client."""
    match order.acme_status_order:
        case OrderStatus.PENDING if order.order_url is None:
            return Step(Do.SUBMIT)
        case OrderStatus.PENDING:
            # The original answers the last one first; scripts see the others in this order.
            for authorization in reversed(open_authorizations(order)):
                if not is_answered(authorization):
                    return Step(OPEN[authorization.acme_status_authorization], authorization)
            return Step(Do.WAIT)
        case OrderStatus.READY:
            return Step(Do.FINALIZE)
        case OrderStatus.PROCESSING:
            return Step(Do.WAIT)
        case OrderStatus.VALID if order.certificate_signed_id is None and order.certificate_url:
            return Step(Do.DOWNLOAD)
        case _:
            return Step(Do.NOTHING)
