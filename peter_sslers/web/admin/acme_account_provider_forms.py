"""The forms that add and change ACME servers."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...lib.actions import provider_rows
from ...lib.actions.provider_rows import Mark
from ...lib.context import Context
from ...model import AcmeAccountProvider
from ..resource import Action, Docs, Done
from ..schemas import Choice, Flag, Form, Pem, Text
from . import marks
from .marks import marking

SETTINGS_DECIDE = (
    "Which provider is the default, and which are enabled at every start, is said by the settings: "
    "`certificate_authority` and `certificate_authorities_enable`."
)


class NewProvider(Form):
    name = Text("a short name, such as step-ca.example.com", label="Name")
    directory = Text(
        "the URL of its directory; http:// only on this machine itself, or for tests",
        label="Directory",
    )
    is_eab_required = Flag(
        "it registers its customers only: new accounts need an external account binding",
        label="Wants an external account binding",
    )
    ca_bundle_pem = Pem(
        "certificates that vouch for its TLS, instead of the system's",
        label="CA bundle, PEM",
        required=False,
    )


class EditProvider(NewProvider):
    drop_ca_bundle = Flag(
        "forget the CA bundle that is stored; without this, and without a new one, it stays",
        label="Forget the CA bundle",
    )


mark_button = partial(marks.button, provider_rows.refusal_of_row)


class MarkProvider(Form):
    action = Choice(Mark, "whether accounts can be made at it")


def wanted(values: dict[str, Any]) -> provider_rows.Wanted:
    bundle = "" if values.get("drop_ca_bundle") else None
    return provider_rows.Wanted(
        name=values["name"],
        directory=values["directory"],
        is_eab_required=bool(values["is_eab_required"]),
        ca_bundle_pem=values["ca_bundle_pem"] or bundle,
    )


def new(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    provider = provider_rows.new(ctx, wanted(values))
    return Done(
        {"AcmeAccountProvider": provider, "is_created": True},
        to=f"/acme-account-provider/{provider.id}",
        query="result=success&operation=new&is_created=1",
    )


def edit(ctx: Context, provider: AcmeAccountProvider, values: dict[str, Any]) -> Done:
    provider_rows.edit(ctx, provider, wanted(values))
    return Done({"AcmeAccountProvider": provider})


def present(_ctx: Context, provider: AcmeAccountProvider) -> dict[str, Any]:
    """What the edit form shows first."""
    return {
        "name": provider.name,
        "directory": provider.directory or "",
        "is_eab_required": "1" if provider.is_eab_required else "",
    }


NEW = Action(
    "new",
    "New provider",
    "Add an ACME server at which accounts can be made. It is not asked yet.",
    run=new,
    schema=NewProvider,
    docs=Docs(
        examples=(
            "curl --form 'name=step-ca' --form 'directory=https://ca.example.com/acme/directory'"
            " --form 'ca_bundle_pem=@root.pem' {ADMIN}/acme-account-provider/new.json",
        ),
        notes=(SETTINGS_DECIDE,),
    ),
    button="Add provider",
)

EDIT = Action(
    "edit",
    "Edit provider",
    "Change its name, its directory, and how it is trusted.",
    run=edit,
    schema=EditProvider,
    docs=Docs(notes=(SETTINGS_DECIDE,)),
    possible=lambda provider: (
        None if provider.protocol == "acme-v2" else "It speaks no ACME that is spoken any more."
    ),
    defaults=present,
)

MARK = Action(
    "mark",
    "Mark provider",
    f"Let accounts be made at it, or not. {SETTINGS_DECIDE}",
    run=marking("AcmeAccountProvider", provider_rows.mark),
    schema=MarkProvider,
    docs=Docs(
        examples=("curl --form 'action=active' {ADMIN}/acme-account-provider/1/mark.json",),
        notes=(SETTINGS_DECIDE,),
    ),
    get_query="result=error&error=post+required&operation=mark",
    echo=("action",),
    buttons=(
        mark_button(Mark.ACTIVE, "Enable", "Accounts can be made at it."),
        mark_button(
            Mark.INACTIVE,
            "Disable",
            "No account can be made at it any more. Those that are there go on.",
        ),
    ),
)
