"""What can be done with an order."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from ...errors import SslersError
from ...lib.actions import order_authorizations, order_marks, order_processing, order_sync
from ...lib.actions.order_marks import Mark
from ...lib.context import Context
from ...model import AcmeOrder
from ..resource import Action, Docs, Done
from ..schemas import Form, Text
from . import marks
from .acme_deeds import ORDER, deed
from .acme_order_renew import RENEW_CUSTOM, RENEW_QUICK, RETRY


class MarkWord(Text):
    """A wrong word is answered by the action, in the way that clients know from the others."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint, required=False)
        self.choices = dict.fromkeys(map(str, Mark), "")


class MarkOrder(Form):
    may_be_empty: ClassVar[bool] = True
    action = MarkWord("what to make of the order; may stand in the query string, too")


def mark(ctx: Context, order: AcmeOrder, values: dict[str, Any]) -> Done:
    word = values["action"]
    if word not in set(Mark):
        raise SslersError("invalid `action`")
    order_marks.mark(ctx, order, Mark(word))
    return Done(
        {"action": word, "AcmeOrder": order},
        query=marks.marked(word),
    )


# What a page says instead of the words that clients of the JSON know.
WHY_NOT = {
    Mark.RENEW_AUTO: "It is renewed automatically already.",
    Mark.RENEW_MANUAL: "It is renewed by hand already.",
    Mark.DEACTIVATE: "Nothing works on it.",
    Mark.INVALID: "Possible until the order has ended.",
}


def why_not(order: AcmeOrder, to: Mark) -> str | None:
    return WHY_NOT[to] if order_marks.refusal(order, to) else None


mark_button = partial(marks.button, why_not)


def mark_consequences(_order: AcmeOrder) -> tuple[str, ...]:
    return (
        "Peter SSLers stops working on this order.",
        "The CA is not told: its authorizations stay as they are.",
    )


def given_up_with(order: AcmeOrder) -> tuple[str, ...]:
    names = [
        a.domain.domain_name if a.domain else "one as yet unread"
        for a in order.authorizations_can_deactivate
    ]
    return (
        f"The CA is told to give up: {', '.join(names)}.",
        "This order fails, and so does every other order that waits for one of them.",
    )


MARK = Action(
    "mark",
    "Mark order",
    "Give an order up, stop it, or say whether its certificate is renewed. Local only.",
    run=mark,
    schema=MarkOrder,
    docs=Docs(
        examples=("curl --form 'action=invalid' {ADMIN}/acme-order/1/mark.json",),
    ),
    get_query="result=error&operation=mark&message=HTTP+POST+required",
    operation="mark",
    query_too=True,
    echo=("action",),
    consequences=mark_consequences,
    buttons=(
        mark_button(
            Mark.RENEW_AUTO,
            "Renew automatically",
            "Its certificate gets a successor in time.",
            form_id="acme_order-mark-renew_auto",
        ),
        mark_button(
            Mark.RENEW_MANUAL,
            "Renew by hand",
            "Its certificate will expire unless you renew it.",
            form_id="acme_order-mark-renew_manual",
        ),
        mark_button(
            Mark.DEACTIVATE,
            "Stop processing",
            "No worker takes it up again.",
            form_id="acme_order-mark-deactivate",
        ),
        mark_button(
            Mark.INVALID,
            "Mark invalid",
            "Stops work on it here; the CA is not told.",
            form_id="form-acme_order-mark_invalid",
            danger=True,
        ),
    ),
)

ACTIONS = (
    deed(
        ORDER,
        "acme-process",
        "Process",
        "Does the next step: one name is proved, or the order is finalized.",
        order_processing.process,
        possible=lambda order: None if order.is_can_acme_process else "The order has ended.",
        error_operation="process order",
        primary=True,
        form_id="form-acme_process",
        button_id="btn-acme_process",
    ),
    deed(
        ORDER,
        "acme-server/sync",
        "Sync order",
        "Asks the CA for its view of this order.",
        order_sync.sync,
        possible=lambda order: (
            None if order.is_can_acme_server_sync else "Possible when the CA knows the order."
        ),
        form_id="form-acme_server-sync",
        button_id="btn-sync",
    ),
    deed(
        ORDER,
        "acme-server/sync-authorizations",
        "Sync order and authorizations",
        "Asks the CA for its view of this order, of each name, and of the challenges.",
        order_authorizations.sync,
        possible=lambda order: (
            None if order.is_can_acme_server_sync else "Possible when the CA knows the order."
        ),
        form_id="form-acme_server-sync_authorizations",
        button_id="btn-sync_authorizations",
    ),
    deed(
        ORDER,
        "acme-finalize",
        "Finalize",
        "Sends the certificate request and fetches the certificate.",
        order_sync.finalize,
        possible=lambda order: (
            None if order.is_can_acme_finalize else "Possible when every name is proved."
        ),
        operation="finalize-order",
        form_id="form-acme_finalize",
        button_id="btn-acme_finalize",
    ),
    deed(
        ORDER,
        "acme-server/download-certificate",
        "Download certificate",
        "Fetches the certificate that the CA has issued.",
        order_sync.download,
        possible=lambda order: (
            None
            if order.is_can_acme_server_download_certificate
            else "Possible when the order is valid and its certificate is not here yet."
        ),
        form_id="acme_order-download_certificate",
    ),
    RETRY,
    RENEW_QUICK,
    RENEW_CUSTOM,
    MARK,
    deed(
        ORDER,
        "acme-server/deactivate-authorizations",
        "Deactivate authorizations",
        "Gives up, at the CA, each name that is not proved yet. The order fails with it.",
        order_authorizations.deactivate,
        possible=lambda order: (
            None
            if order.is_can_acme_server_deactivate_authorizations
            else "Possible while the CA waits for the proof of a name."
        ),
        consequences=given_up_with,
        danger=True,
        form_id="form-acme_server-deactivate_authorizations",
        button_id="btn-deactivate_authorizations",
    ),
)


def sync_active(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    found = order_sync.sync_active(ctx)
    succeeded, failed = (",".join(map(str, ids)) for ids in (found.success, found.error))
    return Done(
        {"AcmeOrderIds.success": found.success, "AcmeOrderIds.error": found.error},
        to="/acme-orders/active",
        query=f"result=success&operation=acme+server+sync"
        f"&acme_order_ids.success={succeeded}&acme_order_ids.error={failed}",
    )


SYNC_ACTIVE = Action(
    "active/acme-server/sync",
    "Sync all active orders",
    "Asks the CAs for their view of every order that is under way.",
    run=sync_active,
    get_query="result=error&operation=acme+server+sync&message=HTTP+POST+required",
    html_operation="acme server sync",
    at="/acme-orders/active/acme-server/sync",
    back_to="/acme-orders/active",
    form_id="acme_orders-acme_server_sync",
)
