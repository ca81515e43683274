"""From resources to routes: read this to know every URL that a resource has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator

from . import static_files, to_html, to_json
from .actions import action_page
from .downloads import download_page
from .pages import focus_page, list_page, related_page
from .request import PeterRequest
from .resource import Action, Resource, Resources

JSON = r"{json:(?:\.json)?}"
PAGE = r"/{page:\d+}"


def begin(
    config: Configurator,
    *,
    api_host: str = "",
    admin_url: str = "",
    admin_server: str = "",
    hides_private_keys: bool = False,
) -> None:
    """What all pages share. To be called once, inside of the include with the admin's prefix.

    `api_host` (`https://peter.example.com`) replaces what requests say of our address; pages show
    `admin_url` in instructions, `admin_server` as the host's name.
    """
    root = "/" + (config.route_prefix or "").strip("/")
    registry = config.registry
    registry.resources = Resources(root.rstrip("/"))
    registry.api_host = api_host.rstrip("/")
    registry.admin_url = admin_url.rstrip("/")
    registry.admin_server = admin_server
    registry.hides_private_keys = hides_private_keys
    registry.templates = to_html.templates()
    registry.static_files = static_files.files()
    config.set_request_factory(PeterRequest)
    config.add_renderer("page", to_html.Renderer)
    config.add_route("static", "/static/{name}")
    config.add_view(static_files.view, route_name="static")


def register(config: Configurator, resource: Resource) -> None:
    """All routes of one kind."""
    resources: Resources = config.registry.resources
    resources.add(resource)
    for form in resource.forms:
        add_action(config, form.at or f"/{resource.path}/{form.name}", resource, form)
    for listing in resource.listings:
        path = f"{resource.many}/{listing.name}".rstrip("/")
        add_list(config, path, given(list_page, resource, listing), bool(listing.redirect))
    if not resource.focus:
        return
    add_page(config, resource.one, given(focus_page, resource))
    for download in resource.downloads:
        suffixes = "|".join(re.escape(suffix) for suffix in download.formats)
        path = f"{resource.one}/{download.name}.{{format:(?:{suffixes})}}"
        config.add_route(path, path)
        config.add_view(given(download_page, resource, download), route_name=path)
    for related in resource.related:
        path = f"{resource.one}/{related.name}"
        add_list(config, path, given(related_page, resource, related))
    for action in resource.actions:
        add_action(config, action.at or f"{resource.one}/{action.name}", resource, action)


def given(view: Callable[..., Any], *first: Any) -> Callable[..., Any]:
    """A view of the request alone.

    No functools.partial: Pyramid takes ten times as long to find out what that takes, and writes
    out all of `first`; it was half of our start.
    """

    def page(request: PeterRequest) -> Any:
        return view(*first, request)

    return page


def add_action(config: Configurator, path: str, resource: Resource | None, action: Action) -> None:
    """An action at PATH and PATH.json; `resource` is None for those that are of no kind."""
    shown = re.sub(r"{(\w+):[^{}]*}", r"{\1}", path)
    config.registry.resources.actions[shown] = (resource, action)
    add_page(config, path, given(action_page, resource, action), always_json=action.always_json)


def add_list(
    config: Configurator, path: str, view: Callable[..., Any], one_page: bool = False
) -> None:
    """A list at PATH and, page by page, at PATH/2."""
    add_page(config, path, view)
    if not one_page:
        add_page(config, path + PAGE, view)


def add_page(
    config: Configurator, path: str, view: Callable[..., Any], *, always_json: bool = False
) -> None:
    """Serve one view at PATH as HTML and at PATH.json as JSON. The path is the route's name."""
    config.add_route(path, path + JSON)
    for_programs = to_json.answering(view)
    if always_json:
        config.add_view(for_programs, route_name=path)
    else:
        config.add_view(view, route_name=path, renderer="page")
        config.add_view(for_programs, route_name=path, match_param="json=.json")
