"""The headers that every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from .to_html import HEADERS

Handler = Callable[[Request], Response]

# prequest writes the answer to standard output: nothing of these may stand between.
CHATTY = ("peter_sslers", "sqlalchemy", "requests", "sqlalchemy.engine.base.Engine")


def tween(handler: Handler, registry: Any) -> Handler:
    """Outermost: redirects, refusals and faults pass here, too."""
    value: str = registry.peter.settings.x_peter_sslers

    def with_headers(request: Request) -> Response:
        is_command = "paste.command_request" in request.environ
        if is_command:
            be_quiet()
        response = handler(request)
        if is_command and response.content_type == "application/json":
            response.charset = "UTF-8"  # else prequest prints the repr of bytes
        headers = response.headers
        headers["X-Peter-SSLers"] = value
        headers["X-Content-Type-Options"] = "nosniff"
        if response.content_type == "text/html":
            for name, text in HEADERS.items():
                headers.setdefault(name, text)
        return response

    return with_headers


def be_quiet() -> None:
    for name in CHATTY:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
