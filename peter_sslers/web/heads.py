"""The head of a page: title, state, sentence, where it stands, and its twins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from pyramid.request import Request

from .resource import Resource
from .shown import Custom, DocsPage, FocusPage, FormPage, ListPage

Link = tuple[str, str]  # label, path below the admin root


@dataclass(frozen=True)
class Head:
    title: str  # of the window: the most specific first
    h1: str
    sentence: str = ""
    status: str = ""
    crumbs: tuple[Link, ...] = ()  # without the page itself
    here: str = ""  # the last crumb
    twins: tuple[Link, ...] = ()
    tools: tuple[Link, ...] = ()
    group: str = ""
    kind: Resource | None = None
    asks: bool = False  # a form, the only one on its page: scripts fill in the first they find


@singledispatch
def head_of(shown: Any, request: Request) -> Head:
    raise TypeError(f"{type(shown).__name__} is no page")


@head_of.register
def _list(shown: ListPage, request: Request) -> Head:
    kind, page = shown.resource, shown.page
    suffix = f"/{page.number}" if page.number > 1 else ""
    twins = (("JSON", f"{shown.path}{suffix}.json" + (f"?{shown.query}" if shown.query else "")),)
    at = f", page {page.number}" if page.number > 1 else ""
    if shown.related and shown.parent:
        owner, obj = shown.parent, shown.parent_object
        name = owner.title_of(obj)
        return Head(
            title=f"{shown.related.label} of {name}{at}",
            h1=f"{shown.related.label} of {name}",
            crumbs=(*_list_crumb(owner), (owner.name_of(obj), f"/{owner.path}/{obj.id}")),
            here=f"{shown.related.label}{at}",
            twins=twins,
            group=owner.group,
            kind=owner,
            asks=shown.related.choose is not None,
        )
    label = shown.listing.label if shown.listing else kind.labels
    return Head(
        title=f"{label}{at}",
        h1=kind.labels,
        sentence=kind.about,
        crumbs=_list_crumb(kind) if label != kind.labels else (("Overview", ""),),
        here=f"{label}{at}",
        twins=twins,
        tools=(*_forms(kind), *kind.links),
        group=kind.group,
        kind=kind,
    )


@head_of.register
def _focus(shown: FocusPage, request: Request) -> Head:
    kind, obj = shown.resource, shown.obj
    status = kind.status(obj) if kind.status else ""
    name = kind.title_of(obj)
    return Head(
        title=f"{name}, {status}" if status else name,
        h1=name,
        sentence=kind.sentence(obj) if kind.sentence else "",
        status=status,
        crumbs=_list_crumb(kind),
        here=kind.name_of(obj),
        twins=(("JSON", f"/{kind.path}/{obj.id}.json"),),
        group=kind.group,
        kind=kind,
    )


@head_of.register
def _form(shown: FormPage, request: Request) -> Head:
    error = "Error: " if shown.errors else ""
    h1 = _deed(shown)
    return Head(
        title=f"{error}{h1}",
        h1=h1,
        sentence=shown.action.about,
        crumbs=_deed_crumbs(shown),
        here=shown.action.label,
        twins=(("JSON help", f"{shown.path}.json"), ("help page", f"{shown.path}?help")),
        group=shown.resource.group if shown.resource else "Overview",
        kind=shown.resource,
        asks=True,
    )


@head_of.register
def _docs(shown: DocsPage, request: Request) -> Head:
    action = shown.action
    tools: tuple[Link, ...] = ()
    if not action.get_query and not action.always_json:
        tools = (("Fill in the form", shown.path),)
    return Head(
        title=f"Help: {_deed(shown)}",
        h1=_deed(shown),
        sentence=action.about,
        crumbs=_deed_crumbs(shown),
        here=f"Help: {action.label}",
        twins=(("JSON", f"{shown.path}.json"), ("OpenAPI", "/api/openapi.json")),
        tools=tools,
        group=shown.resource.group if shown.resource else "Overview",
        kind=shown.resource,
    )


@head_of.register
def _custom(shown: Custom, request: Request) -> Head:
    query = f"?{shown.query}" if shown.query else ""
    return Head(
        title=shown.title,
        h1=shown.title,
        sentence=shown.sentence,
        status=shown.status,
        crumbs=() if shown.group == "Overview" else (("Overview", ""),),
        here="" if shown.group == "Overview" else shown.title,
        twins=(("JSON", f"{shown.path}.json{query}"),) if shown.path else (),
        tools=shown.tools,
        group=shown.group,
    )


def _deed(shown: FormPage | DocsPage) -> str:
    if shown.resource and shown.obj is not None:
        return f"{shown.action.label}: {shown.resource.title_of(shown.obj)}"
    return shown.action.label


def _deed_crumbs(shown: FormPage | DocsPage) -> tuple[Link, ...]:
    kind = shown.resource
    if not kind:
        return (("Overview", ""), ("API", "/api"))
    if shown.obj is None:
        return _list_crumb(kind)
    return (*_list_crumb(kind), (kind.name_of(shown.obj), f"/{kind.path}/{shown.obj.id}"))


def _list_crumb(kind: Resource) -> tuple[Link, ...]:
    return (("Overview", ""), (kind.labels, kind.many))


def _forms(kind: Resource) -> list[Link]:
    """Links to the forms that make a new one, the primary one first."""
    forms = [f for f in kind.forms if not f.get_query]
    forms.sort(key=lambda form: not form.primary)
    return [(form.label, form.at or f"/{kind.path}/{form.name}") for form in forms]
