"""ACME accounts: made here or brought along, registered at the CA, chosen by a form."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ...enums import (
    AccountKeySource,
    AcmeEvent,
    KeyTechnology,
    OperationsEventType,
    PrivateKeyCycle,
)
from ...errors import Conflict, FieldErrors, InvalidRequest, UpstreamError
from ...model import AcmeAccount, AcmeAccountKey, AcmeAccountProvider
from .. import acme_v2, x509
from ..acme_v2 import ExternalAccountBinding
from ..context import Context
from ..journal import Subject
from ..store import events, private_keys
from ..x509.pem import clean_pem, md5_hex
from . import account_binding, account_removal, profiles, rate_limits
from .acme import client_of, server_of

LONGEST_CONTACT = 255  # characters that are kept
ACCOUNT_KEY_BITS = {KeyTechnology.RSA: 2048, KeyTechnology.EC: 256}

OTHER_KEY = (
    "The submitted AcmeAccountProvider and contact info is already associated with another "
    "AcmeAccountKey."
)
UNKNOWN = "accountDoesNotExist"  # RFC 8555 section 7.3.1
OTHER_ACCOUNT = "The submited AcmeAccountKey is already associated with another AcmeAccount."


@dataclass(frozen=True)
class NewAccount:
    """What makes an account besides its key."""

    provider: AcmeAccountProvider
    contact: str
    cycle: PrivateKeyCycle = PrivateKeyCycle.SINGLE_CERTIFICATE
    technology: KeyTechnology = KeyTechnology.RSA
    terms_of_service: str | None = None
    account_url: str | None = None
    key_technology: KeyTechnology = KeyTechnology.RSA  # of a key that is made here
    binding: ExternalAccountBinding | None = None
    profile: str | None = None  # what its orders ask for unless they say otherwise


def new(ctx: Context, wanted: NewAccount) -> AcmeAccount:
    """Make a key and an account and register it at the CA (RFC 8555 section 7.3).

    The key is committed before the CA learns of it. If the CA refuses or can not be reached,
    nothing stays: UpstreamError. If its answer is lost the account stays and is registered when it
    is first used: Failed.
    """
    require_unknown(ctx, wanted)
    if wanted.provider.is_eab_required:
        account_binding.require(wanted.provider, wanted.binding)
    ctx.outside()
    if server_of(ctx, wanted.provider).directory().external_account_required:
        account_binding.require(wanted.provider, wanted.binding)
    if wanted.profile:
        profiles.check(ctx, wanted.provider, wanted.profile, "account__profile")
    pem = new_key(ctx, wanted.key_technology)
    with ctx.commit():
        require_unknown(ctx, wanted)
        account = insert(ctx, wanted, pem, AccountKeySource.GENERATED)
    try:
        return register(ctx, account)
    except UpstreamError as exc:
        # After anything but a clear no the CA may have it, and only we have the key.
        if not isinstance(exc, acme_v2.Problem) or not exc.is_no:
            raise rate_limits.failed(account, exc) from exc
        with ctx.commit():
            account_removal.forget(ctx, account)
        raise


def require_unknown(ctx: Context, wanted: NewAccount) -> None:
    """Raises FieldErrors if the provider has an account with this contact already."""
    if by_contact(ctx, wanted):
        raise FieldErrors({"account__contact": OTHER_KEY})


def new_key(ctx: Context, technology: KeyTechnology) -> str:
    """A key for an account, as PEM."""
    return ctx.x509.new_key(technology, ACCOUNT_KEY_BITS[technology])


def upload(ctx: Context, wanted: NewAccount, pem: str, field: str) -> tuple[AcmeAccount, bool]:
    """Find or store an account whose key is brought along; True if it is new. Asks no CA.

    Raises FieldErrors on `field` for what is no account key, Conflict when the key or the contact
    is somebody else's.
    """
    try:
        ctx.x509.account_key(clean_pem(pem))
    except x509.X509Error as exc:
        raise FieldErrors({field: str(exc)}) from exc
    parsed = ctx.x509.key(pem)
    if found := ctx.db.scalar(private_keys.compromised(parsed.spki_sha256)):
        raise FieldErrors({field: f"PrivateKey {found.id} is compromised: it is never used again."})
    with ctx.commit():
        key = ctx.db.scalar(
            select(AcmeAccountKey).where(AcmeAccountKey.spki_sha256 == parsed.spki_sha256)
        )
        account = by_contact(ctx, wanted) or by_url(ctx, wanted)
        if account is not None and key is not None and key.acme_account_id == account.id:
            account_binding.put(account, wanted.binding)
            return account, False
        if key is None and account is None:
            return insert(ctx, wanted, pem, AccountKeySource.IMPORTED), True
        if key is None:
            raise Conflict(OTHER_KEY)
        raise Conflict(OTHER_ACCOUNT)


def by_contact(ctx: Context, wanted: NewAccount) -> AcmeAccount | None:
    if not wanted.contact:
        return None
    return ctx.db.scalar(
        select(AcmeAccount).where(
            AcmeAccount.acme_account_provider_id == wanted.provider.id,
            func.lower(AcmeAccount.contact) == wanted.contact.lower(),
        )
    )


def by_url(ctx: Context, wanted: NewAccount) -> AcmeAccount | None:
    if not wanted.account_url:
        return None
    return ctx.db.scalar(select(AcmeAccount).where(AcmeAccount.account_url == wanted.account_url))


def insert(ctx: Context, wanted: NewAccount, pem: str, source: AccountKeySource) -> AcmeAccount:
    """Store an account with its key; inside a commit."""
    made_here = source is AccountKeySource.GENERATED
    kind = OperationsEventType
    of_account = kind.ACME_ACCOUNT_CREATE if made_here else kind.ACME_ACCOUNT_INSERT
    of_key = kind.ACME_ACCOUNT_KEY_CREATE if made_here else kind.ACME_ACCOUNT_KEY_INSERT
    account = AcmeAccount(
        timestamp_created=ctx.now,
        contact=wanted.contact or None,
        terms_of_service=wanted.terms_of_service,
        account_url=wanted.account_url,
        is_active=True,
        acme_account_provider=wanted.provider,
        private_key_cycle=wanted.cycle,
        private_key_technology=wanted.technology,
        profile=wanted.profile,
    )
    account_binding.put(account, wanted.binding)
    events.created(ctx, of_account, account)
    ctx.db.flush()
    events.created(ctx, of_key, account_key(ctx, account, pem, source))
    ctx.db.flush()
    ctx.db.refresh(account)
    return account


def account_key(
    ctx: Context, account: AcmeAccount, pem: str, source: AccountKeySource
) -> AcmeAccountKey:
    parsed = ctx.x509.key(pem)
    return AcmeAccountKey(
        acme_account_id=account.id,
        is_active=True,
        timestamp_created=ctx.now,
        key_technology=parsed.key_technology,
        key_pem=parsed.pem,
        key_pem_md5=md5_hex(parsed.pem),
        spki_sha256=parsed.spki_sha256,
        acme_account_key_source=source,
    )


def register(ctx: Context, account: AcmeAccount, *, only_existing: bool = False) -> AcmeAccount:
    """newAccount: makes the account at the CA, or finds it by its key.

    If the CA knows the key under an account of ours, that older account gets the key and is
    returned, and the new row goes. Raises Conflict where it can not.
    """
    client = client_of(ctx, account)
    terms = client.server.directory(client.watch).terms_of_service
    ctx.journal.asking(Subject(AcmeEvent.NEW_ACCOUNT, account))
    contact = [account.contact] if account.contact else []
    said = acme_v2.accounts.new(
        client,
        contact=contact,
        only_existing=only_existing,
        eab=account_binding.of(account),
    )
    with ctx.commit():
        older = ctx.db.scalar(
            select(AcmeAccount).where(
                AcmeAccount.account_url == said.url, AcmeAccount.id != account.id
            )
        )
        if older is not None and account.account_url is None:
            return account_removal.merge(ctx, older, account)
        if older is not None:
            raise Conflict(f"the CA knows this key as AcmeAccount {older.id}")
        event = events.record(ctx, OperationsEventType.ACME_ACCOUNT_AUTHENTICATE)
        events.describe(event, {"acme_account.id": account.id})
        account.account_url = said.url
        if not only_existing:
            account.terms_of_service = terms
        account.timestamp_last_authenticated = ctx.now
    return account


def find_or_register(ctx: Context, account: AcmeAccount) -> AcmeAccount:
    """The account of this key at its CA; made if there is none, and if we have what that takes."""
    client = client_of(ctx, account)
    asked = client.server.directory(client.watch).external_account_required
    if account_binding.of(account) is not None or not asked:
        return register(ctx, account)
    try:
        return register(ctx, account, only_existing=True)
    except acme_v2.Problem as exc:
        if exc.type != UNKNOWN:
            raise
    name = account.acme_account_provider.name
    raise InvalidRequest(
        f"{name} does not know AcmeAccount {account.id} and registers none without an external "
        "account binding: edit the account and enter `eab_kid` and `eab_hmac_key`"
    )


def ensure_registered(ctx: Context, account: AcmeAccount) -> None:
    """Before an account is used: the CA must know it. Known account URLs are taken as they are."""
    if not account.is_usable:
        raise InvalidRequest(f"AcmeAccount {account.id} is not active, or has no active key")
    server_of(ctx, account.acme_account_provider)
    if account.account_url is None:
        found = find_or_register(ctx, account)
        if found is not account:
            raise Conflict(f"the CA knows this key as AcmeAccount {found.id}; use that one")


__all__ = ["NewAccount", "UpstreamError", "ensure_registered", "new", "register", "upload"]
