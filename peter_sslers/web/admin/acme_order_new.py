"""The form that orders a certificate: /acme-order/new/freeform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...enums import ChallengeType, PrivateKeyCycle
from ...errors import FieldErrors
from ...lib.actions import orders
from ...lib.actions import selection as select
from ...lib.context import Context
from ...lib.store import acme_accounts
from .. import selection
from ..resource import Action, Docs, Done
from ..schemas import EMPTY, DomainNames, Form
from .acme_account_json import without_secret

HTTP_01 = "domain_names_http01"
DNS_01 = "domain_names_dns01"
OF_RENEWALS = "for renew/custom only, whose order has one to take again"


class Names(Form):
    """What the certificate is for, by the challenge that proves it."""

    domain_names_http01 = DomainNames(
        "Separated by commas, blanks or lines. Port 80 of each name must lead to this service.",
        label="Names to prove by http-01",
        required=False,
        about_all=True,
        ip=True,
    )
    domain_names_dns01 = DomainNames(
        "Wildcards go here. Each name must be known to an acme-dns server.",
        label="Names to prove by dns-01",
        required=False,
        about_all=True,
        wildcard=True,
    )

    def check(self, values: dict[str, Any]) -> None:
        http_01, dns_01 = values[HTTP_01] or (), values[DNS_01] or ()
        if not http_01 and not dns_01:
            raise FieldErrors({HTTP_01: EMPTY})
        if set(http_01) & set(dns_01):
            raise FieldErrors(main="a domain name can only be associated to one challenge type")


# marshmallow lists the fields of the last base first.
class HowToOrder(selection.Processing, selection.KeySelect, selection.AccountSelect):
    """All but the names."""

    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        (
            "Account",
            ("account_key_option", "account_key_global_default", "account_key_existing"),
        ),
        ("An account that comes in files", tuple(selection.AccountFiles().fields)),
        ("Private key", (*selection.KeySelect().fields, "private_key_cycle__renewal")),
        ("Processing", ("processing_strategy", "profile")),
    )
    folded: ClassVar[tuple[str, ...]] = ("An account that comes in files",)


class NewOrder(HowToOrder, Names):
    groups = (("Names", (HTTP_01, DNS_01)), *HowToOrder.groups)


def names_of(values: dict[str, Any]) -> dict[str, ChallengeType]:
    return {
        **dict.fromkeys(values[HTTP_01] or (), ChallengeType.HTTP_01),
        **dict.fromkeys(values[DNS_01] or (), ChallengeType.DNS_01),
    }


def request(
    ctx: Context, values: Mapping[str, Any], names: Mapping[str, ChallengeType]
) -> orders.OrderRequest:
    """What a form asks for. Raises FieldErrors; an account or a key that came along is stored."""
    account = select.account(ctx, values)
    key, strategy = select.private_key(ctx, values)
    return orders.OrderRequest(
        account=account,
        private_key=key,
        key_strategy=strategy,
        names=names,
        strategy=values["processing_strategy"],
        renewal_cycle=values["private_key_cycle__renewal"] or PrivateKeyCycle.ACCOUNT_KEY_DEFAULT,
        profile=values["profile"],
    )


def new(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    order = orders.new(ctx, request(ctx, values, names_of(values)))
    return Done({"AcmeOrder": order}, to=f"/acme-order/{order.id}", query="")


def options(ctx: Context) -> dict[str, Any]:
    """More of `valid_options`; no help page shows a private key."""
    default = ctx.db.scalar(acme_accounts.global_default())
    return {
        **selection.providers(ctx),
        "AcmeAccount_GlobalDefault": without_secret(default, "") if default else None,
    }


NEW_FREEFORM = Action(
    "new/freeform",
    "New order",
    "Ask a CA for one certificate that covers the names below.",
    run=new,
    schema=NewOrder,
    docs=Docs(
        examples=(
            "curl --form 'domain_names_http01=example.com, www.example.com'"
            " --form 'account_key_option=account_key_global_default'"
            " --form 'account_key_global_default=…'"
            " --form 'private_key_option=private_key_for_account_key'"
            " --form 'processing_strategy=process_single'"
            " {ADMIN}/acme-order/new/freeform.json",
        ),
        requirements=(
            "At least one name, by one of the two challenges.",
            "account_key_option, and the field that it names: the MD5 of the account's key.",
            "private_key_option, and the field that it names, where there is one.",
        ),
        related_fields=(
            selection.FILES_TOGETHER[0],
            (HTTP_01, DNS_01),
            selection.FILES_TOGETHER[1],
        ),
        options=options,
        suggestions=selection.known_profiles,
    ),
    defaults=selection.defaults,
    prefill=(HTTP_01, DNS_01),
    html_operation="new freeform",
    back_to="/acme-orders/all",
    primary=True,
    button="Create order",
)
