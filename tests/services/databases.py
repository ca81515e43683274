"""Databases with tables and first rows: each test on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from peter_sslers.lib import schema, x509
from peter_sslers.lib.acme_v2 import Servers
from peter_sslers.lib.actions import setup
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.settings import Settings

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.service("postgresql"))]


def opened(url: str) -> Database:
    return Database.from_settings({"sqlalchemy.url": url})


def context(database: Database, settings: Settings | None = None) -> Context:
    """A context of its own session, as for one request."""
    return Context(
        database, database.session(), settings or Settings(), x509.choose(), Servers("test")
    )


def initialize(url: str) -> None:
    """What `initialize_peter_sslers_db` does."""
    database = opened(url)
    schema.upgrade(database.engine)
    ctx = context(database)
    setup.initialize(ctx)
    ctx.db.close()
    database.close_connections()


@pytest.fixture(scope="session")
def initialized_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an initialized database, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "initialized.sqlite"
    initialize(f"sqlite:///{path}")
    return path


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    url: str = request.getfixturevalue("postgresql").create()
    return url


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An initialized database."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("initialized_sqlite"), path)
        found = opened(f"sqlite:///{path}")
    else:
        server = request.getfixturevalue("postgresql")
        found = opened(server.copy_of("initialized", initialize))
    yield found
    found.close_connections()


@pytest.fixture
def ctx(database: Database) -> Iterator[Context]:
    found = context(database)
    yield found
    found.db.close()
