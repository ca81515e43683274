"""What an operator asks of an account's CA: whether it knows the account, and to change it."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from ...enums import AcmeEvent, OperationsEventType
from ...errors import Conflict, Failed, FieldErrors, InvalidRequest, UpstreamError
from ...model import AcmeAccount
from .. import acme_v2, x509
from ..acme_v2 import AccountStatus, Client
from ..context import Context
from ..journal import Subject
from ..store import events
from ..x509.pem import clean_pem
from . import accounts, rate_limits
from .acme import client_of

NOT_AUTHENTICABLE = "This AcmeAccount can not Authenticate"
NOT_DEACTIVATABLE = "This AcmeAccount can not be deactivated"
NOT_PROVED = "This does not match the active account key"
ENDED = {AccountStatus.DEACTIVATED, AccountStatus.REVOKED}
MAILTO = "mailto:"


@dataclass(frozen=True)
class Known:
    """What the CA says of an account; all but `is_known` is empty if it does not know it.

    `terms_of_service`: those that the CA has today.
    """

    is_known: bool
    status: AccountStatus | None = None
    contact: tuple[str, ...] = ()
    terms_of_service: str | None = None


def authenticate(ctx: Context, account: AcmeAccount) -> AcmeAccount:
    """Ask the CA for the account of our key, and store its URL (RFC 8555 section 7.3.1).

    Nothing is made there, unless the account was never registered: then it is, with its contact.
    One that the CA has deactivated is marked so. The answer may be an older account of ours that
    the CA holds to be the same: see `accounts.register`.
    """
    if not account.is_can_authenticate:
        raise InvalidRequest(NOT_AUTHENTICABLE)
    try:
        with logged(ctx):
            return accounts.register(ctx, account, only_existing=True)
    except acme_v2.Problem as exc:
        if says_unknown(exc):
            return unknown(ctx, account, exc)
        if not says_deactivated(exc):
            raise
    with ctx.commit():
        mark_deactivated(ctx, account)
        account.timestamp_last_authenticated = ctx.now
    return account


def unknown(ctx: Context, account: AcmeAccount, exc: acme_v2.Problem) -> AcmeAccount:
    if account.account_url is None and account.is_active:
        with logged(ctx):
            return accounts.find_or_register(ctx, account)
    lost(ctx, account)
    text = f"{exc}. The account is registered anew when it is next used."
    raise Failed(text if account.is_active else str(exc), account) from exc


def lost(ctx: Context, account: AcmeAccount) -> None:
    """The CA does not know the key any more: its URL leads nowhere."""
    with ctx.commit():
        account.account_url = None


def check(ctx: Context, account: AcmeAccount) -> Known:
    """Read the account at the CA and store its state; nothing changes there."""
    if not account.is_can_authenticate:
        raise InvalidRequest(NOT_AUTHENTICABLE)
    try:
        with logged(ctx):
            client = located(ctx, account)
            ctx.journal.asking(Subject(AcmeEvent.ACCOUNT_REQUEST, account))
            said = acme_v2.accounts.fetch(client)
    except acme_v2.Problem as exc:
        if says_deactivated(exc):
            with ctx.commit():
                mark_deactivated(ctx, account)
            return Known(True, AccountStatus.DEACTIVATED)
        if says_unknown(exc):
            lost(ctx, account)
            return Known(False)
        raise
    terms = client.server.directory().terms_of_service
    with ctx.commit():
        store(ctx, account, said, terms)
    return Known(True, said.status, said.contact, terms)


def store(ctx: Context, account: AcmeAccount, said: acme_v2.Account, terms: str | None) -> None:
    """Take over what the CA says; inside a commit. Many CAs keep no contact: ours stays then."""
    if said.status in ENDED:
        mark_deactivated(ctx, account)
    mails = [uri.removeprefix(MAILTO) for uri in said.contact if uri.startswith(MAILTO)]
    mails = [mail for mail in mails if len(mail) <= accounts.LONGEST_CONTACT]
    if mails and account.contact not in mails and not holder(ctx, account, mails[0]):
        account.contact = mails[0]
    account.terms_of_service = account.terms_of_service or terms


def update_contact(ctx: Context, account: AcmeAccount, contact: str) -> None:
    """Tell the CA another e-mail address, and store it (RFC 8555 section 7.3.2)."""
    if not account.is_active:
        raise InvalidRequest(f"AcmeAccount {account.id} is not active")
    if holder(ctx, account, contact):
        raise FieldErrors({"account__contact": accounts.OTHER_KEY})
    with refusals_on_form(ctx, account):
        client = located(ctx, account)
        ctx.journal.asking(Subject(AcmeEvent.ACCOUNT_UPDATE, account))
        acme_v2.accounts.update(client, contact=[contact])
    with ctx.commit():
        if account.contact == contact:
            return
        payload = {
            "acme_account_id": account.id,
            "action": "update-contact",
            "edit": {"old": {"contact": account.contact}, "new": {"contact": contact}},
        }
        account.contact = contact
        event = events.record(ctx, OperationsEventType.ACME_ACCOUNT_EDIT, payload)
        events.record_object(ctx, event, OperationsEventType.ACME_ACCOUNT_EDIT, account)


def holder(ctx: Context, account: AcmeAccount, contact: str) -> AcmeAccount | None:
    """Another account with that contact at the same CA."""
    return ctx.db.scalar(
        select(AcmeAccount).where(
            AcmeAccount.acme_account_provider_id == account.acme_account_provider_id,
            func.lower(AcmeAccount.contact) == contact.lower(),
            AcmeAccount.id != account.id,
        )
    )


def deactivate(ctx: Context, account: AcmeAccount, proof: str) -> None:
    """End the account at its CA, for ever (RFC 8555 section 7.3.6)."""
    if not account.is_can_deactivate:
        raise InvalidRequest(NOT_DEACTIVATABLE)
    prove(ctx, account, "key_pem", proof)
    with ctx.commit():
        events.record(ctx, OperationsEventType.ACME_ACCOUNT_DEACTIVATE)
    with refusals_on_form(ctx, account):
        client = located(ctx, account)
        ctx.journal.asking(Subject(AcmeEvent.ACCOUNT_DEACTIVATE, account))
        status = acme_v2.accounts.deactivate(client).status
    if status not in ENDED:
        raise FieldErrors(main=f"The CA says that the account is {status} all the same.")
    with ctx.commit():
        mark_deactivated(ctx, account)


def prove(ctx: Context, account: AcmeAccount, field: str, proof: str) -> None:
    """Whoever ends or changes a key has to show it: its PEM, or the PEM's MD5.

    Raises FieldErrors.
    """
    key = account.acme_account_key
    text = proof.strip()
    if key is None or not key.key_pem:
        raise FieldErrors({field: NOT_PROVED})
    if hmac.compare_digest(text.lower().encode(), key.key_pem_md5.lower().encode()):
        return
    if hmac.compare_digest(clean_pem(text).encode(), key.key_pem.encode()):
        return
    try:
        if ctx.x509.key(text).spki_sha256 == key.spki_sha256:
            return
    except x509.X509Error:
        pass  # told below, in the words that clients know
    raise FieldErrors({field: NOT_PROVED})


def located(ctx: Context, account: AcmeAccount) -> Client:
    """A client that knows the account's URL; asks the CA for it by the key if we do not.

    Registers nothing: the Problem is `accountDoesNotExist`.
    """
    if account.account_url is None:
        found = accounts.register(ctx, account, only_existing=True)
        if found is not account:
            raise Conflict(f"the CA knows this key as AcmeAccount {found.id}; use that one")
    return client_of(ctx, account)


@contextlib.contextmanager
def logged(ctx: Context) -> Iterator[None]:
    """What was asked is in the event log also when the CA refuses."""
    try:
        yield
    except UpstreamError:
        with ctx.commit():
            pass
        raise


@contextlib.contextmanager
def refusals_on_form(ctx: Context, account: AcmeAccount) -> Iterator[None]:
    """The CA's no is a FieldErrors in its words; no answer is Failed, with the account."""
    try:
        with logged(ctx):
            yield
    except acme_v2.Problem as exc:
        if says_deactivated(exc):
            with ctx.commit():
                mark_deactivated(ctx, account)
        if isinstance(exc, acme_v2.RateLimited):
            raise  # it says when there is a next time
        if not exc.is_no:
            raise rate_limits.failed(account, exc) from exc
        raise FieldErrors(main=str(exc)) from exc
    except UpstreamError as exc:
        raise rate_limits.failed(account, exc) from exc


def says_deactivated(exc: acme_v2.Problem) -> bool:
    """RFC 8555 section 7.3.6."""
    return exc.type == "unauthorized" and "deactivated" in exc.detail


def says_unknown(exc: acme_v2.Problem) -> bool:
    return exc.type == accounts.UNKNOWN or isinstance(exc, acme_v2.Gone)


def mark_deactivated(ctx: Context, account: AcmeAccount) -> None:
    """The CA has ended the account; inside a commit."""
    if account.timestamp_deactivated and not account.is_active:
        return
    account.is_active = False
    account.timestamp_deactivated = account.timestamp_deactivated or ctx.now
    kind = OperationsEventType
    event = events.record(ctx, kind.ACME_ACCOUNT_DEACTIVATE, {"acme_account.id": account.id})
    events.record_object(ctx, event, kind.ACME_ACCOUNT_MARK_DEACTIVATED, account)
    if account.is_global_default:
        account.is_global_default = None
        events.record_object(ctx, event, kind.ACME_ACCOUNT_MARK_NOTDEFAULT, account)
