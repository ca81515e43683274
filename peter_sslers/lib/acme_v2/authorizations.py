"""Authorizations: RFC 8555 section 7.5."""

from __future__ import annotations

from .client import Client
from .messages import Authorization


def fetch(client: Client, url: str) -> Authorization:
    return Authorization.parse(url, client.post(url).document(client.server.own))


def deactivate(client: Client, url: str) -> Authorization:
    """Section 7.5.2. Pending ones count against the limits of some CAs; orders with it fail."""
    response = client.post(url, {"status": "deactivated"})
    return Authorization.parse(url, response.document(client.server.own))
