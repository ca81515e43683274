"""What Caddy asks at handshakes: the certificate of a server name, and whether it is ours."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from ...lib import names
from ...lib.context import utc_now
from ...lib.store import served
from ...lib.store.served import Served
from .configs import file_answer

CERTIFICATE, ASK = "/api/edge/certificate", "/api/edge/ask"


def hot_routes(config: Configurator) -> None:
    for path, view in ((CERTIFICATE, certificate), (ASK, ask)):
        config.add_route(path, path)
        config.add_view(view, route_name=path)


def certificate(request: Request) -> Response:
    """`?server_name=`: certificate, chain and key in one PEM; 204 where there is none.

    That is what Caddy's `get_certificate http` reads; its other parameters do not matter here.
    """
    found = find(request, "server_name")
    if found is None or found.config is None:
        return nothing(204)  # anything else would end the handshake: Caddy may have its own
    pem = found.config.fullchain_pem + found.config.private_key.pem
    return file_answer(pem.encode(), "application/x-pem-file")


def ask(request: Request) -> Response:
    """`?domain=`: 200 for a name that is active here, also by a wildcard; else 404."""
    found = find(request, "domain")
    return nothing(200 if found is not None and found.is_active else 404)


def nothing(status: int) -> Response:
    return Response(status=status, headerlist=[("Cache-Control", "no-store")])


def find(request: Request, parameter: str) -> Served | None:
    """By name only: a number is no id here."""
    try:
        name = names.normalise(request.GET.get(parameter, "").removesuffix("."))
    except names.InvalidName:
        return None
    with request.database.single_read() as connection:
        return served.of_server_name(connection, name, utc_now())
