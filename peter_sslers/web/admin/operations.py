"""The log of what was done here, and to which objects: its pages; and what is run every day."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.request import Request
from sqlalchemy import Select

from ...enums import OperationsEventType
from ...lib.store import events
from ...model import OperationsEvent, OperationsObjectEvent
from ...model.operations import OBJECT_KINDS
from ..resource import Column, Related, Resource, Show
from . import maintenance
from .shared import newest

LOG = "/operations/log"
WORDS = tuple(map(str, OperationsEventType))


def event_as_json(event: OperationsEvent, _root: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "operations_event_type": event.operations_event_type,
        "timestamp_event": event.timestamp_event,
        "event_payload": event.event_payload_json,
        "operations_event_id__child_of": event.operations_event_id__child_of,
    }


def object_event_as_json(event: OperationsObjectEvent, _root: str) -> dict[str, Any]:
    touched = {f"{kind}_id": getattr(event, f"{kind}_id") for kind in OBJECT_KINDS}
    return {
        "id": event.id,
        "operations_event_id": event.operations_event_id,
        "operations_object_event_status": event.operations_object_event_status,
        **{column: number for column, number in touched.items() if number is not None},
    }


def touched(event: OperationsObjectEvent) -> Any:
    """The one object that it is about."""
    kind = kind_of(event)
    return getattr(event, kind) if kind else None


def kind_of(event: OperationsObjectEvent) -> str:
    """`certificate_signed`"""
    return next((k for k in OBJECT_KINDS if getattr(event, f"{k}_id") is not None), "")


def only(query: Select[OperationsEvent], word: str) -> Select[OperationsEvent]:
    if word not in WORDS:
        return query
    return query.where(OperationsEvent.operations_event_type == OperationsEventType(word))


def only_object(query: Select[OperationsObjectEvent], kind: str) -> Select[OperationsObjectEvent]:
    if kind not in OBJECT_KINDS:
        return query
    return query.where(getattr(OperationsObjectEvent, f"{kind}_id").is_not(None))


OPERATIONS_EVENT = Resource(
    path="operations/log/item",
    paths="operations/log",
    model=OperationsEvent,
    label="Operation",
    labels="Operations",
    group="Logs",
    json_name="OperationsEvent",
    json_names="OperationsEvents",
    about="Everything that was done here, and what is to be run every day.",
    as_json=event_as_json,
    title=lambda event: f"Operation #{event.id}, {event.operations_event_type}",
    options=events.FOCUS,
    columns=(
        Column("operations_event_type", "Operation", filter=only, filter_words=WORDS),
        Column("timestamp_event", "Time", Show.TIME),
        Column("object_events", "Objects", Show.NUMBER, value=lambda e: len(e.object_events)),
        Column("parent", "Part of", Show.LINK, in_list=False),
        Column("operations_event_id__child_of", "Part of", in_focus=False),
        Column("event_payload", "Details", Show.PEM, in_list=False),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(newest("Operations", events.every),),
    related=(
        Related(
            "object-log",
            "Objects",
            OperationsObjectEvent,
            events.object_events_of_event,
            empty="No object was changed by it.",
        ),
        Related(
            "children",
            "Its parts",
            OperationsEvent,
            events.children_of,
            empty="It has no parts.",
        ),
    ),
    forms=maintenance.ACTIONS,
)

OPERATIONS_OBJECT_EVENT = Resource(
    path="operations/object-log/item",
    paths="operations/object-log",
    model=OperationsObjectEvent,
    label="Change of an object",
    labels="Changes of objects",
    group="Logs",
    json_name="OperationsObjectEvent",
    json_names="OperationsObjectEvents",
    about="What each operation did to each object.",
    as_json=object_event_as_json,
    title=lambda event: f"Change #{event.id}, {event.operations_object_event_status}",
    options=events.OBJECT_SHOWN,
    columns=(
        Column("operations_object_event_status", "Change"),
        Column("kind", value=kind_of, filter=only_object, filter_words=OBJECT_KINDS),
        Column("object", "Object", Show.LINK, value=touched),
        Column("operations_event", "Operation", Show.LINK),
        Column(
            "time",
            show=Show.TIME,
            value=lambda e: e.operations_event.timestamp_event if e.operations_event else None,
        ),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(newest("Changes of objects", events.object_events),),
)


def operations(request: Request) -> HTTPFound:
    """`/operations`"""
    return HTTPFound(location=f"{request.admin_url}{LOG}")


def includeme(config: Configurator) -> None:
    config.add_route("operations", "/operations")
    config.add_view(operations, route_name="operations")
