"""The pages and documents for what went wrong outside of a form: 404, our own errors, 500."""

from __future__ import annotations

import logging
import secrets
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPError, HTTPException, HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from ..errors import SslersError
from .resource import Resource, Resources
from .shown import Custom
from .to_html import HEADERS, rendered
from .to_json import json_text

log = logging.getLogger(__name__)

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


def add_views(config: Configurator) -> None:
    config.add_exception_view(not_found, context=HTTPNotFound)
    config.add_exception_view(http_error, context=HTTPError)
    config.add_exception_view(refused, context=SslersError)
    config.add_exception_view(broken, context=Exception)


def not_found(exc: HTTPNotFound, request: Request) -> Response:
    return answer(request, 404, f"There is nothing at {_path(request)[:200]}.")


def http_error(exc: HTTPError, request: Request) -> Response:
    """What a view, the guard or the framework refused in HTTP's own words."""
    response = answer(request, exc.status_int, exc.detail or exc.explanation)
    for name in ("WWW-Authenticate", "Allow"):
        if name in exc.headers:
            response.headers[name] = exc.headers[name]
    return response


def refused(exc: SslersError, request: Request) -> Response:
    """One of our own errors that no form could show."""
    return answer(request, exc.status, str(exc))


def broken(exc: Exception, request: Request) -> Response:
    """A fault of ours, or a request that the framework refused. Never a traceback."""
    if isinstance(exc, HTTPException):
        return exc
    if isinstance(exc, UnicodeDecodeError):
        return answer(request, 400, "The address or the body is not UTF-8.")
    reference = secrets.token_hex(6)
    log.error("%s %r [%s]", request.method, _path(request), reference, exc_info=exc)
    facts = [
        ("Reference", reference),
        ("Call", f"{request.method} {_path(request)[:200]}"),
        ("Error", type(exc).__name__),
        ("Traceback", "in the server's log, under the reference"),
    ]
    text = f"Something broke on our side. The log has the details under {reference}."
    return answer(request, 500, text, facts)


def answer(
    request: Request, status: int, text: str, facts: list[tuple[str, str]] | None = None
) -> Response:
    """The error in the face that the address or the Accept header asks for."""
    title = TITLES.get(status, "Error")
    if _wants_json(request):
        document = {"message": text, "code": f"{status} {title}", "title": title}
        return Response(
            json_text(document).encode(), status=status, content_type="application/json"
        )
    # Who may not come in sees no menu either.
    html = None if status in {401, 403} else _page(request, status, text, facts or [])
    if html is None:
        return Response(text, status=status, content_type="text/plain")
    return Response(html, status=status, headerlist=_html_headers())


def _html_headers() -> list[tuple[str, str]]:
    return [("Content-Type", "text/html; charset=UTF-8"), *HEADERS.items()]


def _page(request: Request, status: int, text: str, facts: list[tuple[str, str]]) -> str | None:
    """The page; None outside of the admin, whose menus are not for everyone."""
    resources = getattr(request.registry, "resources", None)
    if resources is None or not _in_admin(request, resources.root):
        return None
    data: dict[str, Any] = {"facts": facts, "ways": _ways(request)}
    headline = _headline(status, text)
    sentence = "" if headline == text.rstrip(".") else text
    kind = _kind(request)
    shown = Custom(
        "error.mako",
        data,
        {},
        title=headline,
        sentence=sentence,
        status=str(status),
        group=kind.group if kind else "",
    )
    try:
        return rendered(shown, request)
    except Exception:
        log.exception("the error page itself failed")
        return None


def _headline(status: int, text: str) -> str:
    if status == 404:
        return text.rstrip(".")
    return "Something broke on our side" if status == 500 else TITLES.get(status, "Error")


def _ways(request: Request) -> list[tuple[str, str, str]]:
    """(what for, label, path below the admin root)."""
    ways = []
    if kind := _kind(request):
        ways.append((f"All {kind.nouns}", f"List of {kind.nouns}", kind.many))
    if ident := request.matchdict and request.matchdict.get("id"):
        ways.append(
            (
                "Look it up among all kinds",
                f"Search “{ident[:80]}”",
                f"/search?{urlencode({'q': ident[:80]})}",
            )
        )
    ways.append(("What needs you, and how many there are of everything", "Overview", ""))
    return ways


def _kind(request: Request) -> Resource | None:
    """The kind that the path begins with."""
    path = _path(request).removeprefix(request.registry.resources.root)
    first = path.strip("/").partition("/")[0]
    kinds: Resources = request.registry.resources
    return next((kind for kind in kinds if first in {kind.path, kind.paths}), None)


def _path(request: Request) -> str:
    """The path, also where it is not UTF-8."""
    raw: str = request.environ.get("PATH_INFO", "")
    return raw.encode("latin-1").decode("utf-8", "replace")


def _in_admin(request: Request, root: str) -> bool:
    path = _path(request)
    return path == root or path.startswith(f"{root}/")


def _wants_json(request: Request) -> bool:
    if _path(request).lower().endswith(".json"):
        return True
    offers = request.accept.acceptable_offers(["text/html", "application/json"])
    return bool(offers) and offers[0][0] == "application/json"
