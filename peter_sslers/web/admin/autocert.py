"""Autocert: the action that edge servers call, and the pages of its runs."""

from __future__ import annotations

from typing import Any

from ...lib.actions import autocert as actions
from ...lib.context import Context
from ...lib.store import acme_accounts, configs, domain_autocerts
from ...model import DomainAutocert
from ..resource import Action, Column, Docs, Done, Resource, Show
from ..schemas import DomainName, Form
from .shared import newest

NO_CONFIG = {
    "domain": None,
    "certificate_signed__latest_single": None,
    "certificate_signed__latest_multi": None,
}


class ServerName(DomainName):
    """One name, as a client's hello may have it: a final dot is dropped."""

    only_one = "This endpoint currently supports only 1 domain name"

    def _text(self, value: Any) -> str:
        return super()._text(value).strip().removesuffix(".")


class Autocert(Form):
    domain_name = ServerName("the name that needs a certificate")


def run(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    served = actions.serve(ctx, values["domain_name"])
    with ctx.database.single_read() as connection:
        config = configs.of_name(connection, served.domain.domain_name)
    told = {**(config.as_json() if config else NO_CONFIG), "notes": served.notes}
    if served.order:
        told["AcmeOrder"] = {"id": served.order.id}
    return Done(told, to=f"/domain/{served.domain.id}")


def warnings(ctx: Context) -> tuple[str, ...]:
    account = ctx.db.scalar(acme_accounts.global_default())
    is_ready = account is not None and account.is_usable
    return () if is_ready else ("IMPORTANT: No global AcmeAccount is configured yet.",)


AUTOCERT = Action(
    "autocert",
    "Autocert",
    "Order a certificate for a name that has none, and wait for it.",
    run=run,
    schema=Autocert,
    docs=Docs(
        instructions=(
            "Answers with the domain's configuration; if it has no valid certificate, one is"
            " ordered and waited for.",
            "One order at a time for a name; the next after 10 minutes, after failures later.",
        ),
        warnings=warnings,
    ),
    at="/api/domain/autocert",
    html_operation="api--domain--autocert",
    error_json=NO_CONFIG,
)


def as_json(run: DomainAutocert, _root: str) -> dict[str, Any]:
    return {
        "id": run.id,
        "Domain": {"id": run.domain.id, "domain_name": run.domain.domain_name},
        "timestamp_created": run.timestamp_created,
        "timestamp_finished": run.timestamp_finished,
        "is_successful": run.is_successful,
        "AcmeOrder": {"id": run.acme_order_id} if run.acme_order_id else None,
    }


def state(run: DomainAutocert) -> str:
    return {None: "not ended", True: "successful", False: "failed"}[run.is_successful]


DOMAIN_AUTOCERT = Resource(
    path="domain-autocert",
    paths="domain-autocerts",
    model=DomainAutocert,
    label="Autocert run",
    labels="Autocert runs",
    group="Domains",
    json_name="DomainAutocert",
    json_names="DomainAutocerts",
    json_list=True,
    about="Edge servers have asked for certificates of names that had none.",
    as_json=as_json,
    options=domain_autocerts.SHOWN,
    status=state,
    columns=(
        Column("id", "Id", Show.NUMBER),
        Column("domain", "Domain", Show.LINK),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column("acme_order", "Order", Show.LINK),
        Column("timestamp_created", "Began", Show.TIME),
        Column("timestamp_finished", "Ended", Show.TIME),
    ),
    listings=(newest("All runs", domain_autocerts.every),),
)
