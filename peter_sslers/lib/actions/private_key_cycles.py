"""Which private key an order gets: the one it names, a new one, the day's or the week's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...enums import (
    KeyTechnology,
    OrderType,
    PrivateKeyCycle,
    PrivateKeySource,
    PrivateKeyStrategy,
    PrivateKeyType,
)
from ...errors import InvalidRequest
from ...model import AcmeAccount, AcmeOrder, PrivateKey
from ...model.private_key import CALENDAR, calendar_period
from ..context import Context
from ..store.insert_or_get import current, insert_or_get
from . import private_keys, retries

TYPE_OF_CYCLE = {
    PrivateKeyCycle.SINGLE_CERTIFICATE: PrivateKeyType.SINGLE_CERTIFICATE,
    PrivateKeyCycle.ACCOUNT_DAILY: PrivateKeyType.ACCOUNT_DAILY,
    PrivateKeyCycle.ACCOUNT_WEEKLY: PrivateKeyType.ACCOUNT_WEEKLY,
    PrivateKeyCycle.GLOBAL_DAILY: PrivateKeyType.GLOBAL_DAILY,
    PrivateKeyCycle.GLOBAL_WEEKLY: PrivateKeyType.GLOBAL_WEEKLY,
}
GLOBAL = {PrivateKeyType.GLOBAL_DAILY, PrivateKeyType.GLOBAL_WEEKLY}


@dataclass(frozen=True)
class Chosen:
    """A key that is decided, and maybe made, but not stored.

    `store` is called inside a commit. What it gives may be another key than that of `pem`: somebody
    else may have made the day's key meanwhile.
    """

    pem: str
    store: Callable[[], tuple[PrivateKey, PrivateKeyStrategy]]


def resolved(cycle: PrivateKeyCycle, account: AcmeAccount) -> PrivateKeyCycle:
    """A cycle that says when there is a new key: the account's own for `account_key_default`."""
    is_accounts = cycle is PrivateKeyCycle.ACCOUNT_KEY_DEFAULT
    return account.private_key_cycle if is_accounts else cycle


def strategy_of(cycle: PrivateKeyCycle, account: AcmeAccount) -> PrivateKeyStrategy:
    """How an order that follows a cycle comes to its key; its `private_key` is the placeholder."""
    if resolved(cycle, account) is PrivateKeyCycle.SINGLE_CERTIFICATE:
        return PrivateKeyStrategy.DEFERRED_GENERATE
    return PrivateKeyStrategy.DEFERRED_ASSOCIATE


def cycle_of(order: AcmeOrder) -> PrivateKeyCycle:
    """The cycle that an order's key is of.

    A renewal follows what the renewed order asked for its renewals, and so does a retry of such a
    renewal. A custom renewal chooses for itself, as a new order does: the account's cycle.
    """
    first = retries.first_try(order)
    before = first.acme_order__renewal_of
    if before is not None and first.acme_order_type is not OrderType.RENEW_CUSTOM:
        return resolved(before.private_key_cycle__renewal, order.acme_account)
    return order.acme_account.private_key_cycle


def for_order(ctx: Context, order: AcmeOrder) -> Chosen:
    """The key that an order is finalized with: decided now, stored by the result's `store`.

    A new key is made before the write transaction, for RSA 4096 takes up to seconds. `store` raises
    InvalidRequest when the key was marked unusable meanwhile: there is another one the next time.
    """
    key, requested = order.private_key, order.private_key_strategy__requested
    if not key.is_placeholder:
        if key.is_key_usable:
            return _kept(ctx, key, requested)
        return of_cycle(ctx, order.acme_account, cycle_of(order), PrivateKeyStrategy.BACKUP)
    if requested is PrivateKeyStrategy.DEFERRED_GENERATE:
        return of_cycle(ctx, order.acme_account, PrivateKeyCycle.SINGLE_CERTIFICATE, requested)
    if requested is PrivateKeyStrategy.DEFERRED_ASSOCIATE:
        return of_cycle(ctx, order.acme_account, cycle_of(order), requested)
    raise InvalidRequest(f"AcmeOrder {order.id} has no PrivateKey and does not say how to get one")


def of_cycle(
    ctx: Context, account: AcmeAccount, cycle: PrivateKeyCycle, strategy: PrivateKeyStrategy
) -> Chosen:
    """The key of a cycle: today's or this week's, or a new one. The account's for its default."""
    kind = TYPE_OF_CYCLE[resolved(cycle, account)]
    if kind in CALENDAR and (found := current_key(ctx, kind, account)):
        return _kept(ctx, found, strategy)
    technology = technology_of(kind, account)
    made = ctx.x509.key(ctx.x509.new_key(technology))
    owner = None if kind in GLOBAL else account

    def insert(calendar_key: str | None = None) -> PrivateKey:
        source = PrivateKeySource.GENERATED
        return private_keys.insert(ctx, made, source, kind, owner, calendar_key)

    def put() -> tuple[PrivateKey, PrivateKeyStrategy]:
        if kind not in CALENDAR:
            return insert(), strategy
        # Another order may have made this day's key while we made ours: then it is the key.
        slot = calendar_key(kind, account, ctx.now)
        key, _ = insert_or_get(
            ctx.db, lambda again: _in_slot(ctx, slot, again), lambda: insert(slot)
        )
        return key, strategy

    return Chosen(made.pem, put)


def _kept(ctx: Context, key: PrivateKey, strategy: PrivateKeyStrategy) -> Chosen:
    def put() -> tuple[PrivateKey, PrivateKeyStrategy]:
        private_keys.lock(ctx, key)
        if not key.is_key_usable:
            raise InvalidRequest(f"PrivateKey {key.id} was marked unusable just now; try again")
        return key, strategy

    return Chosen(key.key_pem, put)


def current_key(ctx: Context, kind: PrivateKeyType, account: AcmeAccount) -> PrivateKey | None:
    """The usable key of this UTC day or ISO week; `kind` is one of the calendar's."""
    return _in_slot(ctx, calendar_key(kind, account, ctx.now))


def _in_slot(ctx: Context, slot: str, again: bool = False) -> PrivateKey | None:
    query = select(PrivateKey).where(PrivateKey.calendar_key == slot)
    return ctx.db.scalar(current(query) if again else query)


def calendar_key(kind: PrivateKeyType, account: AcmeAccount, moment: datetime) -> str:
    owner = None if kind in GLOBAL else account.id
    return slot_of(kind, moment, technology_of(kind, account), owner)


def slot_of(
    kind: PrivateKeyType, moment: datetime, technology: KeyTechnology, owner: int | None
) -> str:
    """`account_daily 2024.7.3 EC 12`: of each there is one usable key at most.

    An account that changes its technology gets a new key the same day.
    """
    return f"{kind} {calendar_period(kind, moment)} {technology} {owner or 'all'}"


def technology_of(kind: PrivateKeyType, account: AcmeAccount) -> KeyTechnology:
    """Keys that all accounts share are RSA: everybody understands it."""
    return KeyTechnology.RSA if kind in GLOBAL else account.private_key_technology


def free_slot(ctx: Context, key: PrivateKey) -> str | None:
    """The `calendar_key` of a key that becomes usable again, if no other has taken its place."""
    kind = key.private_key_type
    if kind not in CALENDAR:
        return None
    slot = slot_of(kind, key.timestamp_created, key.key_technology, key.acme_account_id__owner)
    return None if _in_slot(ctx, slot, again=True) else slot
