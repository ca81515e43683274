"""New orders: what is asked for is checked and committed before the CA hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ...enums import (
    ChallengeType,
    OperationsEventType,
    OrderStatus,
    OrderType,
    PrivateKeyCycle,
    PrivateKeyStrategy,
    ProcessingStatus,
    ProcessingStrategy,
)
from ...errors import Conflict, FieldErrors
from ...model import AcmeAccount, AcmeOrder, AcmeOrder2AcmeChallengeTypeSpecific, PrivateKey
from ..context import Context
from ..store import acme_challenges, domains, domains_blocklisted, events, unique_fqdn_sets
from . import accounts, leases, order_processing, order_submission, profiles, rate_limits
from .private_keys import require_usable

MOST_NAMES = 100  # what the large CAs put into one certificate

EVENT_OF_TYPE = {
    OrderType.RETRY: OperationsEventType.ACME_ORDER_NEW_RETRY,
    OrderType.RENEW_QUICK: OperationsEventType.ACME_ORDER_RENEW_QUICK,
    OrderType.RENEW_CUSTOM: OperationsEventType.ACME_ORDER_RENEW_CUSTOM,
}


@dataclass(frozen=True)
class OrderRequest:
    """All that makes an order. `names` says for each name or IP address how it is proved."""

    account: AcmeAccount
    private_key: PrivateKey  # id 0: decided when the order is finalized
    key_strategy: PrivateKeyStrategy
    names: Mapping[str, ChallengeType]
    strategy: ProcessingStrategy
    renewal_cycle: PrivateKeyCycle = PrivateKeyCycle.ACCOUNT_KEY_DEFAULT
    type: OrderType = OrderType.NEW
    retry_of: AcmeOrder | None = None
    renewal_of: AcmeOrder | None = None
    profile: str | None = None  # None: the account's


def nothing_more() -> None:
    pass


def new(
    ctx: Context, wanted: OrderRequest, require: Callable[[], None] = nothing_more
) -> AcmeOrder:
    """Place an order at the CA and, by its strategy, carry it through.

    `require` raises what else is against it, in the commit that writes the order down.

    Raises FieldErrors or Conflict for what is wrong on our side, and TryLater while the CA wants to
    be left alone, with nothing stored; UpstreamError when the CA refused the order, with nothing
    stored; Failed, with the order, for all that goes wrong after that.
    """
    if wanted.account.account_url is None:
        check(ctx, wanted)  # no account is registered for an order that we refuse ourselves
    accounts.ensure_registered(ctx, wanted.account)
    profile = profiles.chosen(ctx, wanted.account, wanted.profile)
    with ctx.commit():
        require()
        check(ctx, wanted)
        order = write_down(ctx, wanted)
        order.profile = profile
    with leases.ended(ctx, order):
        placed = order_submission.submit(ctx, order)
        if placed is order and wanted.strategy is ProcessingStrategy.PROCESS_SINGLE:
            order_processing.carry_through(ctx, order)
    if placed is not order and wanted.strategy is ProcessingStrategy.PROCESS_SINGLE:
        order_processing.go_on(ctx, placed)
    return placed


def check(ctx: Context, wanted: OrderRequest) -> None:
    """All that can be known without the CA."""
    if len(wanted.names) > MOST_NAMES:
        by_http = ChallengeType.HTTP_01 in wanted.names.values()
        field = "domain_names_http01" if by_http else "domain_names_dns01"
        raise FieldErrors({field: f"{len(wanted.names)} names; at most {MOST_NAMES} fit"})
    require_usable(ctx, wanted.private_key, wanted.account)
    rate_limits.require_none(ctx, wanted.account, wanted.names)
    if found := domains_blocklisted.among(ctx.db, wanted.names):
        raise FieldErrors(main=f"The following Domains are blocklisted: {', '.join(found)}")
    if lacking := without_acme_dns(ctx, wanted.names):
        raise FieldErrors(
            main=f"The following Domains are not configured with ACME-DNS: {', '.join(lacking)}"
        )
    if ctx.settings.block_competing_challenges:
        refuse_competition(ctx, wanted.names)


def without_acme_dns(ctx: Context, names: Mapping[str, ChallengeType]) -> list[str]:
    """The dns-01 names whose record we cannot write. A wildcard is proved at its parent."""
    wanted = {n.removeprefix("*.") for n, kind in names.items() if kind is ChallengeType.DNS_01}
    return sorted(wanted - domains.with_active_acme_dns(ctx.db, wanted)) if wanted else []


def refuse_competition(ctx: Context, names: Iterable[str]) -> None:
    """A name has one active challenge at a time: workflows of two orders would mix."""
    plain = {n.removeprefix("*.") for n in names}
    active = ctx.db.execute(acme_challenges.active_on_names(plain)).all()
    if active:
        told = ", ".join(f"`{name}` ({kind})" for name, kind in active)
        raise Conflict(f"One or more domains already have active challenges: {told}.")


def write_down(ctx: Context, wanted: OrderRequest) -> AcmeOrder:
    """The order's rows, before the CA knows of it."""
    event = EVENT_OF_TYPE.get(wanted.type, OperationsEventType.ACME_ORDER_NEW_AUTOMATED)
    events.record(ctx, event)
    fqdns = unique_fqdn_sets.get_or_create(ctx, wanted.names)
    order = AcmeOrder(
        timestamp_created=ctx.now,
        acme_order_type=wanted.type,
        acme_status_order=OrderStatus.PENDING,
        acme_order_processing_strategy=wanted.strategy,
        acme_order_processing_status=ProcessingStatus.CREATED_LOCAL,
        is_processing=True,
        is_auto_renew=True,
        is_save_alternate_chains=True,
        acme_account=wanted.account,
        private_key__requested=wanted.private_key,
        private_key=wanted.private_key,
        private_key_strategy__requested=wanted.key_strategy,
        private_key_cycle__renewal=wanted.renewal_cycle,
        unique_fqdn_set=fqdns,
        # Said to be empty, for else they would be looked up.
        acme_order_2_acme_challenge_type_specifics=[],
        to_acme_authorizations=[],
        acme_order_id__retry_of=wanted.retry_of.id if wanted.retry_of else None,
        acme_order_id__renewal_of=wanted.renewal_of.id if wanted.renewal_of else None,
    )
    if wanted.retry_of and wanted.retry_of.private_key is wanted.private_key:
        order.certificate_request = wanted.retry_of.certificate_request
        order.private_key_strategy__final = wanted.retry_of.private_key_strategy__final
    leases.begin(ctx, order)
    ctx.db.add(order)
    by_name = {d.domain_name: d for d in fqdns.domains}
    for name, kind in wanted.names.items():
        if kind is not ChallengeType.HTTP_01:
            order.acme_order_2_acme_challenge_type_specifics.append(
                AcmeOrder2AcmeChallengeTypeSpecific(domain=by_name[name], acme_challenge_type=kind)
            )
    return order
