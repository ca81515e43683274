"""What can be asked of an account's CA: forms and answers."""

from __future__ import annotations

from typing import Any

from ...enums import KeyTechnology
from ...lib.actions import account_authorizations, account_key_change, account_server
from ...lib.context import Context
from ...lib.store import acme_authorizations
from ...model import AcmeAccount, AcmeAuthorization
from .. import selection
from ..redirects import as_query_text
from ..resource import Action, Choose, Docs, Done
from ..schemas import Choice, Email, Flag, Form, Integers, SecretLines

MOST_SHOWN = 1000
POST = "result=error&error=post+required&operation="


def not_authenticable(account: AcmeAccount) -> str | None:
    return None if account.is_can_authenticate else account_server.NOT_AUTHENTICABLE


def authenticate(ctx: Context, account: AcmeAccount, _values: dict[str, Any]) -> Done:
    account = account_server.authenticate(ctx, account)
    return Done(
        {"AcmeAccount": account, "is_authenticated": account.timestamp_deactivated is None},
        to=f"/acme-account/{account.id}",
        query="result=success&operation=acme-server--authenticate&is_authenticated=True",
    )


def check(ctx: Context, account: AcmeAccount, _values: dict[str, Any]) -> Done:
    known = account_server.check(ctx, account)
    said = {
        "is_known": known.is_known,
        "status": known.status,
        "contact": list(known.contact),
        "terms_of_service": known.terms_of_service,
    }
    status = as_query_text(known.status or "unknown")
    return Done(
        {"AcmeAccount": account, "acme_server": said},
        query=f"result=success&operation=acme-server--check&status={status}",
    )


class UpdateContact(Form):
    account__contact = Email("the e-mail address that the CA may write to", label="Contact")


def update_contact(ctx: Context, account: AcmeAccount, values: dict[str, Any]) -> Done:
    account_server.update_contact(ctx, account, values["account__contact"])
    return Done({"AcmeAccount": account})


class Deactivate(Form):
    key_pem = SecretLines(
        "the MD5 of the active account key's PEM, or that PEM",
        label="The account's key, or its MD5",
    )


def deactivate(ctx: Context, account: AcmeAccount, values: dict[str, Any]) -> Done:
    account_server.deactivate(ctx, account, values["key_pem"])
    return Done({"AcmeAccount": account})


class KeyChange(Form):
    key_pem_existing = SecretLines(
        "the MD5 of the active account key's PEM, or that PEM", label="The present key, or its MD5"
    )
    account__key_technology = Choice(
        KeyTechnology,
        "what the new key is: RSA of 2048 bits, or EC on P-256; as the present one if not given",
        label="Algorithm of the new key",
        explain=selection.TECHNOLOGIES,
        required=False,
    )


def key_change(ctx: Context, account: AcmeAccount, values: dict[str, Any]) -> Done:
    account_key_change.key_change(
        ctx, account, values["key_pem_existing"], values["account__key_technology"]
    )
    # Clients look for this query as it always was, with its first sign.
    query = "&result=success&operation=acme-server--key-change"
    return Done({"AcmeAccount": account}, query=query)


class DeactivateAuthorizations(Form):
    acme_authorization_id = Integers(
        "the ids of the account's pending authorizations; it may be given more than once",
        label="Authorizations",
        required=False,
    )
    authorization_id = Integers(
        "the same by another name, for old scripts",
        label="Authorizations, for old scripts",
        required=False,
    )
    _select_all = Flag(
        f"all pending ones, {MOST_SHOWN:,} at most in one request, whatever ids are given",
        label="All pending authorizations of the account",
    )


def deactivate_authorizations(ctx: Context, account: AcmeAccount, values: dict[str, Any]) -> Done:
    ids = [*(values["acme_authorization_id"] or ()), *(values["authorization_id"] or ())]
    if values["_select_all"]:
        ids = pending(ctx, account)["acme_authorization_id"]
    found = account_authorizations.deactivate(ctx, account, list(dict.fromkeys(ids)))
    errors = {str(number): text for number, text in found.errors.items()}
    return Done(
        {
            "results": {str(number): done for number, done in found.done.items()},
            **({"errors": errors} if errors else {}),
            "AcmeAccount": account,
        },
        to=f"/acme-account/{account.id}/acme-authorizations?status=active",
    )


def pending(ctx: Context, account: AcmeAccount) -> dict[str, Any]:
    """All that can be given up: the form shows their ids, for some to be taken out."""
    query = acme_authorizations.pending(acme_authorizations.of_account(account))
    found = ctx.db.scalars(query.order_by(AcmeAuthorization.id).limit(MOST_SHOWN))
    return {"acme_authorization_id": [authorization.id for authorization in found]}


CHOOSE = Choose(
    "acme-server/deactivate-pending-authorizations",
    field="acme_authorization_id",
    all_field="_select_all",
    possible=lambda authorization: authorization.is_can_acme_server_deactivate,
)

AUTHENTICATE = Action(
    "acme-server/authenticate",
    "Authenticate",
    "Ask the CA for the account by its key. One that was never registered is, with its contact.",
    run=authenticate,
    docs=Docs(),
    get_query=f"{POST}acme-server--authenticate",
    possible=not_authenticable,
    check_on_get=True,
)

CHECK = Action(
    "acme-server/check",
    "Check",
    "Ask the CA whether it knows the account, and store its status and contact. Nothing is changed "
    "there.",
    run=check,
    docs=Docs(examples=("curl --request POST {ADMIN}/acme-account/1/acme-server/check.json",)),
    get_query=f"{POST}acme-server--check",
    possible=not_authenticable,
    check_on_get=True,
)

UPDATE_CONTACT = Action(
    "acme-server/update-contact",
    "Change contact",
    "Tell the CA another e-mail address, and store it here.",
    run=update_contact,
    schema=UpdateContact,
    docs=Docs(
        examples=(
            "curl --form 'account__contact=ops@example.com'"
            " {ADMIN}/acme-account/1/acme-server/update-contact.json",
        )
    ),
    possible=lambda account: None if account.is_active else "This AcmeAccount is not active",
    defaults=lambda _ctx, account: {"account__contact": account.contact},
)

DEACTIVATE = Action(
    "acme-server/deactivate",
    "Deactivate at the CA",
    "End the account at its CA, for ever.",
    run=deactivate,
    schema=Deactivate,
    docs=Docs(),
    possible=lambda account: (
        None if account.is_can_deactivate else account_server.NOT_DEACTIVATABLE
    ),
    check_on_get=True,
    consequences=lambda _account: (
        "The CA takes no order from this account any more. There is no way back.",
        "Certificates that it has ordered stay valid.",
        "Orders that are not finished come to nothing.",
    ),
    danger=True,
    form_id="form-acme_account-deactivate",
)

KEY_CHANGE = Action(
    "acme-server/key-change",
    "Change the account's key",
    "Make a new key for the account and tell the CA. The old one is kept, and of no use any more.",
    run=key_change,
    schema=KeyChange,
    docs=Docs(),
    possible=lambda account: (
        None if account.is_can_key_change else account_key_change.NOT_CHANGEABLE
    ),
    check_on_get=True,
    form_id="form-acme_account-key_change",
)

DEACTIVATE_AUTHORIZATIONS = Action(
    "acme-server/deactivate-pending-authorizations",
    "Give up pending authorizations",
    "Deactivate authorizations at the CA that count against its limits. Their orders fail.",
    run=deactivate_authorizations,
    schema=DeactivateAuthorizations,
    docs=Docs(),
    get_query=f"{POST}acme-server--deactivate-pending-authorizations",
    possible=not_authenticable,
    check_on_get=True,
    back_to="/acme-account/{id}/acme-authorizations?status=active",
    defaults=pending,
    consequences=lambda _account: (
        "The CA is told to give up each of them.",
        "Orders that wait for one of them fail.",
    ),
    danger=True,
)
