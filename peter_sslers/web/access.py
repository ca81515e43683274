"""Who may come in: the one place that decides it."""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyramid.httpexceptions import (
    HTTPBadRequest,
    HTTPForbidden,
    HTTPMethodNotAllowed,
    HTTPUnauthorized,
)
from pyramid.request import Request
from pyramid.response import Response

from ..settings import Settings
from ..settings.checks import ANY_HOST
from .credentials import Credentials
from .hosts import host_and_port, host_name

log = logging.getLogger(__name__)

Handler = Callable[[Request], Response]
METHODS = ("GET", "HEAD", "POST")
SAFE = frozenset({"GET", "HEAD"})
FOREIGN = frozenset({"cross-site", "same-site"})


@dataclass(frozen=True)
class Access:
    """The rules for everything below the admin's prefix."""

    hosts: frozenset[str]
    credentials: Credentials | None
    api_host: str | None

    @classmethod
    def of(cls, settings: Settings) -> Access:
        path = settings.admin_userpass_file
        return cls(
            hosts=frozenset(host.lower().strip("[]") for host in settings.admin_allowed_hosts),
            credentials=Credentials.from_file(path) if path else None,
            api_host=settings.api_host,
        )

    def check(self, request: Request) -> None:
        """Raises the answer for whoever may not. RFC 9110 section 7.1, Fetch Metadata."""
        if "paste.command_request" in request.environ:
            return  # prequest: whoever can start it reads the database anyway
        self._check_host(request)
        if request.method not in SAFE:
            self._check_origin(request)
        if self.credentials and not self.credentials.allow(
            request.environ.get("HTTP_AUTHORIZATION", "")
        ):
            raise HTTPUnauthorized(
                "The admin needs a user and a password.",
                headers=[("WWW-Authenticate", 'Basic realm="Peter SSLers", charset="UTF-8"')],
            )

    def _check_host(self, request: Request) -> None:
        """A page of another site may point its own name at us (DNS rebinding)."""
        host = request.environ.get("HTTP_HOST", "")
        if ANY_HOST in self.hosts or host_name(host) in self.hosts:
            return
        log.warning("Refused: the admin was asked for as host %r", host[:255])
        raise HTTPForbidden(
            "The admin does not answer under this host name. "
            "`admin_allowed_hosts` in the .ini lists the names it answers under."
        )

    def _check_origin(self, request: Request) -> None:
        """A page of another site may post forms to us. curl and Lynx send neither header."""
        environ = request.environ
        site = environ.get("HTTP_SEC_FETCH_SITE", "").lower()
        origin = environ.get("HTTP_ORIGIN")
        if site in FOREIGN or (origin is not None and not self._is_own(request, origin)):
            log.warning("Refused: a POST from %r (%s)", (origin or "")[:255], site[:20])
            raise HTTPForbidden(
                "This was sent by a page of another site. Behind a proxy: `api_host` in the .ini "
                "is the address that browsers see."
            )

    def _is_own(self, request: Request, origin: str) -> bool:
        if self.api_host and origin.lower() == self.api_host.lower():
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if not parts.netloc:  # "null" is nobody's
            return False
        # A proxy that ends TLS may not have told us the scheme; the port then is its scheme's.
        host = request.environ.get("HTTP_HOST", "")
        return host_and_port(parts.netloc, parts.scheme) == host_and_port(host, parts.scheme)


def tween(handler: Handler, registry: Any) -> Handler:
    """Guards every path below the admin's prefix, whether there is a page or not.

    No path at all has a use for other methods than `METHODS`.
    """
    access: Access = registry.peter.access
    prefix: str = registry.peter.settings.admin_prefix
    warn_once = _PlainWaitress()

    def guarded(request: Request) -> Response:
        # The path as it came: what a view would see has not been decoded yet, and ours is ASCII.
        path = request.environ.get("PATH_INFO", "")
        if request.environ["REQUEST_METHOD"] not in METHODS:
            raise HTTPMethodNotAllowed(headers=[("Allow", ", ".join(METHODS))])
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/", "."}:
            access.check(request)
            _check_readable(request)
            warn_once()
        return handler(request)

    return guarded


def _check_readable(request: Request) -> None:
    """Address and query must be UTF-8 without NUL, which no database would take."""
    path = request.environ.get("PATH_INFO", "")
    if not request.environ.get("QUERY_STRING") and path.isascii() and "\0" not in path:
        return
    try:
        texts = [request.path_info, *(text for pair in request.GET.items() for text in pair)]
    except UnicodeDecodeError:
        request.environ["QUERY_STRING"] = ""  # the page that says so reads it as well
        raise HTTPBadRequest("The address is not UTF-8.") from None
    if any("\0" in text for text in texts):
        raise HTTPBadRequest("There is a NUL in the address.")


class _PlainWaitress:
    """Says once that egg:waitress#main keeps no threads for the CA's polls."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self) -> None:
        if not self._said and threading.current_thread().name.startswith("waitress-"):
            self._said = True
            log.warning(
                "The server is egg:waitress#main: polls of the CA wait while all its threads are "
                "busy. `use = egg:peter_sslers#main` in [server:main] keeps threads for them."
            )


def refusal_to_listen(app: Any, addresses: Iterable[tuple[str, int | str]]) -> str:
    """Why the admin must not be served there; "" where it may. `app` is None if not known."""
    open_to = [f"{host}:{port}" for host, port in addresses if not _is_local(host)]
    if not open_to:
        return ""
    if app is not None and (not app.settings.enable_views_admin or app.access.credentials):
        return ""
    return (
        f"The admin hands out private keys and would be reachable at {', '.join(open_to)} without "
        "credentials. In [server:main] listen on 127.0.0.1 (a proxy may publish the challenges, "
        "or `public_listen`), or name an `admin_userpass_file` in [app:main], or set "
        "`enable_views_admin = False` there."
    )


def _is_local(host: str) -> bool:
    if host == "unix":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
