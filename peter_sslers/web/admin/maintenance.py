"""What scripts run every day: `api/update-recents`, `deactivate-expired`, `reconcile-cas`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...lib.actions import maintenance, reconciliation
from ...lib.context import Context
from ..resource import Action, Docs, Done


def update_recents(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    event = maintenance.update_recents(ctx)
    return done("update-recents", event.id, {"operations_event": event.id})


def deactivate_expired(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    count, event = maintenance.deactivate_expired(ctx)
    told = {"CertificateSigned": {"expired": count}, "operations_event": event.id}
    return done("deactivate-expired", event.id, told)


def reconcile_cas(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    found = reconciliation.reconcile(ctx)
    told = {
        "operations_event": found.event_id,
        "CertificateCA": {
            "reconciled": list(found.reconciled),
            "failed": {str(number): reason for number, reason in found.failed.items()},
        },
    }
    return done("reconcile-cas", found.event_id, told)


def done(name: str, event_id: int, told: dict[str, Any]) -> Done:
    query = f"result=success&operation=api--{name}&event.id={event_id}"
    return Done(told, to="/operations/log", query=query)


def daily(name: str, label: str, about: str, run: Callable[..., Done], *notes: str) -> Action:
    return Action(
        name,
        label,
        about,
        run=run,
        docs=Docs(examples=(f"curl --request POST {{ADMIN}}/api/{name}.json",), notes=notes),
        get_query=f"result=error&operation=api--{name}&error=POST+required",
        html_operation=f"api--{name}",
        at=f"/api/{name}",
        back_to="/operations/log",
    )


ACTIONS = (
    daily(
        "update-recents",
        "Update latest certificates",
        "Look again which certificates are the latest of each domain, and count again what keys,"
        " accounts and CAs have.",
        update_recents,
        "Issuance, import and marks keep them right by themselves.",
    ),
    daily(
        "deactivate-expired",
        "Deactivate expired certificates",
        "Take every certificate out of use that is over.",
        deactivate_expired,
    ),
    daily(
        "reconcile-cas",
        "Find the issuers of CAs",
        "Fetch the issuer's certificate of each CA from the address that stands in it.",
        reconcile_cas,
        "`failed` says why for each CA whose issuer could not be found; the next run tries again.",
        "Private addresses are not asked unless `aia_private_addresses` is on.",
    ),
)
