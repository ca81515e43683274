"""Accounts whose row goes: one that the CA did not take, or that is another of ours."""

from __future__ import annotations

from sqlalchemy import select, update

from ...enums import OperationsEventType
from ...errors import Conflict
from ...model import (
    AcmeAccount,
    AcmeEventLog,
    AcmeOrder,
    AcmeOrderless,
    PrivateKey,
    QueueCertificate,
)
from ..context import Context
from ..store import acme_usage, events
from . import account_binding

# What is an account's own and can not become another's.
KEPT = {
    "AcmeOrders": AcmeOrder.acme_account_id,
    "AcmeOrderless": AcmeOrderless.acme_account_id,
    "PrivateKeys": PrivateKey.acme_account_id__owner,
    "QueueCertificates": QueueCertificate.acme_account_id,
}


def forget(ctx: Context, account: AcmeAccount) -> None:
    """Remove an account that the CA did not take; inside a commit. Its log rows stay."""
    _log_rows_go_to(ctx, account, None)
    events.forget_object(ctx, account)
    for key in account.acme_account_keys_all:
        events.forget_object(ctx, key)
        ctx.db.delete(key)
    ctx.db.flush()
    ctx.db.delete(account)


def merge(ctx: Context, older: AcmeAccount, newer: AcmeAccount) -> AcmeAccount:
    """The CA says that both are one account; inside a commit.

    The older keeps its id, and gets the newer's keys, its external account binding, and its place
    as the global default. Raises Conflict when the newer has anything else.
    """
    if kept := kept_by(ctx, newer):
        raise Conflict(
            f"the CA knows the key of AcmeAccount {newer.id} as AcmeAccount {older.id}; they can "
            f"not become one, for AcmeAccount {newer.id} has {', '.join(kept)}"
        )
    event = events.record(ctx, OperationsEventType.ACME_ACCOUNT_AUTHENTICATE)
    events.describe(event, {"acme_account.id": older.id, "acme_account.id.merged": newer.id})
    for retired in older.acme_account_keys_all:
        if retired.is_active:
            retired.is_active = None
            retired.timestamp_deactivated = ctx.now
    is_default, newer.is_global_default = newer.is_global_default, None
    ctx.db.flush()  # there is one active key, and one default, at most at any time
    if is_default and older.is_active:
        older.is_global_default = True
        default = OperationsEventType.ACME_ACCOUNT_MARK_DEFAULT
        events.record_object(ctx, event, default, older)
    account_binding.put(older, account_binding.of(newer))
    for key in newer.acme_account_keys_all:
        key.acme_account_id = older.id
    ctx.db.flush()
    ctx.db.expire(newer)
    _log_rows_go_to(ctx, newer, older.id)
    events.forget_object(ctx, newer)
    ctx.db.delete(newer)
    older.timestamp_last_authenticated = ctx.now
    ctx.db.flush()
    ctx.db.expire(older)
    return older


def kept_by(ctx: Context, account: AcmeAccount) -> list[str]:
    """What the account has that can not become another's, in words."""
    return [
        words
        for words, column in KEPT.items()
        if ctx.db.scalar(select(column).where(column == account.id).limit(1)) is not None
    ]


def _log_rows_go_to(ctx: Context, account: AcmeAccount, other: int | None) -> None:
    ctx.journal.moved("acme_account_id", account.id, other)
    acme_usage.forget(ctx.db, account)
    ctx.db.flush()
    ctx.db.execute(
        update(AcmeEventLog)
        .where(AcmeEventLog.acme_account_id == account.id)
        .values(acme_account_id=other)
    )
