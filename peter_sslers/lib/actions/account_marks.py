"""What an operator sets on an account by hand; the CA is not told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from ...enums import KeyTechnology, OperationsEventType, PrivateKeyCycle
from ...errors import FieldErrors
from ...model import AcmeAccount
from ..acme_v2 import ExternalAccountBinding
from ..context import Context
from ..store import events
from . import account_binding, profiles


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


@dataclass(frozen=True)
class Edit:
    """What an account is to be from now on; None leaves the binding or the profile as it is."""

    cycle: PrivateKeyCycle
    technology: KeyTechnology
    binding: ExternalAccountBinding | None = None
    profile: str | None = None  # `profiles.NONE`: none


def edit(ctx: Context, account: AcmeAccount, wanted: Edit) -> None:
    """Store and log what is different."""
    asked = {
        "private_key_cycle": wanted.cycle,
        "private_key_technology": wanted.technology,
        "profile": profiles.for_account(ctx, account, wanted.profile),
    }
    with ctx.commit():
        ctx.db.refresh(account, [*asked, "eab_kid", "eab_hmac"], with_for_update=True)
        old = {name: getattr(account, name) for name in asked}
        changed = {name: value for name, value in asked.items() if value != old[name]}
        rebound = wanted.binding not in {None, account_binding.of(account)}
        if not changed and not rebound:
            return
        for name, value in changed.items():
            setattr(account, name, value)
        account_binding.put(account, wanted.binding)
        payload = {
            "acme_account_id": account.id,
            "action": "edit",
            "edit": {
                "old": {name: old[name] for name in changed},
                "new": {**changed, **({"external_account_binding": "set"} if rebound else {})},
            },
        }
        event = events.record(ctx, OperationsEventType.ACME_ACCOUNT_EDIT, payload)
        events.record_object(ctx, event, _edited(changed), account)


def _edited(changed: Mapping[str, object]) -> OperationsEventType:
    if "private_key_technology" in changed:
        return OperationsEventType.ACME_ACCOUNT_EDIT_PRIVATE_KEY_TECHNOLOGY
    if "private_key_cycle" in changed:
        return OperationsEventType.ACME_ACCOUNT_EDIT_PRIVATE_KEY_CYCLE
    return OperationsEventType.ACME_ACCOUNT_EDIT
