"""ACME orders: their pages."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.store import acme_authorizations, acme_event_logs, acme_orders
from ...model import AcmeAuthorization, AcmeEventLog, AcmeOrder, PrivateKey
from ...model.acme_order import ACTIVE
from .. import pages
from ..register import add_page
from ..resource import Column, Listing, Related, Resource, Show
from ..shown import Custom
from . import acme_order_actions, acme_order_json, acme_order_new, acme_order_progress
from .acme_order_json import as_json


def private_key(order: AcmeOrder) -> PrivateKey | str:
    """The placeholder stands for a key that is not there."""
    key = order.private_key
    if not key.is_placeholder:
        return key
    if order.acme_status_order in ACTIVE:
        return "none yet: it is made, or chosen, when the order is finalized"
    return "none was made"


ACME_ORDER = Resource(
    path="acme-order",
    paths="acme-orders",
    model=AcmeOrder,
    label="ACME order",
    labels="ACME orders",
    group="Orders",
    json_name="AcmeOrder",
    json_names="AcmeOrders",
    json_list=True,
    about="Certificates that CAs were asked for.",
    as_json=as_json,
    status=lambda order: order.acme_status_order,
    sentence=acme_order_progress.sentence,
    steps=acme_order_progress.steps,
    next_step=acme_order_progress.next_panel,
    options=acme_orders.SHOWN,
    template="focus/acme_order.mako",
    columns=(
        Column("domains_as_list", "Names", Show.NAMES),
        Column("acme_status_order", "Status", Show.STATUS),
        Column("acme_order_processing_status", "Progress", Show.STATUS),
        Column("acme_account", "Account", Show.LINK),
        Column("certificate_signed", "Certificate", Show.LINK),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", "Order", Show.NUMBER),
        Column("certificate_request", "Request", Show.LINK, in_list=False),
        Column("private_key", "Private key", Show.LINK, in_list=False, value=private_key),
        Column("unique_fqdn_set", "FQDN set", Show.LINK, in_list=False),
        Column("acme_order__renewal_of", "Renewal of", Show.LINK, in_list=False),
        Column("acme_order__retry_of", "Retry of", Show.LINK, in_list=False),
        Column("acme_order_type", "Kind", in_list=False),
        Column("acme_order_processing_strategy", "Processing", in_list=False),
        Column("is_processing", "Being processed", Show.BOOL, in_list=False),
        Column("is_auto_renew", "Renewed automatically", Show.BOOL, in_list=False),
        Column("private_key_cycle__renewal", "Key at renewals", in_list=False),
        Column("private_key_strategy__requested", "Key asked for", in_list=False),
        Column("private_key_strategy__final", "Key used", in_list=False),
        Column("profile", "Profile", in_list=False),
        Column("replaces", "Replaces (ARI)", Show.CODE, in_list=False),
        Column("timestamp_expires", "Open until", Show.TIME, in_list=False),
        Column("timestamp_retry_after", "The CA asked to wait until", Show.TIME, in_list=False),
        Column("timestamp_finalized", "Finalized", Show.TIME, in_list=False),
        Column("timestamp_updated", "Last change", Show.TIME, in_list=False),
        Column("order_url", "Order URL", Show.CODE, in_list=False),
        Column("certificate_url", "Certificate URL", Show.CODE, in_list=False),
        Column("error", "What went wrong", in_list=False),
    ),
    listings=(
        Listing("", "Orders", lambda _ctx, _params: acme_orders.every(), redirect="active"),
        Listing(
            "active",
            "Active",
            lambda _ctx, _params: acme_orders.active(),
            empty="No order is under way.",
        ),
        Listing(
            "finished",
            "Finished",
            lambda _ctx, _params: acme_orders.finished(),
            empty="No order has succeeded or failed yet.",
        ),
        Listing("all", "All", lambda _ctx, _params: acme_orders.every()),
    ),
    related=(
        Related(
            "acme-authorizations",
            "Authorizations",
            AcmeAuthorization,
            acme_authorizations.of_order,
            empty="The CA has not said yet what is to be proved.",
        ),
        Related(
            "acme-event-logs",
            "Event log",
            AcmeEventLog,
            acme_event_logs.of_order,
            empty="Nothing was asked of the CA yet.",
        ),
    ),
    actions=acme_order_actions.ACTIONS,
    forms=(acme_order_new.NEW_FREEFORM, acme_order_actions.SYNC_ACTIVE),
)


def audit(request: Request) -> Custom:
    """`/acme-order/{id}/audit`"""
    order = pages.found(request, ACME_ORDER)
    report = acme_order_json.audit(order)
    return Custom(
        "acme_order_audit.mako",
        {"order": order, "report": report},
        {"result": "success", "AuditReport": report},
        title=f"Audit report of ACME order #{order.id}",
        group="Orders",
        path=f"/acme-order/{order.id}/audit",
        status=order.acme_status_order,
        sentence="What the order was made from, and what came of it.",
    )


def includeme(config: Configurator) -> None:
    add_page(config, f"{ACME_ORDER.one}/audit", audit)
