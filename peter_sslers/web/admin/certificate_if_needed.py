"""The action by which scripts see to it that a name has a certificate."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...enums import ProcessingStrategy
from ...lib.actions import certificate_if_needed as actions
from ...lib.context import Context
from .. import selection
from ..resource import Action, Docs, Done
from ..schemas import Choice, DomainName, Form
from .acme_order_new import HowToOrder, options, request

ONLY = ProcessingStrategy.PROCESS_SINGLE


class Name(Form):
    domain_name = DomainName(
        "Port 80 of the name must lead to this service.", label="Name", ip=True
    )


# marshmallow lists the fields of the last base first.
class CertificateIfNeeded(HowToOrder, Name):
    processing_strategy = Choice(
        (ONLY,),
        "all is done in this request; nothing else is offered",
        label="Processing",
        required=False,
        default=ONLY,
    )
    groups = (("Name", ("domain_name",)), *HowToOrder.groups)


def run(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    name, how = values["domain_name"], {**values, "processing_strategy": ONLY}
    result = actions.ensure(ctx, name, partial(request, ctx, how, {}))
    return Done({"domain_results": {name: result.as_json()}})


CERTIFICATE_IF_NEEDED = Action(
    "certificate-if-needed",
    "Certificate if needed",
    "Order a certificate for a name that has no valid one, and wait for it.",
    run=run,
    schema=CertificateIfNeeded,
    docs=Docs(
        instructions=(
            "Activates or stores the name; orders a certificate if it has no valid one.",
            "domain.status: `new`, `existing.active`, `existing.activated` or `blocklisted`;"
            " certificate_signed.status: `exists`, `new`, or `fail` with an `error`.",
        ),
        examples=(
            "curl --form 'domain_name=example.com'"
            " --form 'account_key_option=account_key_global_default'"
            " --form 'account_key_global_default=…'"
            " --form 'private_key_option=private_key_for_account_key'"
            " {ADMIN}/api/domain/certificate-if-needed.json",
        ),
        requirements=(
            "account_key_option, and the field that it names: the MD5 of the account's key.",
            "private_key_option, and the field that it names, where there is one.",
        ),
        related_fields=selection.FILES_TOGETHER,
        options=options,
        suggestions=selection.known_profiles,
    ),
    defaults=selection.defaults,
    at="/api/domain/certificate-if-needed",
    html_operation="api--domain--certificate-if-needed",
    always_json=True,
)
