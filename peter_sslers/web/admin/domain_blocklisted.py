"""The blocklist: its page, and what changes it."""

from __future__ import annotations

from typing import Any

from ...lib.actions import blocklist
from ...lib.context import Context
from ...lib.store import domains_blocklisted
from ...model import DomainBlocklisted
from ..resource import Action, Column, Docs, Done, Listing, Resource, Show
from ..schemas import DomainName, Form

MANY = "/domains-blocklisted"


class Name(Form):
    domain_name = DomainName(
        "the whole name: neither its parent nor the names below it", wildcard=True, ip=True
    )


def add(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    listed, is_new = blocklist.add(ctx, values["domain_name"])
    return Done({"DomainBlocklisted": listed, "is_created": is_new}, to=MANY)


def delete(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    blocklist.delete(ctx, values["domain_name"])
    return Done(to=MANY)


def as_json(listed: DomainBlocklisted, _root: str) -> dict[str, Any]:
    return {"id": listed.id, "domain_name": listed.domain_name}


def docs(word: str) -> Docs:
    return Docs(examples=(f"curl --form 'domain_name=example.com' {{ADMIN}}{MANY}/{word}.json",))


DOMAIN_BLOCKLISTED = Resource(
    path="domain-blocklisted",
    paths="domains-blocklisted",
    model=DomainBlocklisted,
    label="Blocklisted name",
    labels="Blocklist",
    group="Domains",
    json_name="DomainBlocklisted",
    json_names="DomainsBlocklisted",
    json_list=True,
    about="Names that are never ordered, and whose challenges are not answered.",
    as_json=as_json,
    columns=(
        Column("domain_name", "Name"),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(
        Listing(
            "",
            "Blocklist",
            lambda _ctx, _params: domains_blocklisted.every(),
            empty="Every name may be ordered.",
        ),
    ),
    focus=False,
    forms=(
        Action(
            "add",
            "Block a name",
            "The name is not ordered any more. Certificates that it has stay as they are.",
            run=add,
            schema=Name,
            docs=docs("add"),
            at=f"{MANY}/add",
            html_operation="domains-blocklisted--add",
            primary=True,
        ),
        Action(
            "delete",
            "Unblock a name",
            "The name may be ordered again.",
            run=delete,
            schema=Name,
            docs=docs("delete"),
            at=f"{MANY}/delete",
            html_operation="domains-blocklisted--delete",
            back_to=MANY,
        ),
    ),
)
