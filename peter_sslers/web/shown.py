"""What the views hand to the renderers: each page as data, before it is HTML or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..lib.store.paging import Page
from .resource import Action, Listing, Related, Resource


@dataclass(frozen=True)
class ListPage:
    """A page of objects: one of a kind's own listings, or those that belong to an object."""

    resource: Resource
    page: Page[Any]
    path: str  # below the admin root, without the page's number
    query: str  # the query string that page links keep
    params: Mapping[str, str]
    listing: Listing | None = None
    related: Related | None = None
    parent: Resource | None = None
    parent_object: Any = None


@dataclass(frozen=True)
class Panel:
    """The first rows of a related list on an object's page."""

    related: Related
    resource: Resource
    rows: list[Any]
    total: int


@dataclass(frozen=True)
class FocusPage:
    resource: Resource
    obj: Any
    panels: tuple[Panel, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)  # the JSON's other keys


@dataclass(frozen=True)
class FormPage:
    """An action's form: to fill in, to correct, or to confirm."""

    resource: Resource | None
    obj: Any
    action: Action
    values: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True)
class DocsPage:
    """What an action wants and does: its help."""

    resource: Resource | None
    obj: Any
    action: Action
    docs: Mapping[str, Any]
    path: str = ""


@dataclass(frozen=True)
class Custom:
    """A page that is no kind's: its template and what that shows; `document` is its JSON."""

    template: str
    data: Mapping[str, Any]
    document: Mapping[str, Any]
    title: str
    sentence: str = ""
    group: str = ""  # the tab it stands under
    status: str = ""
    tools: tuple[tuple[str, str], ...] = ()  # (label, path) of the buttons in its head
    path: str = ""  # its own, below the admin root; "" has no JSON twin
    query: str = ""  # the query string that the JSON twin needs as well


@dataclass(frozen=True)
class Answer:
    """A JSON document."""

    document: Any
