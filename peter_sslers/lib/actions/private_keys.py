"""Private keys: the right one for an order, new ones, uploads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from ...enums import (
    KeyTechnology,
    OperationsEventType,
    PrivateKeyCycle,
    PrivateKeySource,
    PrivateKeyStrategy,
    PrivateKeyType,
)
from ...errors import FieldErrors, InvalidRequest
from ...model import AcmeAccount, AcmeOrder, PrivateKey
from .. import x509
from ..context import Context
from ..store import events, private_keys
from ..x509.pem import clean_pem, md5_hex

TYPE_OF_CYCLE = {
    PrivateKeyCycle.SINGLE_CERTIFICATE: PrivateKeyType.SINGLE_CERTIFICATE,
    PrivateKeyCycle.ACCOUNT_DAILY: PrivateKeyType.ACCOUNT_DAILY,
    PrivateKeyCycle.ACCOUNT_WEEKLY: PrivateKeyType.ACCOUNT_WEEKLY,
    PrivateKeyCycle.GLOBAL_DAILY: PrivateKeyType.GLOBAL_DAILY,
    PrivateKeyCycle.GLOBAL_WEEKLY: PrivateKeyType.GLOBAL_WEEKLY,
}
GLOBAL = {PrivateKeyType.GLOBAL_DAILY, PrivateKeyType.GLOBAL_WEEKLY}
DAILY = {PrivateKeyType.GLOBAL_DAILY, PrivateKeyType.ACCOUNT_DAILY}
CALENDAR = {*GLOBAL, PrivateKeyType.ACCOUNT_DAILY, PrivateKeyType.ACCOUNT_WEEKLY}


def require_usable(ctx: Context, key: PrivateKey, account: AcmeAccount) -> None:
    """Active, not compromised, and no other account's own; else InvalidRequest or FieldErrors."""
    if not key.is_key_usable:
        raise InvalidRequest(f"PrivateKey {key.id} is not usable: it is inactive or compromised")
    owner = key.acme_account_id__owner
    if owner is not None and owner != account.id:
        raise FieldErrors(
            {"private_key_option": f"PrivateKey {key.id} belongs to AcmeAccount {owner}"}
        )


def for_order(
    ctx: Context, order: AcmeOrder
) -> Callable[[], tuple[PrivateKey, PrivateKeyStrategy]]:
    """The key that an order is finalized with: decided now, stored when the result is called.

    A new key is made before the write transaction, for RSA 4096 takes up to seconds; call the
    result inside one.
    """
    key, requested = order.private_key, order.private_key_strategy__requested
    if not key.is_placeholder:
        if key.is_key_usable:
            return lambda: (key, requested)
        return _of_cycle(ctx, order.acme_account, PrivateKeyStrategy.BACKUP)
    if requested is PrivateKeyStrategy.DEFERRED_GENERATE:
        return _generated(ctx, order.acme_account, PrivateKeyType.SINGLE_CERTIFICATE, requested)
    if requested is PrivateKeyStrategy.DEFERRED_ASSOCIATE:
        return _of_cycle(ctx, order.acme_account, requested)
    raise InvalidRequest(f"AcmeOrder {order.id} has no PrivateKey and does not say how to get one")


def _of_cycle(
    ctx: Context, account: AcmeAccount, strategy: PrivateKeyStrategy
) -> Callable[[], tuple[PrivateKey, PrivateKeyStrategy]]:
    """The key of the account's cycle: today's or this week's, or a new one."""
    kind = TYPE_OF_CYCLE[account.private_key_cycle]
    if kind in CALENDAR and (found := current(ctx, kind, account)):
        return lambda: (found, strategy)
    return _generated(ctx, account, kind, strategy)


def _generated(
    ctx: Context, account: AcmeAccount, kind: PrivateKeyType, strategy: PrivateKeyStrategy
) -> Callable[[], tuple[PrivateKey, PrivateKeyStrategy]]:
    technology = KeyTechnology.RSA if kind in GLOBAL else account.private_key_technology
    pem = ctx.x509.new_key(technology)

    def put() -> tuple[PrivateKey, PrivateKeyStrategy]:
        # Another order may have made this day's key while we made ours.
        if kind in CALENDAR and (found := current(ctx, kind, account)):
            return found, strategy
        owner = None if kind in GLOBAL else account
        return insert(ctx, pem, PrivateKeySource.GENERATED, kind, owner), strategy

    return put


def current(ctx: Context, kind: PrivateKeyType, account: AcmeAccount) -> PrivateKey | None:
    """The usable key of this UTC day or ISO week."""
    since = day_of(ctx.now) if kind in DAILY else week_of(ctx.now)
    owner = None if kind in GLOBAL else account.id
    technology = KeyTechnology.RSA if kind in GLOBAL else account.private_key_technology
    return ctx.db.scalar(
        select(PrivateKey)
        .where(
            PrivateKey.private_key_type == kind,
            PrivateKey.timestamp_created >= since,
            PrivateKey.acme_account_id__owner == owner,
            PrivateKey.key_technology == technology,
            PrivateKey.is_active.is_(True),
            PrivateKey.is_compromised.is_not(True),
        )
        .order_by(PrivateKey.id)
        .limit(1)
    )


def day_of(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def week_of(now: datetime) -> datetime:
    """Monday 0:00 UTC of the ISO week."""
    return day_of(now) - timedelta(days=now.weekday())


def insert(
    ctx: Context,
    pem: str,
    source: PrivateKeySource,
    kind: PrivateKeyType,
    owner: AcmeAccount | None = None,
) -> PrivateKey:
    """Store a key that is new to us; inside a commit. `pem` is checked here."""
    parsed = ctx.x509.key(pem)
    key = PrivateKey(
        timestamp_created=ctx.now,
        key_technology=parsed.key_technology,
        key_pem=parsed.pem,
        key_pem_md5=md5_hex(parsed.pem),
        spki_sha256=parsed.spki_sha256,
        is_active=True,
        private_key_source=source,
        private_key_type=kind,
        acme_account__owner=owner,
    )
    words = OperationsEventType
    word = words.PRIVATE_KEY_INSERT
    if kind in CALENDAR:
        word = words.PRIVATE_KEY_INSERT_AUTOGENERATED_CALENDAR
    events.created(ctx, word, key, words.PRIVATE_KEY_INSERT)
    return key


def new(ctx: Context, technology: KeyTechnology, size: int = 0) -> PrivateKey:
    """Make a key of type `standard`: RSA of 2048, 3072 or 4096 bits, EC of 256 or 384."""
    pem = ctx.x509.new_key(technology, size)
    with ctx.commit():
        return insert(ctx, pem, PrivateKeySource.GENERATED, PrivateKeyType.STANDARD)


def upload(ctx: Context, pem: str, field: str = "private_key_file_pem") -> tuple[PrivateKey, bool]:
    """Find or store an uploaded key; True if it is new. Same key in another wrapping is the same.

    Raises FieldErrors on `field` for what is no usable private key.
    """
    parsed = parse(ctx, pem, field)
    with ctx.commit():
        return get_or_create(ctx, parsed)


def parse(ctx: Context, pem: str, field: str) -> x509.PrivateKey:
    try:
        return ctx.x509.key(clean_pem(pem))
    except x509.X509Error as exc:
        raise FieldErrors({field: str(exc)}) from exc


def get_or_create(ctx: Context, parsed: x509.PrivateKey) -> tuple[PrivateKey, bool]:
    """Inside a commit."""
    found = ctx.db.scalar(private_keys.by_spki(parsed.spki_sha256))
    if found:
        return found, False
    return insert(ctx, parsed.pem, PrivateKeySource.IMPORTED, PrivateKeyType.STANDARD), True
