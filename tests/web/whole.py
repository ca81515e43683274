"""The whole application for tests: an initialised SQLite file, and WebTest in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

import peter_sslers
from peter_sslers.lib import schema
from peter_sslers.lib.actions import setup
from peter_sslers.settings import Settings
from peter_sslers.web.app import App

ADMIN = "/.well-known/admin"
CHALLENGE = "/.well-known/acme-challenge"
WHOAMI = "/.well-known/public/whoami"


def options(folder: Path, **changed: str) -> dict[str, str]:
    """The least that an .ini must say, and everything on."""
    return {
        "sqlalchemy.url": f"sqlite:///{folder / 'ssl_minnow.sqlite'}",
        "enable_views_public": "true",
        "enable_views_admin": "true",
        "enable_acme_flow": "true",
        "certificate_authority": "pebble",
        "certificate_authority_directory": "https://0.0.0.0:14000/dir",
        "certificate_authority_protocol": "acme-v2",
        **changed,
    }


class Whole:
    """`client` asks it; `app` is what its requests share."""

    def __init__(self, raw: dict[str, str]) -> None:
        self.wsgi = peter_sslers.main({}, **raw)
        self.app: App = self.wsgi.registry.peter
        self.client = TestApp(self.wsgi)

    def get(self, path: str, host: str = "localhost", status: Any = "*", **headers: str) -> Any:
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.get(path, headers={"Host": host, **sent}, status=status)

    def post(self, path: str, host: str = "localhost", **headers: str) -> Any:
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.post(path, headers={"Host": host, **sent}, status="*")

    def dispose(self) -> None:
        self.app.polls.flush()
        self.app.database.close_connections()
        self.app.public_challenges.engine.dispose()


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as `initialize_peter_sslers_db` leaves it; to be copied, not used."""
    folder = tmp_path_factory.mktemp("initialised")
    raw = options(folder)
    app = App.make(Settings.from_ini(raw, {}), raw)
    schema.upgrade(app.database.engine)
    ctx = app.context()
    setup.initialize(ctx)
    ctx.db.close()
    app.database.close_connections()
    return folder / "ssl_minnow.sqlite"


StartWhole = Callable[..., Whole]


@pytest.fixture
def start_whole(initialised: Path, tmp_path: Path) -> Iterator[StartWhole]:
    """`start_whole(**ini options)`: an application on a database of its own."""
    made: list[Whole] = []

    def start(**changed: str) -> Whole:
        if not made:
            shutil.copy(initialised, tmp_path / "ssl_minnow.sqlite")
        made.append(Whole(options(tmp_path, **changed)))
        return made[-1]

    yield start
    for whole in made:
        whole.dispose()


@pytest.fixture(scope="module")
def whole(initialised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """One for all tests of a module, as the shipped files have it."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(initialised, folder / "ssl_minnow.sqlite")
    made = Whole(options(folder))
    yield made
    made.dispose()
