"""The public views: plain text, one query, nothing else."""

from __future__ import annotations

import logging

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from ..hosts import host_name
from .paths import CHALLENGE, WHOAMI

log = logging.getLogger(__name__)


def includeme(config: Configurator) -> None:
    config.add_route("public_challenge", CHALLENGE + "{challenge}")
    config.add_view(challenge, route_name="public_challenge")
    config.add_route("public_whoami", WHOAMI)
    config.add_view(whoami, route_name="public_whoami")


def challenge(request: Request) -> Response:
    """The key authorization (RFC 8555 section 8.3), or 404 for what is not known.

    The poll is logged by another thread. Connections are of a pool of their own: whatever the
    admin does, there is one for us.
    """
    token = request.matchdict["challenge"]
    host = host_name(request.environ.get("HTTP_HOST", ""))
    address = request.environ.get("REMOTE_ADDR") or ""
    app = request.registry.peter
    readable = "\0" not in token and "\0" not in host  # PostgreSQL takes no NUL
    found = app.public_challenges.find(token, host) if readable else None
    if found is None:
        log.info("Unknown challenge asked for: %r of %r by %s", token[:255], host[:255], address)
        app.polls.unknown(host, token, address)
        return _text("ERROR", status=404)
    log.info("Challenge %d asked for: %r of %r by %s", found.challenge_id, token, host, address)
    app.polls.known(found.challenge_id, address)
    return _text(found.keyauthorization)


def whoami(request: Request) -> Response:
    return _text(host_name(request.environ.get("HTTP_HOST", "")))


def _text(body: str, status: int = 200) -> Response:
    return Response(body.encode(), status, [("Content-Type", "text/plain; charset=UTF-8")])
