"""Which of an account's keys its CA knows, and the passage from one to the next."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from ...enums import AcmeEvent, OperationsEventType
from ...errors import InvalidRequest
from ...model import AcmeAccount, AcmeAccountKey
from .. import acme_v2
from ..acme_v2 import Client, Server, jws
from ..context import Context
from ..database import LOCKED
from ..journal import Subject
from ..store import acme_challenges, events
from ..store.insert_or_get import current
from . import rate_limits

log = logging.getLogger(__name__)

# Longer than the request of a key change can be under way.
GIVEN_UP_AFTER = timedelta(minutes=15)


def client(ctx: Context, server: Server, account: AcmeAccount, key: AcmeAccountKey) -> Client:
    """A client of the account that signs with `key`; logged, and refused inside of a commit."""
    if not key.key_pem:
        raise InvalidRequest(f"AcmeAccountKey {key.id} is not here any more")
    made = Client(
        server,
        ctx.signing_key(key.key_pem),
        account_url=account.account_url,
        before=ctx.outside,
        on_exchange=rate_limits.listener(ctx, account),
    )
    made.patience_s = rate_limits.patience_s(ctx)
    return made


def candidate(ctx: Context, account: AcmeAccount) -> AcmeAccountKey | None:
    """The key of a key change whose end we do not know: not active, and not retired either."""
    return ctx.db.scalar(
        select(AcmeAccountKey)
        .where(
            AcmeAccountKey.acme_account_id == account.id,
            AcmeAccountKey.is_active.is_(None),
            AcmeAccountKey.timestamp_deactivated.is_(None),
        )
        .order_by(AcmeAccountKey.id.desc())
        .limit(1)
    )


def settle(ctx: Context, server: Server, account: AcmeAccount) -> None:
    """Find out which key the CA knows, after a key change that was cut off.

    The new key's row is committed before the CA hears of it, so that neither key can get lost.
    Here the CA is asked for the account of the new one (RFC 8555 section 7.3.1). While it does not
    know it the old key stays; the change itself may still be under way in another process, so
    nothing is given up before that time is over, and nothing is deleted.
    """
    began = account.timestamp_key_change_began
    new = candidate(ctx, account)
    if new is None or began is None:
        with ctx.commit():
            account.timestamp_key_change_began = None
        return
    if is_known(ctx, client(ctx, server, account, new), account):
        with ctx.commit():
            swap(ctx, account, new)
        log.warning("AcmeAccount %s: the CA has taken the new key, %s", account.id, new.id)
    elif ctx.clock() - began > GIVEN_UP_AFTER:
        with ctx.commit():
            account.timestamp_key_change_began = None
            new.timestamp_deactivated = ctx.now
        log.warning("AcmeAccount %s: the CA has kept the old key", account.id)


def is_known(ctx: Context, asker: Client, account: AcmeAccount) -> bool:
    ctx.journal.asking(Subject(AcmeEvent.NEW_ACCOUNT, account))
    url = account.account_url
    try:
        return acme_v2.accounts.new(asker, contact=[], only_existing=True).url == url
    except acme_v2.Problem as exc:
        if exc.type != "accountDoesNotExist":
            raise
    return False


def swap(ctx: Context, account: AcmeAccount, new: AcmeAccountKey) -> None:
    """From now on the account signs with `new`; inside a commit. Twice is as good as once."""
    ctx.db.refresh(account, ["timestamp_key_change_began"], with_for_update=LOCKED)
    keys = select(AcmeAccountKey).where(AcmeAccountKey.acme_account_id == account.id)
    rows = list(ctx.db.scalars(current(keys)))
    account.timestamp_key_change_began = None
    if not new.is_active:
        for old in rows:
            if old.is_active:
                old.is_active = None
                old.timestamp_deactivated = ctx.now
                retired = OperationsEventType.ACME_ACCOUNT_KEY_MARK_INACTIVE
                event = events.record(ctx, retired, {"acme_account_key.id": old.id})
                events.record_object(ctx, event, retired, old)
        ctx.db.flush()  # one is active at most at any time
        new.is_active = True
        new.timestamp_deactivated = None
    # What the CA will fetch has to name the new key: RFC 8555 section 8.1.
    signer = ctx.x509.account_key(new.key_pem or "")
    for challenge in ctx.db.scalars(acme_challenges.untriggered_of_account(account)):
        if challenge.token:
            challenge.keyauthorization = jws.key_authorization(challenge.token, signer)
    ctx.db.flush()
    ctx.db.expire(account, ["acme_account_key", "acme_account_keys_all"])
