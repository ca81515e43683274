"""Challenges: RFC 8555 section 7.5.1."""

from __future__ import annotations

from .client import Client
from .messages import Challenge


def fetch(client: Client, url: str) -> Challenge:
    return Challenge.parse(client.post(url).document(client.server.own))


def answer(client: Client, url: str) -> Challenge:
    """Tell the server to come and look: what it will find must be there already."""
    return Challenge.parse(client.post(url, {}).document(client.server.own))
