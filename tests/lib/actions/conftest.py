"""Use cases on a real database, at an ACME server that says what a test wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.model import AcmeAccount
from peter_sslers.settings import Settings
from tests.services.databases import context

from ..acme_v2.hostile import Hostile
from .ca import Ca, account

SETTINGS = Settings(acme_http01_self_check=False, acme_wait_s=0.05)


@pytest.fixture
def ca() -> Iterator[Ca]:
    server = Hostile()
    yield Ca(server)
    server.close()


@pytest.fixture
def ctx(database: Database) -> Iterator[Context]:
    found = context(database, SETTINGS)
    yield found
    found.servers.close()
    found.db.close()


@pytest.fixture
def other(database: Database) -> Iterator[Context]:
    """The same database as another process sees it."""
    found = context(database, SETTINGS)
    yield found
    found.servers.close()
    found.db.close()


@pytest.fixture
def acme_account(ctx: Context, ca: Ca) -> AcmeAccount:
    return account(ctx, ca)
