"""External account binding (RFC 8555 section 7.3.4): what ties an account to a CA's customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import FieldErrors, SslersError
from ...model import AcmeAccount, AcmeAccountProvider
from ..acme_v2 import ExternalAccountBinding, jws

KID = "eab_kid"
HMAC_KEY = "eab_hmac_key"
LONGEST = 255


def read(values: Mapping[str, Any]) -> ExternalAccountBinding | None:
    """What a form says, or None. Raises FieldErrors; they never repeat the key."""
    kid, hmac_key = values.get(KID), values.get(HMAC_KEY)
    if not kid and not hmac_key:
        return None
    if not kid:
        raise FieldErrors({KID: f"{HMAC_KEY} is of no use without its key id"})
    if not hmac_key:
        raise FieldErrors({HMAC_KEY: f"{KID} is of no use without its HMAC key"})
    for field, text in ((KID, kid), (HMAC_KEY, hmac_key)):
        if len(text) > LONGEST:
            raise FieldErrors({field: f"Please enter at most {LONGEST} characters"})
    try:
        jws.mac_key(hmac_key)
    except SslersError as exc:
        raise FieldErrors({HMAC_KEY: str(exc)}) from None
    return ExternalAccountBinding(kid, hmac_key)


def require(provider: AcmeAccountProvider, given: ExternalAccountBinding | None) -> None:
    """Say, before the CA does, that a new account needs one. Raises FieldErrors."""
    if given is None:
        text = f"{provider.name} wants an external account binding: enter what it gave you"
        raise FieldErrors({KID: text, HMAC_KEY: text})


def of(account: AcmeAccount) -> ExternalAccountBinding | None:
    if not account.eab_kid or not account.eab_hmac:
        return None
    return ExternalAccountBinding(account.eab_kid, account.eab_hmac)


def put(account: AcmeAccount, binding: ExternalAccountBinding | None) -> None:
    """Store it for the next registration; inside a commit. None leaves what is there."""
    if binding is not None:
        account.eab_kid, account.eab_hmac = binding.kid, binding.hmac_key
