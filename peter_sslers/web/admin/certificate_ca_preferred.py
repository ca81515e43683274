"""The preferred CAs: the page, and what changes their order."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...lib.actions import ca_preferences
from ...lib.actions.ca_preferences import Priority
from ...lib.context import Context
from ...lib.store import certificate_cas
from ..register import add_action, add_page
from ..resource import Action, Docs, Done
from ..schemas import Choice, Form, Integer, Text
from ..shown import Custom
from .certificate_ca import CERTIFICATE_CA, as_json

PREFERRED = "/certificate-cas/preferred"


def view(request: Request) -> Custom:
    """`PreferenceOrder` is {slot: id of a CA}, both as text."""
    preferred = list(request.ctx.db.scalars(certificate_cas.preferences()))
    cas = [preference.certificate_ca for preference in preferred]
    root = request.admin_url
    return Custom(
        "certificate_cas_preferred.mako",
        {"preferred": preferred},
        {
            "PreferenceOrder": {str(p.slot): str(p.certificate_ca_id) for p in preferred},
            "CertificateCAs": {str(ca.id): as_json(ca, root) for ca in cas},
        },
        title="Preferred CAs",
        sentence="Where a certificate has more than one chain, it is served with the first that"
        " holds a preferred CA, in this order.",
        group=CERTIFICATE_CA.group,
        tools=(("Prefer a CA", f"{PREFERRED}/add"), ("All CA certificates", CERTIFICATE_CA.many)),
        path=PREFERRED,
    )


class Add(Form):
    fingerprint_sha1 = Text(
        "the CA's SHA-1 fingerprint; its beginning will do if no other CA's begins so",
        label="SHA-1 fingerprint",
    )


class Of(Form):
    """Which of them: both must be as the caller has seen them."""

    slot = Integer("where it stands in the order")
    fingerprint_sha1 = Text("the CA's whole SHA-1 fingerprint", label="SHA-1 fingerprint")


class Prioritize(Of):
    priority = Choice(
        Priority,
        "in which direction it changes places with its neighbour",
        explain={"increase": "one place up", "decrease": "one place down"},
    )


def add(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    ca_preferences.add(ctx, values["fingerprint_sha1"])
    return Done(to=PREFERRED)


def delete(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    ca_preferences.delete(ctx, values["slot"], values["fingerprint_sha1"])
    return Done(to=PREFERRED)


def prioritize(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    ca_preferences.prioritize(ctx, values["slot"], values["fingerprint_sha1"], values["priority"])
    return Done(to=PREFERRED)


def _curl(name: str, *fields: str) -> tuple[str, ...]:
    forms = " ".join(f"--form '{field}'" for field in fields)
    return (f"curl {forms} {{ADMIN}}{PREFERRED}/{name}.json",)


SHA1 = "fingerprint_sha1=DAC9024F54D8F6DF94935FB1732638CA6AD77C13"

ACTIONS = (
    Action(
        "preferred/add",
        "Prefer a CA",
        "Put a CA at the end of the preferred ones.",
        run=add,
        schema=Add,
        docs=Docs(examples=_curl("add", "fingerprint_sha1=DAC9024F"), single_example=True),
        operation="add",
        html_operation="add",
        at=f"{PREFERRED}/add",
        back_to=PREFERRED,
        prefill=("fingerprint_sha1",),
    ),
    Action(
        "preferred/delete",
        "Prefer a CA no more",
        "Take a CA out of the preferred ones; those after it move up.",
        run=delete,
        schema=Of,
        docs=Docs(examples=_curl("delete", "slot=1", SHA1)),
        operation="delete",
        html_operation="delete",
        at=f"{PREFERRED}/delete",
        back_to=PREFERRED,
        prefill=("slot", "fingerprint_sha1"),
    ),
    Action(
        "preferred/prioritize",
        "Change a CA's priority",
        "Let a preferred CA change places with the one before or after it.",
        run=prioritize,
        schema=Prioritize,
        docs=Docs(examples=_curl("prioritize", "slot=1", SHA1, "priority=decrease")),
        operation="prioritize",
        html_operation="prioritize",
        at=f"{PREFERRED}/prioritize",
        back_to=PREFERRED,
        prefill=("slot", "fingerprint_sha1", "priority"),
    ),
)


def includeme(config: Configurator) -> None:
    add_page(config, PREFERRED, view)
    for action in ACTIONS:
        add_action(config, action.at, CERTIFICATE_CA, action)
