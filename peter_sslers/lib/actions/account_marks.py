"""What an operator sets on an account by hand, and what the CA says of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import select

from ...enums import OperationsEventType
from ...errors import FieldErrors, InvalidRequest
from ...model import AcmeAccount
from .. import acme_v2
from ..context import Context
from ..store import events
from . import accounts


class Mark(StrEnum):
    GLOBAL_DEFAULT = "global_default"
    ACTIVE = "active"
    INACTIVE = "inactive"


STATE = ("is_active", "is_global_default", "timestamp_deactivated")
EVENT = {
    Mark.GLOBAL_DEFAULT: OperationsEventType.ACME_ACCOUNT_MARK_DEFAULT,
    Mark.ACTIVE: OperationsEventType.ACME_ACCOUNT_MARK_ACTIVE,
    Mark.INACTIVE: OperationsEventType.ACME_ACCOUNT_MARK_INACTIVE,
}


def mark(ctx: Context, account: AcmeAccount, to: Mark) -> None:
    """Make an account the global default, active or inactive. Raises FieldErrors if it can not."""
    with ctx.commit():
        ctx.db.refresh(account, STATE, with_for_update=True)
        if reason := refusal(account, to):
            raise FieldErrors(main=reason)
        event = events.record(ctx, OperationsEventType.ACME_ACCOUNT_MARK)
        told: dict[str, Any] = {"acme_account_id": account.id, "action": str(to)}
        match to:
            case Mark.GLOBAL_DEFAULT:
                former = ctx.db.scalar(
                    select(AcmeAccount).where(AcmeAccount.is_global_default.is_(True))
                )
                if former is not None:
                    former.is_global_default = None
                    ctx.db.flush()  # there is one at most at any time
                    told["acme_account_id.former_default"] = former.id
                    events.record_object(
                        ctx, event, OperationsEventType.ACME_ACCOUNT_MARK_NOTDEFAULT, former
                    )
                account.is_global_default = True
            case Mark.ACTIVE:
                account.is_active = True
            case Mark.INACTIVE:
                account.is_active = False
        events.describe(event, told)
        events.record_object(ctx, event, EVENT[to], account)


def refusal(account: AcmeAccount, to: Mark) -> str | None:
    """Why a mark is refused, or None."""
    match to:
        case Mark.ACTIVE:
            return _not_active(account)
        case Mark.INACTIVE:
            if not account.is_active:
                return "Already deactivated."
            if account.is_global_default:
                return "This is the global default: make another account the default first."
        case Mark.GLOBAL_DEFAULT:
            return _not_default(account)
    return None


def _not_active(account: AcmeAccount) -> str | None:
    if account.is_active:
        return "Already activated."
    if account.timestamp_deactivated:
        return "This AcmeAccount was deactivated at its CA, which is final."
    return None


def _not_default(account: AcmeAccount) -> str | None:
    if account.is_global_default:
        return "Already global default."
    if not account.acme_account_provider.is_default:
        return "Only an AcmeAccount of the default AcmeAccountProvider can be the global default."
    if not account.is_usable:
        return "Only an active AcmeAccount with an active key can be the global default."
    return None


def authenticate(ctx: Context, account: AcmeAccount) -> AcmeAccount:
    """Ask the CA for the account by its key (RFC 8555 section 7.3), and register it if it is new.

    An account that the CA has deactivated is marked so. The answer may be an older account of
    ours that the CA holds to be the same: see `accounts.register`.
    """
    if not account.is_can_authenticate:
        raise InvalidRequest("This AcmeAccount can not Authenticate")
    try:
        return accounts.register(ctx, account)
    except acme_v2.Problem as exc:
        # RFC 8555 section 7.3.6
        if exc.type != "unauthorized" or "deactivated" not in exc.detail:
            raise
    with ctx.commit():
        account.is_active = False
        account.timestamp_deactivated = account.timestamp_deactivated or ctx.now
        account.timestamp_last_authenticated = ctx.now
        if account.is_global_default:
            account.is_global_default = None
        event = events.record(ctx, OperationsEventType.ACME_ACCOUNT_DEACTIVATE)
        events.describe(event, {"acme_account.id": account.id})
        events.record_object(ctx, event, OperationsEventType.ACME_ACCOUNT_DEACTIVATE, account)
    return account
