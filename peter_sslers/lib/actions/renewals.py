"""Orders that follow another: a retry of one that failed, a renewal of one that succeeded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from ...enums import ChallengeType, OrderType, PrivateKeyCycle, PrivateKeyStrategy
from ...enums import ProcessingStrategy as Strategy
from ...errors import Conflict, FieldErrors, InvalidRequest
from ...model import AcmeAccount, AcmeOrder, PrivateKey
from ..context import Context
from . import orders, private_key_cycles, selection

NO_RETRY = "ACME Retry is not allowed for this AcmeOrder"
NO_RENEW_QUICK = "This AcmeOrder can not use Renew Quick"
NO_RENEW_CUSTOM = "This AcmeOrder can not use RenewCustom"


@dataclass(frozen=True)
class Chosen:
    """What a custom renewal does not take from the order that it renews."""

    account: AcmeAccount
    private_key: PrivateKey
    key_strategy: PrivateKeyStrategy
    strategy: Strategy
    cycle: PrivateKeyCycle
    profile: str | None = None


def retry(ctx: Context, failed: AcmeOrder) -> AcmeOrder:
    """The same once more: account, names and how they are proved, key, CSR, strategies.

    Raises InvalidRequest, Failed with the new order, UpstreamError.
    """
    if not failed.is_can_retry:
        raise InvalidRequest(NO_RETRY)
    wanted = orders.OrderRequest(
        account=failed.acme_account,
        private_key=key_again(failed),
        key_strategy=failed.private_key_strategy__requested,
        names=names_of(failed),
        strategy=failed.acme_order_processing_strategy,
        renewal_cycle=failed.private_key_cycle__renewal,
        type=OrderType.RETRY,
        retry_of=failed,
        profile=failed.profile,
    )
    with no_form():
        return orders.new(ctx, wanted)


def key_again(failed: AcmeOrder) -> PrivateKey:
    """The key that the order came to, if it may be used; else the one that was asked for.

    An order that a CA has lost may have had its certificate: then its key is used up.
    """
    is_fresh = failed.private_key.is_key_usable and failed.certificate_signed_id is None
    return failed.private_key if is_fresh else failed.private_key__requested


def renew_quick(ctx: Context, renewed: AcmeOrder, strategy: Strategy) -> AcmeOrder:
    """The same again, with the key that the order's cycle for renewals gives.

    Raises FieldErrors if it can not be renewed so, else as `retry`.
    """
    if not renewed.is_renewable_quick:
        raise FieldErrors(main=NO_RENEW_QUICK)
    account, cycle = renewed.acme_account, renewed.private_key_cycle__renewal
    wanted = orders.OrderRequest(
        account=account,
        private_key=selection.placeholder(ctx),
        key_strategy=private_key_cycles.strategy_of(cycle, account),
        names=names_of(renewed),
        strategy=strategy,
        renewal_cycle=cycle,
        type=OrderType.RENEW_QUICK,
        renewal_of=renewed,
        profile=renewed.profile,
    )
    with no_form():
        return orders.new(ctx, wanted)


def renew_custom(ctx: Context, renewed: AcmeOrder, chosen: Chosen) -> AcmeOrder:
    """The same names again, the rest by choice. As `renew_quick` otherwise."""
    require_custom(renewed)
    wanted = orders.OrderRequest(
        account=chosen.account,
        private_key=chosen.private_key,
        key_strategy=chosen.key_strategy,
        names=names_of(renewed),
        strategy=chosen.strategy,
        renewal_cycle=chosen.cycle,
        type=OrderType.RENEW_CUSTOM,
        renewal_of=renewed,
        profile=chosen.profile,
    )
    try:
        return orders.new(ctx, wanted)
    except Conflict as exc:
        raise InvalidRequest(str(exc)) from exc


def require_custom(renewed: AcmeOrder) -> None:
    if not renewed.is_renewable_custom:
        raise FieldErrors(main=NO_RENEW_CUSTOM)


def names_of(order: AcmeOrder) -> dict[str, ChallengeType]:
    """The names of an order, and how each is proved."""
    return {name: kind for kind, names in order.domains_challenged.items() for name in names or ()}


@contextlib.contextmanager
def no_form() -> Iterator[None]:
    """The names stand in no form that could be corrected: what is wrong with them is a refusal."""
    try:
        yield
    except (FieldErrors, Conflict) as exc:
        raise InvalidRequest(str(exc)) from exc
