"""What can be done with a set of names."""

from __future__ import annotations

from typing import Any

from ...lib.actions import maintenance
from ...lib.actions import unique_fqdn_sets as actions
from ...lib.context import Context
from ...model import UniqueFQDNSet
from ..resource import Action, Docs, Done
from ..schemas import DomainNames, Form

HINT = "separated by commas, blanks or lines"


class NewSet(Form):
    domain_names = DomainNames(f"the names, {HINT}", wildcard=True, ip=True)


class ModifySet(Form):
    domain_names_add = DomainNames(
        f"names that the new set has as well, {HINT}",
        label="Names to add",
        required=False,
        wildcard=True,
        ip=True,
    )
    domain_names_del = DomainNames(
        f"names that the new set has not, {HINT}",
        label="Names to leave out",
        required=False,
        wildcard=True,
        ip=True,
    )


def done(operation: str, fqdns: UniqueFQDNSet, is_created: bool) -> Done:
    return Done(
        {"is_created": is_created, "UniqueFQDNSet": fqdns},
        to=f"/unique-fqdn-set/{fqdns.id}",
        query=f"result=success&operation={operation}&is_created={is_created}",
    )


def new(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    return done("new", *actions.new(ctx, values["domain_names"]))


def modify(ctx: Context, fqdns: UniqueFQDNSet, values: dict[str, Any]) -> Done:
    add, remove = values["domain_names_add"] or [], values["domain_names_del"] or []
    return done("modify", *actions.modified(ctx, fqdns, add, remove))


def update_recents(ctx: Context, fqdns: UniqueFQDNSet, _values: dict[str, Any]) -> Done:
    maintenance.update_recents_of_set(ctx, fqdns)
    return Done({"UniqueFQDNSet": fqdns})


NEW = Action(
    "new",
    "New set of names",
    "Store a set of names; one that is known already is found again.",
    run=new,
    schema=NewSet,
    operation="new",
    docs=Docs(
        examples=(
            "curl --form 'domain_names=example.com, www.example.com'"
            " {ADMIN}/unique-fqdn-set/new.json",
        )
    ),
)
MODIFY = Action(
    "modify",
    "Make another set from it",
    "Store the set that has more or fewer names. This one stays as it is.",
    run=modify,
    schema=ModifySet,
    operation="modify",
    docs=Docs(
        examples=(
            "curl --form 'domain_names_add=www.example.com' --form 'domain_names_del=example.com'"
            " {ADMIN}/unique-fqdn-set/1/modify.json",
        )
    ),
)
UPDATE_RECENTS = Action(
    "update-recents",
    "Update latest certificates",
    "Look again which certificates are the latest of its names. They are kept up to date by"
    " themselves.",
    run=update_recents,
    docs=Docs(examples=("curl --request POST {ADMIN}/unique-fqdn-set/1/update-recents.json",)),
    get_query="result=error&operation=update-recents&message=POST+required",
)
