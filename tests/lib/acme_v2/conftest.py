"""A client of a server that can not be trusted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peter_sslers.lib.acme_v2 import Client, Exchange, Servers
from tests.services.keys import EcKey

from .hostile import Hostile


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    server = Hostile()
    yield server
    server.close()


@pytest.fixture
def servers() -> Iterator[Servers]:
    pool = Servers(timeout=5)
    yield pool
    pool.close()


@pytest.fixture
def exchanges() -> list[Exchange]:
    """What `client` has told of its requests."""
    return []


@pytest.fixture
def client(hostile: Hostile, servers: Servers, exchanges: list[Exchange]) -> Client:
    """A registered account's client of the hostile server."""
    server = servers.get(f"{hostile.url}/dir")
    return Client(server, EcKey(), f"{hostile.url}/account/1", on_exchange=exchanges.append)
