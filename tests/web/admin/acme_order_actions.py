"""Every action on orders and what belongs to them, as the contract has it: see acme_actions."""

from __future__ import annotations

from .acme_actions import (
    CYCLES,
    EMPTY,
    MARKED,
    MD5,
    ORDER_GET,
    PEBBLE,
    SELECT,
    SELECTED,
    STRATEGIES,
    Deed,
    No,
    Yes,
    form,
    order,
    wrong_word,
)

NAMES = "domain_names_http01"
NOT_SYNC = "ACME Server Sync is not allowed for this AcmeOrder"
AUTHORIZATION = "ACME Server Sync is not allowed for this AcmeAuthorization"
CHALLENGE = "ACME Server {} is not allowed for this AcmeChallenge"
KEY_OPTIONS = (
    "private_key_existing; private_key_file; private_key_generate; private_key_for_account_key"
)


def account_and_key(on: str) -> tuple[No, ...]:
    """What is refused by the forms of new orders and of custom renewals."""
    return (
        form(on=on, private_key_cycle__renewal=wrong_word(f"{CYCLES}; account_key_default")),
        form(on=on, processing_strategy=wrong_word(STRATEGIES)),
        form(on=on, processing_strategy=f": {EMPTY}"),
        form(on=on, account_key_option=f": {EMPTY}"),
        form(on=on, private_key_option=f": {EMPTY}"),
        form(on=on, account_key_existing=f": {EMPTY}"),
        form(on=on, account_key_existing=f"{MD5}: *"),
    )


ORDERS = {
    "/acme-order/new/freeform": Deed(
        "",
        f"{NAMES} domain_names_dns01 {SELECT}",
        words="new+freeform",
        back="/acme-orders/all",
        right={**SELECTED, NAMES: "new.example.com"},
        no=(
            *account_and_key(""),
            form(**{NAMES: f": {EMPTY}"}),
            No(
                said="a domain name can only be associated to one challenge type",
                fields={NAMES: "a.example.com", "domain_names_dns01": "a.example.com"},
                form={},
                status=400,
            ),
            No(
                said="The following Domains are blocklisted: blocked.example.com",
                fields={NAMES: "blocked.example.com"},
                form={},
                status=400,
            ),
            No(
                said="The following Domains are not configured with ACME-DNS: a.example.com",
                fields={NAMES: "", "domain_names_dns01": "a.example.com"},
                form={},
                status=400,
            ),
        ),
        proofs=(
            "test_acme_order_form.py::test_name_with_an_active_challenge_is_a_conflict",
            PEBBLE,
        ),
    ),
    "/acme-order/{id}/acme-process": order(
        "acme-process",
        "pending order",
        No("failed order", "ACME Process is not allowed for this AcmeOrder"),
        words_of_failure="process+order",
        more=(No("issued order", "ACME Process is not allowed for this AcmeOrder"),),
    ),
    "/acme-order/{id}/acme-finalize": order(
        "finalize-order",
        "ready order",
        No("pending order", "ACME Finalize is not allowed for this AcmeOrder"),
        words="acme+finalize",
    ),
    "/acme-order/{id}/acme-server/sync": order(
        "acme-server/sync", "pending order", No("unsent order", NOT_SYNC)
    ),
    "/acme-order/{id}/acme-server/sync-authorizations": order(
        "acme-server/sync-authorizations", "pending order", No("unsent order", NOT_SYNC)
    ),
    "/acme-order/{id}/acme-server/deactivate-authorizations": order(
        "acme-server/deactivate-authorizations",
        "pending order",
        No(
            "issued order",
            "ACME Server Deactivate Authorizations is not allowed for this AcmeOrder",
        ),
    ),
    "/acme-order/{id}/acme-server/download-certificate": order(
        "acme-server/download-certificate",
        "valid order",
        No("pending order", "This AcmeOrder is not eligible for download"),
        more=(No("issued order", "This AcmeOrder is not eligible for download"),),
    ),
    "/acme-order/{id}/retry": Deed(
        "failed order",
        "",
        words="retry+order",
        get=ORDER_GET.format("retry+order"),
        no=(
            No("pending order", "ACME Retry is not allowed for this AcmeOrder"),
            No("issued order", "ACME Retry is not allowed for this AcmeOrder"),
        ),
        proofs=(
            "test_order_renewals.py::test_retry_is_the_same_once_more",
            "test_order_renewals.py::test_retry_on_the_page",
        ),
    ),
    "/acme-order/{id}/renew/quick": Deed(
        "issued order",
        "processing_strategy",
        words="renew+quick",
        right={"processing_strategy": "create_order"},
        no=(
            form(processing_strategy=f": {EMPTY}"),
            form(processing_strategy=wrong_word(STRATEGIES)),
            No("pending order", "This AcmeOrder can not use Renew Quick", form={}, status=400),
        ),
        proofs=(
            "test_order_renewals.py::test_quick_renewal_replaces_the_certificate",
            "test_order_renewals.py::test_quick_renewal_on_the_page",
        ),
    ),
    "/acme-order/{id}/renew/custom": Deed(
        "issued order",
        f"{SELECT} account_key_reuse private_key_reuse",
        words="renew+custom",
        right=SELECTED,
        no=(
            *account_and_key("issued order"),
            No("pending order", "This AcmeOrder can not use RenewCustom", form={}, status=400),
        ),
        proofs=("test_order_renewals.py::test_custom_renewal_has_the_key_that_was_chosen", PEBBLE),
    ),
    "/acme-order/{id}/mark": Deed(
        "pending order",
        "action",
        operation="mark",
        words="mark",
        get=ORDER_GET.format("mark"),
        asks=False,
        yes=tuple(
            Yes(
                f"/acme-order/{{{on}}}?{MARKED}{to}",
                "result operation action AcmeOrder",
                on,
                {"action": to},
            )
            for on, to in (
                ("pending order", "invalid"),
                ("pending order", "deactivate"),
                ("pending order", "renew_manual"),
                ("failed order", "renew_auto"),
            )
        ),
        no=(
            No("issued order", "Can not mark this order as 'invalid'.", {"action": "invalid"}),
            No("failed order", "This `AcmeOrder` is not processing.", {"action": "deactivate"}),
            No(
                "pending order",
                "Can not mark this `AcmeOrder` for renewal.",
                {"action": "renew_auto"},
            ),
            No(
                "failed order",
                "Can not unmark this `AcmeOrder` for renewal.",
                {"action": "renew_manual"},
            ),
            No("pending order", "invalid `action`", {"action": "nonsense"}, status=400),
            No("pending order", "invalid `action`", status=400),
        ),
    ),
    "/acme-orders/active/acme-server/sync": Deed(
        "",
        "",
        words="acme+server+sync",
        get=ORDER_GET.format("acme+server+sync"),
        back="/acme-orders/active",
        asks=False,  # here; it tells the ids of those that could not be synced
        yes=(
            Yes(
                "/acme-orders/active?result=success&operation=acme+server+sync"
                "&acme_order_ids.success=&acme_order_ids.error={pending order},{ready order}",
                "result AcmeOrderIds.success AcmeOrderIds.error",
            ),
        ),
        proofs=(PEBBLE,),
    ),
}


def part(on: str, operation: str, *no: No, docs: str = "") -> Deed:
    """An action on an authorization or a challenge."""
    words = operation.replace("/", "+").replace("-", "+")
    return Deed(
        on,
        docs,
        operation=operation,
        words=words,
        get=ORDER_GET.format(words),
        no=no,
        proofs=(PEBBLE,),
    )


PARTS = {
    "/acme-authorization/{id}/acme-server/sync": part(
        "pending authorization",
        "acme-server/sync",
        No("authorization without URL", AUTHORIZATION),
    ),
    "/acme-authorization/{id}/acme-server/deactivate": part(
        "pending authorization",
        "acme-server/deactivate",
        No("proved authorization", AUTHORIZATION),
        No("authorization without URL", AUTHORIZATION),
    ),
    "/acme-challenge/{id}/acme-server/sync": part(
        "pending challenge",
        "acme-server/sync",
        No("challenge without URL", CHALLENGE.format("Sync")),
    ),
    "/acme-challenge/{id}/acme-server/trigger": part(
        "pending challenge",
        "acme-server/trigger",
        No("proved challenge", CHALLENGE.format("Trigger")),
        No("challenge without URL", CHALLENGE.format("Trigger")),
        No("dns-01 challenge", "*", status=409),
        No("dns-01 challenge", "*", {"token": "wrong"}, status=409),
        docs="token",
    ),
}
