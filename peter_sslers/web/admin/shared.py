"""What the kinds' modules have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import Select

from .. import to_json
from ..resource import Listing, Resource


def newest(label: str, every: Callable[[], Select[Any]]) -> Listing:
    """`/private-keys`: all objects of a kind, newest first."""
    return Listing("", label, lambda _ctx, _params: every())


def add_document(
    config: Configurator, resource: Resource, name: str, view: Callable[[Request], Any]
) -> None:
    """`/private-key/{id}/parse.json`: a page that only programs want, without an HTML face."""
    path = f"{resource.one}/{name}.json"
    config.add_route(path, path)
    config.add_view(to_json.answering(view), route_name=path)
