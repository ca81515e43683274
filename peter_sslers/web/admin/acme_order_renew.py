"""Orders that follow another: `retry`, `renew/quick` and `renew/custom`, and their forms."""

from __future__ import annotations

from typing import Any, ClassVar

from ...enums import PrivateKeyCycle
from ...lib.actions import renewals
from ...lib.actions import selection as select
from ...lib.context import Context
from ...model import AcmeOrder
from .. import selection
from ..resource import Action, Docs, Done
from ..schemas import Form, Text
from .acme_order_new import options

ACCOUNT_OPTIONS = {
    "account_key_reuse": "the account of the order that is renewed",
    **selection.ACCOUNT_OPTIONS,
}
KEY_OPTIONS = {
    "private_key_reuse": "the key of the order that is renewed",
    **selection.KEY_OPTIONS,
}


class RenewQuick(selection.Strategy):
    """The rest is taken from the order."""


class Reuse(Form):
    """What can be taken from the order again, besides what a new order can have."""

    account_key_option = selection.account_option(ACCOUNT_OPTIONS, default="account_key_reuse")
    account_key_reuse = Text(
        "the MD5 of the renewed order's account key, with that option",
        label="MD5 of the order's account key",
        required=False,
    )
    private_key_option = selection.key_option(KEY_OPTIONS)
    private_key_reuse = Text(
        "the MD5 of the renewed order's key, with that option",
        label="MD5 of the order's key",
        required=False,
    )


class RenewCustom(Reuse, selection.Processing, selection.KeySelect, selection.AccountSelect):
    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        (
            "Account",
            (
                "account_key_option",
                "account_key_reuse",
                "account_key_global_default",
                "account_key_existing",
            ),
        ),
        ("An account that comes in files", tuple(selection.AccountFiles().fields)),
        (
            "Private key",
            (
                "private_key_option",
                "private_key_reuse",
                "private_key_existing",
                "private_key_file_pem",
                "private_key_cycle__renewal",
            ),
        ),
        ("Processing", ("processing_strategy", "profile")),
    )
    folded: ClassVar[tuple[str, ...]] = ("An account that comes in files",)


def retry(ctx: Context, order: AcmeOrder, _values: dict[str, Any]) -> Done:
    return done(renewals.retry(ctx, order), "retry+order")


def quick(ctx: Context, order: AcmeOrder, values: dict[str, Any]) -> Done:
    return done(renewals.renew_quick(ctx, order, values["processing_strategy"]), "renew+quick")


def custom(ctx: Context, order: AcmeOrder, values: dict[str, Any]) -> Done:
    renewals.require_custom(order)
    account = select.account(ctx, values)
    key, key_strategy = select.private_key(ctx, values)
    chosen = renewals.Chosen(
        account=account,
        private_key=key,
        key_strategy=key_strategy,
        strategy=values["processing_strategy"],
        cycle=values["private_key_cycle__renewal"] or PrivateKeyCycle.ACCOUNT_KEY_DEFAULT,
        profile=values["profile"],
    )
    return done(renewals.renew_custom(ctx, order, chosen), "renew+custom")


def done(order: AcmeOrder, operation: str) -> Done:
    return Done(
        {"AcmeOrder": order},
        to=f"/acme-order/{order.id}",
        query=f"result=success&operation={operation}",
    )


def defaults(ctx: Context, order: AcmeOrder) -> dict[str, Any]:
    """What the form shows first: all as it was."""
    key = order.acme_account.acme_account_key
    return {
        **selection.defaults(ctx, order),
        "account_key_option": "account_key_reuse" if key else "account_key_existing",
        "account_key_reuse": key.key_pem_md5 if key else "",
        "private_key_reuse": ""
        if order.private_key.is_placeholder
        else order.private_key.key_pem_md5,
        "private_key_cycle__renewal": order.private_key_cycle__renewal,
        "profile": order.profile or "",
    }


RETRY = Action(
    "retry",
    "Retry",
    "Orders the same once more: account, names and key as they were.",
    run=retry,
    docs=Docs(examples=("curl --request POST {ADMIN}/acme-order/1/retry.json",)),
    get_query="result=error&operation=retry+order&message=HTTP+POST+required",
    html_operation="retry order",
    possible=lambda order: None if order.is_can_retry else "Possible when the order has failed.",
    form_id="acme_order-retry",
)

RENEW_QUICK = Action(
    "renew/quick",
    "Renew quick",
    "Orders the same again, with the key that the order's cycle for renewals gives.",
    run=quick,
    schema=RenewQuick,
    docs=Docs(
        examples=(
            "curl --form 'processing_strategy=process_single'"
            " {ADMIN}/acme-order/1/renew/quick.json",
        ),
    ),
    html_operation="renew quick",
    possible=lambda order: None if order.is_renewable_quick else renewals.NO_RENEW_QUICK,
    button="Order the renewal",
)

RENEW_CUSTOM = Action(
    "renew/custom",
    "Renew custom",
    "Orders the same names again, with an account and a key of your choice.",
    run=custom,
    schema=RenewCustom,
    docs=Docs(
        examples=(
            "curl --form 'account_key_option=account_key_reuse'"
            " --form 'account_key_reuse=…'"
            " --form 'private_key_option=private_key_for_account_key'"
            " --form 'processing_strategy=process_single'"
            " {ADMIN}/acme-order/1/renew/custom.json",
        ),
        requirements=(
            "account_key_option, and the field that it names: the MD5 of the account's key.",
            "private_key_option, and the field that it names, where there is one.",
        ),
        related_fields=selection.FILES_TOGETHER,
        options=options,
        suggestions=selection.known_profiles,
    ),
    defaults=defaults,
    html_operation="renew custom",
    possible=lambda order: None if order.is_renewable_custom else renewals.NO_RENEW_CUSTOM,
    button="Order the renewal",
)
