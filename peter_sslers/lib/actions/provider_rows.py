"""ACME servers that an operator adds, changes, enables and disables; the default is a setting."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select

from ...enums import OperationsEventType
from ...errors import FieldErrors
from ...model import AcmeAccount, AcmeAccountProvider
from .. import x509
from ..context import Context
from ..store import acme_account_providers, events

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
LONGEST_URL = 255


class Mark(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True)
class Wanted:
    """What a provider is to be. `ca_bundle_pem` None leaves the stored one, "" drops it."""

    name: str
    directory: str
    is_eab_required: bool
    ca_bundle_pem: str | None = None


def new(ctx: Context, wanted: Wanted) -> AcmeAccountProvider:
    """Add an ACME server, enabled. It is not asked. Raises FieldErrors."""
    server = server_name(ctx, wanted.directory)
    bundle = certificates(wanted.ca_bundle_pem)
    check_name(wanted.name)
    with ctx.commit():
        refuse_known(ctx, wanted, server)
        provider = AcmeAccountProvider(
            timestamp_created=ctx.now,
            name=wanted.name,
            directory=wanted.directory,
            server=server,
            is_enabled=True,
            protocol="acme-v2",
            is_eab_required=wanted.is_eab_required,
            ca_bundle_pem=bundle,
        )
        ctx.db.add(provider)
    return provider


def edit(ctx: Context, provider: AcmeAccountProvider, wanted: Wanted) -> None:
    """Change a provider. Raises FieldErrors for what the settings or its accounts hold fast."""
    if provider.protocol != "acme-v2":
        raise FieldErrors(main=f"{provider.name} speaks {provider.protocol}; it stays as it is.")
    server = provider.server
    if wanted.directory != provider.directory:
        server = server_name(ctx, wanted.directory)
    if wanted.name != provider.name:
        check_name(wanted.name)
    bundle = certificates(wanted.ca_bundle_pem)
    with ctx.commit():
        refuse_held(ctx, provider, wanted)
        refuse_known(ctx, wanted, server, provider)
        provider.name = wanted.name
        provider.directory = wanted.directory
        provider.server = server
        provider.is_eab_required = wanted.is_eab_required
        if wanted.ca_bundle_pem is not None:
            provider.ca_bundle_pem = bundle


def mark(ctx: Context, provider: AcmeAccountProvider, to: Mark) -> None:
    """Let accounts be made at a provider, or not. Raises FieldErrors if it can not be."""
    with ctx.commit():
        ctx.db.refresh(provider, ("is_enabled", "is_default"), with_for_update=True)
        if reason := refusal(ctx, provider, to):
            raise FieldErrors(main=reason)
        provider.is_enabled = to is Mark.ACTIVE
        payload = {"acme_account_provider.id": provider.id, "is_enabled": provider.is_enabled}
        events.record(ctx, OperationsEventType.ACME_ACCOUNT_PROVIDER_MARK_IS_ENABLED, payload)


def refusal(ctx: Context, provider: AcmeAccountProvider, to: Mark) -> str | None:
    """Why a mark is refused, or None."""
    if reason := refusal_of_row(provider, to):
        return reason
    if to is Mark.INACTIVE and named_in_settings(ctx, provider):
        return "The settings enable it: take it out of `certificate_authorities_enable` first."
    return None


def refusal_of_row(provider: AcmeAccountProvider, to: Mark) -> str | None:
    """The part of it that needs no settings."""
    if to is Mark.ACTIVE:
        if provider.is_enabled:
            return "Already activated."
        if provider.protocol != "acme-v2":
            return f"It speaks {provider.protocol}, which no CA does any more."
        return None
    if not provider.is_enabled:
        return "Already deactivated."
    if provider.is_default:
        return "It is the default: `certificate_authority` in the settings says so."
    return None


def named_in_settings(ctx: Context, provider: AcmeAccountProvider) -> bool:
    names = (ctx.settings.certificate_authority, *ctx.settings.certificate_authorities_enable)
    return provider.name.lower() in {name.lower() for name in names if name}


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        text = "Please enter up to 32 letters, digits, dots, hyphens and underscores"
        raise FieldErrors({"name": text})


def server_name(ctx: Context, directory: str) -> str:
    """`host[:port]` of a directory's URL. Raises FieldErrors for what is no such URL."""
    reason = wrong_with(directory, testing=ctx.settings.certificate_authority_testing)
    if reason:
        raise FieldErrors({"directory": reason})
    return urlsplit(directory).netloc.lower()


def wrong_with(directory: str, *, testing: bool) -> str | None:
    """What is wrong with the URL of a directory, or None: RFC 8555 section 6.1 wants https."""
    try:
        parts = urlsplit(directory)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return "This is no URL"
    if not usable or not directory.isprintable() or " " in directory:
        return "This is no URL: it has to begin with https://"
    if not directory.isascii():
        return "A URL has no letters beyond ASCII: write a name as xn--…, the rest with %"
    if parts.username is not None or parts.fragment:
        return "No name, password or fragment belongs into this URL"
    if len(directory) > LONGEST_URL:
        return f"Please enter at most {LONGEST_URL} characters"
    if parts.scheme == "http" and not testing and not is_loopback(parts):
        return "http:// is taken for this machine itself, or with `certificate_authority_testing`"
    return None


def is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def certificates(text: str | None) -> str | None:
    """A bundle, cleaned; None where there is none. Raises FieldErrors."""
    if not text:
        return None
    try:
        return "".join(x509.certificates_in(text.encode()))
    except x509.X509Error as exc:
        raise FieldErrors({"ca_bundle_pem": str(exc)}) from exc


def refuse_known(
    ctx: Context, wanted: Wanted, server: str, but: AcmeAccountProvider | None = None
) -> None:
    """A name, a directory and a server belong to one row."""
    for row in ctx.db.scalars(acme_account_providers.same(wanted.name, server)):
        if row is but:
            continue
        if row.name.lower() == wanted.name.lower():
            raise FieldErrors({"name": f"AcmeAccountProvider {row.id} has this name."})
        raise FieldErrors({"directory": f"AcmeAccountProvider {row.name} is at {row.server}."})


def refuse_held(ctx: Context, provider: AcmeAccountProvider, wanted: Wanted) -> None:
    in_settings = named_in_settings(ctx, provider)
    if wanted.name != provider.name and in_settings:
        raise FieldErrors({"name": "The settings know it by its present name."})
    if wanted.directory == provider.directory:
        return
    if provider.is_default:
        text = "It is the default: `certificate_authority_directory` in the settings is this URL."
        raise FieldErrors({"directory": text})
    used = select(AcmeAccount.id).where(AcmeAccount.acme_account_provider_id == provider.id)
    if ctx.db.scalar(used.limit(1)) is not None:
        text = "Accounts are registered there. Add the other directory as another provider."
        raise FieldErrors({"directory": text})
