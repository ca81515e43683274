"""ACME accounts: their pages."""

from __future__ import annotations

from functools import partial
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.actions import account_binding, account_marks
from ...lib.actions.account_marks import Mark
from ...lib.context import Context
from ...lib.store import (
    acme_account_keys,
    acme_accounts,
    acme_authorizations,
    acme_orders,
    certificate_signeds,
    private_keys,
)
from ...model import (
    AcmeAccount,
    AcmeAccountKey,
    AcmeAuthorization,
    AcmeOrder,
    CertificateSigned,
    PrivateKey,
)
from .. import content_types, pages
from ..resource import (
    Action,
    Column,
    Docs,
    Download,
    Related,
    Resource,
    Show,
)
from ..schemas import Choice, Form
from . import acme_account_forms, acme_account_server, acme_usage, marks
from .acme_account_json import as_json, key_as_json
from .marks import marking
from .shared import add_document, newest


def raw(ctx: Context, account: AcmeAccount, root: str) -> dict[str, Any]:
    """Where the key's files are, and how much the account has asked."""
    path = f"{root}/acme-account/{account.id}/key"
    return {
        "raw": {"pem.txt": f"{path}.pem.txt", "pem": f"{path}.pem", "der": f"{path}.key"},
        **acme_usage.as_json(ctx, account),
    }


def state(account: AcmeAccount) -> str:
    if account.timestamp_deactivated:
        return "deactivated"
    if not account.is_active:
        return "inactive"
    return "default" if account.is_global_default else "active"


def sentence(account: AcmeAccount) -> str:
    who = f"{account.contact or 'No contact'}, at {account.acme_account_provider.name}"
    if account.timestamp_deactivated:
        return f"{who}. The CA has deactivated it, which is final."
    if account.acme_account_key is None:
        return f"{who}. It has no active key and can not be used."
    if account.account_url is None:
        return f"{who}. The CA does not know it yet: it is registered when it is first used."
    if account.is_global_default:
        return f"{who}. Orders use this account unless another one is named."
    return f"{who}."


def key_file(ctx: Context, account: AcmeAccount, suffix: str) -> bytes | None:
    key = account.acme_account_key
    if key is None or not key.key_pem:
        return None
    return ctx.x509.key_der(key.key_pem) if suffix == "key" else key.key_pem.encode()


mark_button = partial(marks.button, account_marks.refusal)


class MarkAccount(Form):
    action = Choice(Mark, "what to make of the account")


MARK = Action(
    "mark",
    "Mark account",
    "Make an account the global default, active or inactive.",
    run=marking("AcmeAccount", account_marks.mark),
    schema=MarkAccount,
    docs=Docs(examples=("curl --form 'action=active' {ADMIN}/acme-account/1/mark.json",)),
    get_query="result=error&error=post+required&operation=mark",
    echo=("action",),
    buttons=(
        mark_button(
            Mark.GLOBAL_DEFAULT,
            "Make it the global default",
            "Orders use it unless another account is named.",
        ),
        mark_button(Mark.ACTIVE, "Activate", "It may be used for orders again."),
        mark_button(Mark.INACTIVE, "Deactivate here", "No order can use it. The CA is not told."),
    ),
)

ACME_ACCOUNT = Resource(
    path="acme-account",
    paths="acme-accounts",
    model=AcmeAccount,
    label="ACME account",
    labels="ACME accounts",
    group="Accounts",
    json_name="AcmeAccount",
    json_names="AcmeAccounts",
    about="Who orders certificates: a key that a CA knows.",
    as_json=as_json,
    focus_json=raw,
    status=state,
    short=lambda account: f"#{account.id} {account.contact or ''}".rstrip(),
    sentence=sentence,
    options=acme_accounts.FOCUS,
    template="focus/acme_account.mako",
    columns=(
        Column("id", "Account", Show.NUMBER),
        Column("contact"),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column("acme_account_provider", "CA", Show.LINK),
        Column("private_key_cycle", "Certificates' keys"),
        Column("private_key_technology", "Algorithm"),
        Column("profile", "Profile of its orders", in_list=False),
        Column("count_acme_orders", "Orders", Show.NUMBER),
        Column("timestamp_last_certificate_issue", "Last certificate", Show.TIME),
        Column("count_certificate_signeds", "Certificates", Show.NUMBER, in_list=False),
        Column("timestamp_last_authenticated", "Last authenticated", Show.TIME, in_list=False),
        Column("timestamp_created", "Created", Show.TIME, in_list=False),
        Column("account_url", "Account URL", Show.CODE, in_list=False),
        Column("terms_of_service", "Terms of service", Show.CODE, in_list=False),
        Column(
            "external_account_binding",
            "External account binding",
            Show.BOOL,
            in_list=False,
            value=lambda a: account_binding.of(a) is not None,
        ),
        Column(
            "key_pem_md5",
            "MD5 of the key's PEM",
            Show.CODE,
            in_list=False,
            value=lambda a: a.acme_account_key.key_pem_md5 if a.acme_account_key else None,
        ),
        Column(
            "spki_sha256",
            "SPKI SHA-256",
            Show.CODE,
            in_list=False,
            value=lambda a: a.acme_account_key.spki_sha256 if a.acme_account_key else None,
        ),
    ),
    listings=(newest("All ACME accounts", acme_accounts.every),),
    related=(
        Related(
            "acme-orders",
            "Orders",
            AcmeOrder,
            acme_orders.of_account,
            empty="Nothing was ordered with this account yet.",
        ),
        Related(
            "acme-authorizations",
            "Authorizations",
            AcmeAuthorization,
            acme_authorizations.of_account,
            select=lambda account, ctx, params: acme_authorizations.with_status(
                acme_authorizations.of_account(account), params.get("status", ""), ctx.now
            ),
            json_list=True,
            choose=acme_account_server.CHOOSE,
        ),
        Related(
            "certificate-signeds", "Certificates", CertificateSigned, certificate_signeds.of_account
        ),
        Related("private-keys", "Private keys", PrivateKey, private_keys.of_account),
        Related("acme-account-keys", "Account keys", AcmeAccountKey, acme_account_keys.of_account),
    ),
    actions=(
        acme_account_server.AUTHENTICATE,
        acme_account_server.CHECK,
        acme_account_forms.EDIT,
        acme_account_server.UPDATE_CONTACT,
        MARK,
        acme_account_server.KEY_CHANGE,
        acme_account_server.DEACTIVATE_AUTHORIZATIONS,
        acme_account_server.DEACTIVATE,
    ),
    forms=(acme_account_forms.NEW, acme_account_forms.UPLOAD),
    downloads=(Download("key", content_types.KEY, key_file, secret=True),),
)

# A kind that is shown in its account's list only.
ACME_ACCOUNT_KEY = Resource(
    path="acme-account-key",
    paths="acme-account-keys",
    model=AcmeAccountKey,
    label="Account key",
    labels="Account keys",
    group="Accounts",
    json_name="AcmeAccountKey",
    json_names="AcmeAccountKeys",
    as_json=key_as_json,
    json_list=True,
    columns=(
        Column("id", "Account key", Show.NUMBER),
        Column(
            "state", show=Show.STATUS, value=lambda key: "active" if key.is_active else "inactive"
        ),
        Column("key_technology", "Algorithm"),
        Column("acme_account_key_source", "Source"),
        Column("key_pem_md5", "MD5 of the PEM", Show.CODE),
        Column("timestamp_created", "Created", Show.TIME),
        Column("timestamp_deactivated", "Retired", Show.TIME),
    ),
    listings=(),
    focus=False,
    in_menu=False,
)


def parse(request: Request) -> dict[str, Any]:
    """`/acme-account/{id}/parse.json`"""
    account = pages.found(request, ACME_ACCOUNT)
    return {"AcmeAccount": as_json(account, request.admin_url)}


def includeme(config: Configurator) -> None:
    add_document(config, ACME_ACCOUNT, "parse", parse)
