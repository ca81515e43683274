"""All kinds of objects, and all that can be done by a script: the help page and the API's index."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.request import Request

from .. import to_json
from ..api_docs import openapi
from ..register import add_page
from ..resource import Action, Resource, Resources
from ..shown import Custom


def kinds(request: Request) -> Custom:
    """`/help`"""
    resources: Resources = request.registry.resources
    shown = sorted(resources, key=lambda kind: kind.labels)
    return Custom(
        "help.mako",
        {"kinds": shown},
        {"kinds": {kind.json_name: f"{request.admin_url}{kind.many}.json" for kind in shown}},
        title="All kinds of objects",
        sentence="What this service keeps, and where it is listed.",
        path="/help",
    )


def api(request: Request) -> Custom:
    """`/api`"""
    rows = actions(request.registry.resources)
    document = {
        "endpoints": {
            path + ("" if action.always_json else ".json"): action.about for path, _, action in rows
        }
    }
    return Custom(
        "api.mako",
        {"rows": rows},
        document,
        title="API",
        sentence="Every page is JSON with “.json” at its end. A GET of an action explains it, a "
        "POST does it.",
        path="/api",
    )


def openapi_document(request: Request) -> object:
    """`/api/openapi.json`"""
    resources: Resources = request.registry.resources
    return openapi(actions(resources), resources, request.admin_url)


def actions(resources: Resources) -> list[tuple[str, Resource | None, Action]]:
    """(path, kind or None, action), by path."""
    found = [(path, kind, action) for path, (kind, action) in resources.actions.items()]
    return sorted(found, key=lambda row: row[0])


def includeme(config: Configurator) -> None:
    add_page(config, "/help", kinds)
    add_page(config, "/api", api)
    config.add_route("openapi", "/api/openapi.json")
    config.add_view(to_json.answering(openapi_document), route_name="openapi")
