"""An account that comes in files: a PEM key with a contact, or the three files of Certbot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from ...enums import KeyTechnology
from ...errors import FieldErrors
from ...model import AcmeAccountProvider
from .. import x509
from ..context import Context
from . import account_binding
from .accounts import LONGEST_CONTACT, NewAccount

PEM = "account_key_file_pem"
META = "account_key_file_le_meta"
JWK = "account_key_file_le_pkey"
REGISTRATION = "account_key_file_le_reg"
CERTBOT = (META, JWK, REGISTRATION)
CONTACT = "account__contact"
CYCLE = "account__private_key_cycle"
PROVIDER = "acme_account_provider_id"
LONGEST_URL = 2_048


@dataclass(frozen=True)
class Brought:
    """What the files say; `field` is the one that holds the key."""

    wanted: NewAccount
    pem: str
    field: str


def read(ctx: Context, values: Mapping[str, Any]) -> Brought:
    """The account of a form's files. Raises FieldErrors; stores nothing."""
    certbot = [name for name in CERTBOT if values.get(name)]
    complete = len(certbot) == len(CERTBOT)
    if bool(values.get(PEM)) == bool(certbot) or (certbot and not complete):
        raise FieldErrors(main="Upload either one PEM file or all three files of Certbot.")
    if not values.get(CYCLE):
        raise FieldErrors({CYCLE: "Missing value"})
    return _of_certbot(ctx, values) if certbot else _of_pem(ctx, values)


def provider(ctx: Context, provider_id: int | None) -> AcmeAccountProvider:
    """An enabled provider, else FieldErrors."""
    if provider_id is None:
        raise FieldErrors({PROVIDER: "No provider was submitted."})
    found = ctx.db.get(AcmeAccountProvider, provider_id)
    if found is None or not _is_enabled(found):
        raise FieldErrors({PROVIDER: "This is no enabled AcmeAccountProvider."})
    return found


def _is_enabled(provider: AcmeAccountProvider) -> bool:
    return bool(provider.is_enabled) and provider.protocol == "acme-v2"


def _of_pem(ctx: Context, values: Mapping[str, Any]) -> Brought:
    contact = values.get(CONTACT)
    if not contact:
        raise FieldErrors({CONTACT: "Please enter an email address"})
    server = provider(ctx, values.get(PROVIDER))
    return Brought(_wanted(values, server, contact), values[PEM], PEM)


def _of_certbot(ctx: Context, values: Mapping[str, Any]) -> Brought:
    """Certbot keeps the key as a JWK, and what the CA said as `regr.json`."""
    read_json = {name: _json(name, values[name]) for name in CERTBOT}
    said = read_json[REGISTRATION]
    url = _url("uri", said)
    if not url:
        raise FieldErrors({REGISTRATION: "This file names no account: it has no “uri”."})
    host = _host(url)
    server = ctx.db.scalar(select(AcmeAccountProvider).where(AcmeAccountProvider.server == host))
    if server is None or not _is_enabled(server):
        text = f"The account is at “{host}”, which is the server of no enabled AcmeAccountProvider."
        raise FieldErrors({REGISTRATION: text})
    try:
        pem = ctx.x509.key_from_jwk(read_json[JWK])
    except x509.X509Error as exc:
        raise FieldErrors({JWK: str(exc)}) from exc
    wanted = _wanted(
        values,
        server,
        _contact(said) or values.get(CONTACT) or "",
        account_url=url,
        terms_of_service=_url("terms_of_service", said) or None,
    )
    return Brought(wanted, pem, JWK)


def _wanted(
    values: Mapping[str, Any],
    server: AcmeAccountProvider,
    contact: str,
    account_url: str | None = None,
    terms_of_service: str | None = None,
) -> NewAccount:
    return NewAccount(
        provider=server,
        contact=contact,
        cycle=values[CYCLE],
        technology=values.get("account__private_key_technology") or KeyTechnology.RSA,
        binding=account_binding.read(values),
        account_url=account_url,
        terms_of_service=terms_of_service,
    )


def _json(field: str, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or nested without end
        raise FieldErrors({field: "This is not a JSON file."}) from None
    if not isinstance(found, dict):
        raise FieldErrors({field: "This file holds no JSON object."})
    return found


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _contact(said: Mapping[str, Any]) -> str:
    """Newer versions of Certbot leave `body` empty: then the form's own field is asked."""
    body = said.get("body")
    listed = body.get("contact") if isinstance(body, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else ""
    contact = first.removeprefix("mailto:") if isinstance(first, str) else ""
    return _storable("contact", contact, LONGEST_CONTACT)


def _url(name: str, said: Mapping[str, Any]) -> str:
    value = said.get(name)
    url = _storable(name, value if isinstance(value, str) else "", LONGEST_URL)
    if not url.isascii():
        raise FieldErrors({REGISTRATION: f"Its “{name}” is no URL: it has letters beyond ASCII."})
    return url


def _storable(name: str, text: str, longest: int) -> str:
    """The text; FieldErrors if a column can not hold it."""
    if len(text) > longest:
        raise FieldErrors({REGISTRATION: f"Its “{name}” is longer than {longest:,} characters."})
    if not text.isprintable():  # NUL, half of a surrogate pair
        raise FieldErrors({REGISTRATION: f"Its “{name}” has characters that can not be printed."})
    return text
