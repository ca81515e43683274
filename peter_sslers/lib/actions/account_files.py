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
from .accounts import NewAccount

PEM = "account_key_file_pem"
META = "account_key_file_le_meta"
JWK = "account_key_file_le_pkey"
REGISTRATION = "account_key_file_le_reg"
CERTBOT = (META, JWK, REGISTRATION)
CONTACT = "account__contact"
CYCLE = "account__private_key_cycle"
PROVIDER = "acme_account_provider_id"


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
    return _enabled(ctx.db.get(AcmeAccountProvider, provider_id), PROVIDER)


def _enabled(found: AcmeAccountProvider | None, field: str) -> AcmeAccountProvider:
    if found is None or not found.is_enabled or found.protocol != "acme-v2":
        raise FieldErrors({field: "This is no enabled AcmeAccountProvider."})
    return found


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
    url = said.get("uri")
    if not isinstance(url, str) or not url:
        raise FieldErrors({REGISTRATION: "This file names no account: it has no “uri”."})
    server = ctx.db.scalar(
        select(AcmeAccountProvider).where(AcmeAccountProvider.server == _host(url))
    )
    try:
        pem = ctx.x509.key_from_jwk(read_json[JWK])
    except x509.X509Error as exc:
        raise FieldErrors({JWK: str(exc)}) from exc
    terms = said.get("terms_of_service")
    wanted = _wanted(
        values,
        _enabled(server, REGISTRATION),
        _contact(said) or values.get(CONTACT) or "",
        account_url=url,
        terms_of_service=terms if isinstance(terms, str) else None,
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
    except ValueError:  # not UTF-8, or not JSON
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
    return first.removeprefix("mailto:") if isinstance(first, str) else ""
