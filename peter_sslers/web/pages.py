"""The admin's pages: list, related list, object. Each returns data; the renderer has the face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from sqlalchemy import Select

from ..errors import NotFound
from ..lib.store import paging
from ..lib.store.ids import as_id
from .redirects import see_other
from .resource import Listing, Related, Resource
from .shown import FocusPage, ListPage, Panel

ON_PAGE = 10  # rows of a related list on an object's page

# Words of the query string that are about the last action, not about the list.
_ABOUT_RESULT = {"result", "operation", "error", "message", "action"}


def list_page(resource: Resource, listing: Listing, request: Request) -> ListPage | HTTPSeeOther:
    """`/private-keys/active/2`"""
    base = f"{resource.many}/{listing.name}".rstrip("/")
    if listing.redirect:
        target = f"{resource.many}/{listing.redirect}{json_suffix(request)}"
        return see_other(request, target, request.query_string)
    query = narrowed(resource, listing.query(request.ctx, request.GET), request.GET)
    page = _page(request, resource, query)
    shown = ListPage(resource, page, base, _kept(request), request.GET, listing=listing)
    return _elsewhere(request, shown) or shown


def related_page(resource: Resource, related: Related, request: Request) -> ListPage | HTTPSeeOther:
    """`/private-key/7/certificate-signeds/2`"""
    obj = found(request, resource)
    kind = request.registry.resources.of(related.kind)
    query = _related_query(request, obj, related, request.GET)
    shown = ListPage(
        kind,
        _page(request, kind, query),
        f"/{resource.path}/{obj.id}/{related.name}",
        _kept(request),
        request.GET,
        related=related,
        parent=resource,
        parent_object=obj,
    )
    return _elsewhere(request, shown) or shown


def focus_page(resource: Resource, request: Request) -> FocusPage:
    """`/private-key/7`"""
    obj = found(request, resource)
    if wants_json(request):
        more = resource.focus_json
        return FocusPage(
            resource, obj, more=more(request.ctx, obj, request.admin_url) if more else {}
        )
    shown = [r for r in resource.related if r.on_page]
    return FocusPage(resource, obj, panels=tuple(panel(request, obj, r) for r in shown))


def panel(request: Request, obj: Any, related: Related) -> Panel:
    db = request.ctx.db
    query = _related_query(request, obj, related, {})
    rows = paging.first(db, query, ON_PAGE + 1)
    total = len(rows) if len(rows) <= ON_PAGE else paging.count(db, query)
    return Panel(related, request.registry.resources.of(related.kind), rows[:ON_PAGE], total)


def _related_query(
    request: Request, obj: Any, related: Related, params: Mapping[str, str]
) -> Select[Any]:
    if related.select:
        return related.select(obj, request.ctx, params)
    return related.query(obj)


def found(request: Request, resource: Resource) -> Any:
    """The object that the path names. Raises NotFound."""
    ident = request.matchdict["id"]
    if resource.load:
        obj = resource.load(request.ctx, ident)
    else:
        number = as_id(ident)
        obj = None
        if number is not None:
            obj = request.ctx.db.get(resource.model, number, options=resource.options)
    if obj is None:
        raise NotFound(f"There is no {resource.noun} #{ident[:80]}.")
    return obj


def wants_json(request: Request) -> bool:
    return bool(request.matchdict.get("json") == ".json")


def json_suffix(request: Request) -> str:
    return ".json" if wants_json(request) else ""


def narrowed(resource: Resource, query: Select[Any], params: Mapping[str, str]) -> Select[Any]:
    """The query with the page's filters and its sort order."""
    for column in resource.columns:
        if column.filter and (text := params.get(column.name, "").strip()):
            query = column.filter(query, text[:250])
    wanted = params.get("sort", "")
    for column in resource.columns:
        if column.sort is not None and wanted.lstrip("-") == column.name:
            order = column.sort.desc() if wanted.startswith("-") else column.sort.asc()
            query = query.order_by(None).order_by(order, resource.model.id.desc())  # type: ignore[attr-defined]
    return query


def _page(request: Request, resource: Resource, query: Select[Any]) -> paging.Page[Any]:
    if not resource.pagination:
        return paging.every(request.ctx.db, query)
    return paging.page(request.ctx.db, query, _asked(request))


def _asked(request: Request) -> int:
    """The page's number in the path; more digits than any table has rows are just the end."""
    return int(request.matchdict.get("page", "1")[:18])


def _elsewhere(request: Request, shown: ListPage) -> HTTPSeeOther | None:
    """303 to the first page from page 0, to the last from beyond it."""
    if "page" not in request.matchdict or not shown.resource.pagination:
        return None
    if _asked(request) == shown.page.number:
        return None
    target = f"{shown.path}/{shown.page.number}{json_suffix(request)}"
    return see_other(request, target, request.query_string)


def _kept(request: Request) -> str:
    return urlencode([(k, v) for k, v in request.GET.items() if k not in _ABOUT_RESULT])
