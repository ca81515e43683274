"""`{A}/whoami`: the host that the request asked for, as plain text."""

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response


def includeme(config: Configurator) -> None:
    config.add_route("/whoami", "/whoami")
    config.add_view(whoami, route_name="/whoami")


def whoami(request: Request) -> Response:
    return Response(request.active_domain_name, content_type="text/plain")
