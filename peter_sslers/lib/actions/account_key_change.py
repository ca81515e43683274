"""Key rollover: RFC 8555 section 7.3.5."""

from __future__ import annotations

from ...enums import AccountKeySource, AcmeEvent, KeyTechnology, OperationsEventType
from ...errors import Conflict, FieldErrors, InvalidRequest, SslersError, UpstreamError
from ...model import AcmeAccount, AcmeAccountKey
from .. import acme_v2
from ..context import Context
from ..database import LOCKED
from ..journal import Subject
from ..store import events
from . import account_keys, account_server, accounts, rate_limits
from .acme import client_of

NOT_CHANGEABLE = "This AcmeAccount can not be key changed"
UNDER_WAY = (
    "A key change of this AcmeAccount is under way, or was cut off a moment ago. Try again in a "
    "quarter of an hour."
)


def key_change(
    ctx: Context, account: AcmeAccount, proof: str, technology: KeyTechnology | None = None
) -> None:
    """Give the account a new key, of the same kind unless another is asked for.

    The new key's row is committed before the CA hears of it; when the answer is lost, Failed, and
    the next use of the account finds out which key the CA knows (see `account_keys.settle`).
    """
    if not account.is_can_key_change or not account.is_usable:
        raise InvalidRequest(NOT_CHANGEABLE)
    with account_server.refusals_on_form(ctx, account):
        if account.timestamp_key_change_began:
            client_of(ctx, account)  # which settles what can be settled
        account_server.prove(ctx, account, "key_pem_existing", proof)
        client = account_server.located(ctx, account)
        if client.server.directory(client.watch).key_change is None:
            raise FieldErrors(
                main=f"{account.acme_account_provider.name} does not offer a change of keys."
            )
    old, new = _announce(ctx, account, technology)
    ctx.journal.asking(Subject(AcmeEvent.KEY_CHANGE, account))
    try:
        acme_v2.accounts.key_change(client, ctx.x509.account_key(new.key_pem or ""))
    except UpstreamError as exc:
        # Of a message that went out twice the first may be what the CA refuses the second for.
        is_refused = isinstance(exc, acme_v2.Problem) and exc.is_no and client.sent <= 1
        raise _not_done(ctx, account, new, exc, is_refused) from exc
    with ctx.commit():
        account_keys.swap(ctx, account, new)
        events.record(
            ctx,
            OperationsEventType.ACME_ACCOUNT_KEY_CHANGE,
            {
                "acme_account.id": account.id,
                "acme_account_key-old.id": old,
                "acme_account_key-new.id": new.id,
            },
        )


def _announce(
    ctx: Context, account: AcmeAccount, technology: KeyTechnology | None
) -> tuple[int, AcmeAccountKey]:
    """Commit the new key, not active yet. The old one's id, and the new row."""
    old = account.acme_account_key
    if old is None:
        raise InvalidRequest(NOT_CHANGEABLE)
    pem = accounts.new_key(ctx, technology or old.key_technology)
    with ctx.commit():
        ctx.db.refresh(account, ("is_active", "timestamp_key_change_began"), with_for_update=LOCKED)
        if account.timestamp_key_change_began:
            raise Conflict(UNDER_WAY)
        events.record(ctx, OperationsEventType.ACME_ACCOUNT_KEY_CHANGE)
        new = accounts.account_key(ctx, account, pem, AccountKeySource.GENERATED)
        new.is_active = None
        events.created(ctx, OperationsEventType.ACME_ACCOUNT_KEY_CREATE, new)
        account.timestamp_key_change_began = ctx.clock()
    return old.id, new


def _not_done(
    ctx: Context, account: AcmeAccount, new: AcmeAccountKey, exc: UpstreamError, is_refused: bool
) -> SslersError:
    """After a clear no the new key goes; after anything else the CA may have taken it."""
    if not is_refused:
        with ctx.commit():
            pass  # the event log
        text = f"{exc}. Which key the CA knows is found out when the account is next used."
        return rate_limits.failed(account, exc, text)
    with ctx.commit():
        account.timestamp_key_change_began = None
        events.forget_object(ctx, new)
        ctx.db.delete(new)
    return exc if isinstance(exc, acme_v2.RateLimited) else FieldErrors(main=str(exc))
