"""The JSON face of what the views return."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from functools import singledispatch
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from ..lib.store.paging import Page
from ..model.meta import Base
from .resource import Url
from .shown import Answer, Custom, DocsPage, FocusPage, FormPage, ListPage


@singledispatch
def document(shown: Any, request: Request) -> Any:
    """The JSON document of a page."""
    return shown


@document.register
def _list(shown: ListPage, request: Request) -> dict[str, Any]:
    kind, related, page = shown.resource, shown.related, shown.page
    root = request.admin_url
    as_list = kind.json_list
    name = kind.json_names
    found: dict[str, Any] = {}
    if related:
        as_list = kind.json_list if related.json_list is None else related.json_list
        name = related.json_name or name
        if related.with_object and shown.parent:
            found[shown.parent.json_name] = shown.parent.as_json(shown.parent_object, root)
    objects = [(obj, kind.as_json(obj, root)) for obj in page.items]
    found[name] = [o for _, o in objects] if as_list else {str(obj.id): o for obj, o in objects}
    if kind.pagination:
        found["pagination"] = pagination(page)
    if related and related.json_name and kind.list_json:
        found[f"{name}_count"] = page.total
    elif kind.list_json:
        found |= kind.list_json(page.total)
    return found


def pagination(page: Page[Any]) -> dict[str, Any]:
    return {
        "total_items": page.total,
        "page": page.number,
        "page_next": page.next,
        "pages": page.pages,
        "per_page": page.per_page,
    }


@document.register
def _focus(shown: FocusPage, request: Request) -> dict[str, Any]:
    kind = shown.resource
    return {kind.json_name: kind.as_json(shown.obj, request.admin_url), **shown.more}


@document.register
def _docs(shown: DocsPage, request: Request) -> Any:
    return shown.docs


@document.register
def _answer(shown: Answer, request: Request) -> Any:
    return with_objects(shown.document, request)


@document.register
def _custom(shown: Custom, request: Request) -> Any:
    return shown.document


@document.register
def _form(shown: FormPage, request: Request) -> Any:
    return {"result": "error", "form_errors": shown.errors}


def with_objects(value: Any, request: Request) -> Any:
    """The same document with each row that stands in it as the JSON of its kind."""
    if isinstance(value, Base):
        return request.registry.resources.of(type(value)).as_json(value, request.admin_url)
    if isinstance(value, Url):
        return f"{request.admin_url}{value.path}"
    if isinstance(value, dict):
        return {k: with_objects(v, request) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [with_objects(v, request) for v in value]
    return value


def written(value: Any) -> Any:
    """What `json` does not know: times are UTC without offset."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo:
            value = value.astimezone(datetime.UTC).replace(tzinfo=None)
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODER = json.JSONEncoder(default=written)  # `json.dumps` would make one each time


def json_text(value: Any) -> str:
    return _ENCODER.encode(value)


def without_secrets(value: Any) -> Any:
    """The same document with every `key_pem` null."""
    if isinstance(value, dict):
        return {k: None if k == "key_pem" else without_secrets(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(v) for v in value]
    return value


def answering(view: Callable[..., Any]) -> Callable[[Request], Response]:
    """A view for programs: what `view` returns, in JSON.

    No renderer of Pyramid's: that takes as long as all the rest of a short answer.
    """

    def answer(request: Request) -> Response:
        shown = view(request)
        if isinstance(shown, Response):  # a redirect, for example
            return shown
        found = document(shown, request)
        if request.registry.hides_private_keys:
            found = without_secrets(found)
        response = request.response
        response.content_type = "application/json"
        response.headers["Cache-Control"] = "no-store"
        response.body = json_text(found).encode()
        return response

    return answer
