"""What can be done with a domain, and with names by scripts."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...lib.actions import domains as actions
from ...lib.actions import maintenance
from ...lib.actions.domains import Mark
from ...lib.context import Context
from ...model import Domain
from ..resource import Action, Docs, Done
from ..schemas import Choice, DomainNames, Form
from . import marks
from .marks import marking

MAX_NAMES = 1_000  # in one call
WORDS_ENABLE = (
    "The words: `queued` (a new name, which waits for its certificate), `already_queued`, `exists`"
    " (a known domain, active now), `blocklisted`."
)
WORDS_DISABLE = (
    "The words: `deactivated`, `already deactivated`, `de-queued`, `not active or in queue`."
)


mark_button = partial(marks.button, actions.refusal)


class MarkDomain(Form):
    action = Choice(Mark, "what to make of the domain")


class Names(Form):
    domain_names = DomainNames(
        "names, separated by commas, blanks or lines", limit=MAX_NAMES, wildcard=True, ip=True
    )


MARK = Action(
    "mark",
    "Mark domain",
    "Make a domain active or inactive. Its certificates stay as they are.",
    run=marking("Domain", actions.mark),
    schema=MarkDomain,
    docs=Docs(examples=("curl --form 'action=inactive' {ADMIN}/domain/1/mark.json",)),
    get_query="result=error&error=post+required&operation=mark",
    echo=("action",),
    buttons=(
        mark_button(Mark.ACTIVE, "Activate", "It is in use again."),
        mark_button(Mark.INACTIVE, "Deactivate", "It is in use no more; nothing is deleted."),
    ),
)


def update_recents(ctx: Context, domain: Domain, _values: dict[str, Any]) -> Done:
    maintenance.update_recents_of_domain(ctx, domain)
    return Done({"Domain": domain})


UPDATE_RECENTS = Action(
    "update-recents",
    "Update latest certificates",
    "Look again which certificates are the domain's latest. They are kept up to date by"
    " themselves.",
    run=update_recents,
    docs=Docs(examples=("curl --request POST {ADMIN}/domain/1/update-recents.json",)),
    get_query="result=error&operation=update-recents&message=POST+required",
)


def enable(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    return Done({"domain_results": actions.enable(ctx, values["domain_names"])})


def disable(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    return Done({"domain_results": actions.disable(ctx, values["domain_names"])})


API = (
    Action(
        "enable",
        "Enable domains",
        "Activate names that are known; others are queued for a certificate.",
        run=enable,
        schema=Names,
        docs=Docs(
            instructions=(
                "Activates names that are known; others are queued for a certificate.",
                WORDS_ENABLE,
            )
        ),
        at="/api/domain/enable",
        html_operation="api--domain--enable",
        always_json=True,
    ),
    Action(
        "disable",
        "Disable domains",
        "Deactivate names, and take them from the queue. Certificates stay as they are.",
        run=disable,
        schema=Names,
        docs=Docs(
            instructions=(
                "Deactivates names, and takes them from the queue. Certificates stay as they are.",
                WORDS_DISABLE,
            )
        ),
        at="/api/domain/disable",
        html_operation="api--domain--disable",
        always_json=True,
    ),
)
