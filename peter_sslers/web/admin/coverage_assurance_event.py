"""Reports that a name may have lost its cover: their pages."""

from __future__ import annotations

from typing import Any

from ...enums import CoverageAssuranceResolution
from ...lib.actions import coverage_marks
from ...lib.context import Context
from ...lib.store import coverage_assurance_events
from ...model import CoverageAssuranceEvent
from ..resource import Action, Column, Docs, Done, Listing, Related, Resource, Show
from ..schemas import Choice, Form

RESOLUTIONS = {
    CoverageAssuranceResolution.UNRESOLVED: "nobody has decided yet",
    CoverageAssuranceResolution.ABANDONED: "the names need no certificate any more",
    CoverageAssuranceResolution.PRIVATE_KEY_REPLACED: "there is another key; for a report on a key",
    CoverageAssuranceResolution.CERTIFICATE_SIGNED_REPLACED: "there is another certificate; for a"
    " report on a certificate",
}


def as_json(event: CoverageAssuranceEvent, _root: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "timestamp_created": event.timestamp_created,
        "private_key_id": event.private_key_id,
        "certificate_signed_id": event.certificate_signed_id,
        "queue_certificate_id": event.queue_certificate_id,
        "coverage_assurance_event_type": event.coverage_assurance_event_type,
        "coverage_assurance_event_status": event.coverage_assurance_event_status,
        "coverage_assurance_resolution": event.coverage_assurance_resolution,
        "coverage_assurance_event_id__parent": event.coverage_assurance_event_id__parent,
    }


class Resolve(Form):
    action = Choice(("resolution",), "what to mark", default="resolution")
    resolution = Choice(
        CoverageAssuranceResolution,
        "what became of it",
        explain={str(word): text for word, text in RESOLUTIONS.items()},
    )


def mark(ctx: Context, event: CoverageAssuranceEvent, values: dict[str, Any]) -> Done:
    coverage_marks.resolve(ctx, event, values["resolution"])
    return Done({"CoverageAssuranceEvent": event}, query="result=success&operation=mark")


MARK = Action(
    "mark",
    "Say what became of it",
    "Note how the loss of cover was dealt with.",
    run=mark,
    schema=Resolve,
    docs=Docs(
        examples=(
            "curl --form 'action=resolution' --form 'resolution=abandoned'"
            " {ADMIN}/coverage-assurance-event/1/mark.json",
        ),
        # A word, and no list: what clients of the original find here.
        options=lambda _ctx: {"action": "resolution"},
    ),
    operation="mark",
    get_query="result=error&error=post+required&operation=mark",
    hidden={"action": "resolution"},
    echo=("action",),
)

COVERAGE_ASSURANCE_EVENT = Resource(
    path="coverage-assurance-event",
    paths="coverage-assurance-events",
    model=CoverageAssuranceEvent,
    label="Event of coverage",
    labels="Events of coverage",
    group="Logs",
    json_name="CoverageAssuranceEvent",
    json_names="CoverageAssuranceEvents",
    json_list=True,
    list_json=lambda total: {"CoverageAssuranceEvents_count": total},
    about="Keys that were compromised, certificates that were revoked, renewals that can not be"
    " ordered: a name may have lost its cover.",
    as_json=as_json,
    status=lambda event: event.coverage_assurance_resolution,
    columns=(
        Column("id", "Event", Show.NUMBER),
        Column("coverage_assurance_event_type", "What"),
        Column("coverage_assurance_resolution", "Resolution", Show.STATUS),
        Column("coverage_assurance_event_status", "Status", Show.STATUS),
        Column("private_key_id", "Private key", Show.ID),
        Column("certificate_signed_id", "Certificate", Show.ID),
        Column("queue_certificate_id", "Queued renewal", Show.ID, in_list=False),
        Column("timestamp_created", "Time", Show.TIME),
        Column("coverage_assurance_event__parent", "Part of", Show.LINK, in_list=False),
    ),
    listings=(
        Listing("", "All", lambda _ctx, _params: coverage_assurance_events.every(), redirect="all"),
        Listing(
            "all",
            "All events of coverage",
            lambda _ctx, _params: coverage_assurance_events.every(),
            empty="No key and no certificate has been lost.",
        ),
        Listing(
            "unresolved",
            "Unresolved",
            lambda _ctx, _params: coverage_assurance_events.unresolved(),
            empty="Nothing waits for your decision.",
        ),
    ),
    related=(
        Related(
            "children",
            "Its parts",
            CoverageAssuranceEvent,
            coverage_assurance_events.children_of,
            json_name="CoverageAssuranceEvents_Children",
            with_object=True,
            empty="No certificate is part of it.",
        ),
    ),
    actions=(MARK,),
)
