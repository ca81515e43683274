"""The HTML face of what the views return: Mako templates, and what they may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mako.lookup import TemplateLookup
from pyramid.request import Request

from .heads import head_of
from .shown import Custom, DocsPage, FocusPage, FormPage, ListPage
from .ui import Ui

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class Renderer:
    """Pyramid's renderer `page`."""

    def __init__(self, info: Any) -> None:
        pass

    def __call__(self, shown: Any, system: dict[str, Any]) -> str:
        request = system["request"]
        headers = request.response.headers
        headers.update(HEADERS)
        return str(rendered(shown, request))


def rendered(shown: Any, request: Request) -> str:
    """The page as HTML."""
    lookup: TemplateLookup = request.registry.templates
    ui = Ui(request, head_of(shown, request))
    template = lookup.get_template(_template_of(shown))
    data = shown.data if isinstance(shown, Custom) else {}
    return str(template.render_unicode(ui=ui, head=ui.head, page=shown, **data))


def _template_of(shown: Any) -> str:
    if isinstance(shown, Custom):
        return shown.template
    if isinstance(shown, FocusPage):
        return shown.resource.template
    return {ListPage: "list.mako", FormPage: "form.mako", DocsPage: "docs.mako"}[type(shown)]


def templates() -> TemplateLookup:
    """Escaping by default; an unknown name is an error; compiled once, kept in memory."""
    return TemplateLookup(
        [str(HERE / "templates")],
        default_filters=["h"],
        strict_undefined=True,
        filesystem_checks=False,
        imports=["from peter_sslers.web import attributes, cells, form_parts"],
    )
