"""The queue of domains: its pages, and what is done with the names that wait."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from urllib.parse import quote

from ...lib.actions import queue_domains as actions
from ...lib.actions.orders import MOST_NAMES
from ...lib.actions.queue_domains import Mark
from ...lib.context import Context
from ...lib.store import queue_domains
from ...model import QueueDomain
from .. import selection
from ..resource import Action, Column, Docs, Done, Listing, Resource, Show
from ..schemas import Choice, DomainNames, Form, Integer
from . import marks
from .acme_order_new import HTTP_01, HowToOrder, options, request
from .domain_actions import MAX_NAMES
from .marks import marking

MANY = "/queue-domains"

mark_button = partial(marks.button, actions.refusal)


class Names(Form):
    domain_names_http01 = DomainNames(
        "Separated by commas, blanks or lines. Port 80 of each name must lead to this service.",
        label="Names to prove by http-01",
        limit=MAX_NAMES,
        ip=True,
    )


def add(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    results = actions.add(ctx, values[HTTP_01])
    query = f"result=success&operation=add&results={quote(json.dumps(results))}"
    return Done({"domains": results}, to=MANY, query=query)


class Size(Form):
    max_domains_per_certificate = Integer(
        "how many names the certificate may have; as many as the settings allow if it is not given",
        label="Names at most",
        low=1,
        high=MOST_NAMES,
        required=False,
    )


# marshmallow lists the fields of the last base first.
class Process(HowToOrder, Size):
    groups = (("Names", (actions.MOST,)), *HowToOrder.groups)


def process(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    order = actions.process(ctx, partial(request, ctx, values, {}), values[actions.MOST])
    return Done({"AcmeOrder": order}, to=f"/acme-order/{order.id}", query="")


class MarkQueued(Form):
    action = Choice(Mark, "what to make of the name that waits")


def as_json(queued: QueueDomain, _root: str) -> dict[str, Any]:
    return {
        "id": queued.id,
        "domain_name": queued.domain_name,
        "timestamp_created": queued.timestamp_created,
        "timestamp_processed": queued.timestamp_processed,
        "domain_id": queued.domain_id,
        "is_active": bool(queued.is_active),
    }


def state(queued: QueueDomain) -> str:
    return {True: "waiting", False: "processed", None: "cancelled"}[queued.is_active]


QUEUE_DOMAIN = Resource(
    path="queue-domain",
    paths="queue-domains",
    model=QueueDomain,
    label="Queued name",
    labels="Domain queue",
    group="Domains",
    json_name="QueueDomain",
    json_names="QueueDomains",
    about="Names that wait for their first certificate; each run orders one for a batch of them.",
    as_json=as_json,
    focus_json=lambda _ctx, _obj, _root: {"result": "success"},
    title=lambda queued: queued.domain_name,
    status=state,
    options=queue_domains.SHOWN,
    columns=(
        Column("domain_name", "Name"),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column("domain", "Domain", Show.LINK),
        Column("timestamp_created", "Queued", Show.TIME),
        Column("timestamp_processed", "Left the queue", Show.TIME),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(
        Listing(
            "",
            "Waiting",
            lambda _ctx, _params: queue_domains.active().options(*queue_domains.SHOWN),
            empty="No name waits.",
        ),
        Listing(
            "all",
            "All queued names",
            lambda _ctx, _params: queue_domains.every().options(*queue_domains.SHOWN),
            empty="No name was ever queued.",
        ),
    ),
    forms=(
        Action(
            "add",
            "Queue names",
            "Names that are not known yet wait for a certificate; known ones become active.",
            run=add,
            schema=Names,
            docs=Docs(
                examples=(
                    "curl --form 'domain_names_http01=example.com,example.org'"
                    f" {{ADMIN}}{MANY}/add.json",
                ),
                notes=(
                    "The words: `queued`, `already_queued`, `exists` (a known domain, active now),"
                    " `blocklisted`.",
                ),
            ),
            prefill=(HTTP_01,),
            at=f"{MANY}/add",
            html_operation="add",
            primary=True,
        ),
        Action(
            "process",
            "Process the queue",
            "Order one certificate for the names that were queued last.",
            run=process,
            schema=Process,
            docs=Docs(
                examples=(
                    "curl --form 'account_key_option=account_key_global_default'"
                    " --form 'account_key_global_default=…'"
                    " --form 'private_key_option=private_key_for_account_key'"
                    " --form 'processing_strategy=process_single'"
                    f" {{ADMIN}}{MANY}/process.json",
                ),
                notes=(
                    "One order a call, of at most `max_domains_per_certificate` names; wildcards,"
                    " blocklisted names and those that another order is about are left waiting.",
                    "If the CA refuses the order, its names wait on; if it fails later, they do"
                    " not, for one bad name would hold up the others. The order tells which.",
                ),
                related_fields=selection.FILES_TOGETHER,
                options=options,
                suggestions=selection.known_profiles,
            ),
            defaults=selection.defaults,
            at=f"{MANY}/process",
            html_operation="process",
            button="Create order",
        ),
    ),
    actions=(
        Action(
            "mark",
            "Mark queued name",
            "Take a name out of the queue.",
            run=marking("QueueDomain", actions.mark),
            schema=MarkQueued,
            docs=Docs(examples=("curl --form 'action=cancel' {ADMIN}/queue-domain/1/mark.json",)),
            get_query="result=error&error=post+required&operation=mark",
            echo=("action",),
            buttons=(mark_button(Mark.CANCEL, "Cancel", "The name waits no more."),),
        ),
    ),
)
