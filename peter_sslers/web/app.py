"""What the whole application shares."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from ..errors import SettingsError
from ..lib import schema
from ..lib.acme_v2 import Servers
from ..lib.actions import setup
from ..lib.context import Context
from ..lib.database import Database, in_memory, reader
from ..lib.edge import Edge
from ..lib.polls import PollLog
from ..lib.store.public_challenges import PublicChallenges
from ..lib.together import Together
from ..lib.x509 import Backend, choose
from ..settings import Settings
from .access import Access

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """`registry.peter`: made once at the start; any thread may use it."""

    settings: Settings
    database: Database
    public_challenges: PublicChallenges  # the same database, by connections of their own
    x509: Backend
    servers: Servers
    polls: PollLog
    access: Access
    edge: Edge | None
    uploads: Together[Any, Any] | None

    @classmethod
    def make(cls, settings: Settings, raw: Mapping[str, Any]) -> App:
        """`raw` has SQLAlchemy's own options."""
        database = Database.from_settings(raw)
        engine = database.engine if in_memory(database.engine.url) else reader(raw)
        return cls(
            settings=settings,
            database=database,
            public_challenges=PublicChallenges(engine),
            x509=choose(settings.openssl_path, settings.openssl_path_conf),
            servers=Servers(timeout=settings.acme_timeout_s),
            polls=PollLog(database, settings.unknown_polls_max),
            access=Access.of(settings),
            edge=Edge.of(settings, database),
            # The others' writers need not wait for one another, and are quicker side by side.
            uploads=Together() if database.engine.dialect.name == "sqlite" else None,
        )

    def close_connections(self) -> None:
        """To the database; the next that asks opens one. Raises SettingsError if that loses it."""
        if in_memory(self.database.engine.url):
            raise SettingsError("a database in memory is one process's: set workers = 1")
        self.database.close_connections()
        self.public_challenges.engine.dispose()

    def context(self) -> Context:
        """For one request or command; whoever asks closes its `db`."""
        session = self.database.session()
        return Context(
            self.database,
            session,
            self.settings,
            self.x509,
            self.servers,
            edge=self.edge,
            uploads=self.uploads,
        )


def start(app: App) -> None:
    """What is done before the first request. Raises SettingsError for an old database."""
    schema.require_current(app.database.engine)
    if app.settings.requests_disable_ssl_warning:
        urllib3.disable_warnings()
    ctx = app.context()
    with contextlib.closing(ctx.db):
        setup.sync_providers(ctx)


def installed_includes(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The .ini without those Pyramid includes that are not installed: they are for developers."""
    found = dict(raw)
    for option in ("pyramid.includes", "debugtoolbar.includes"):
        names = str(raw.get(option, "")).split()
        missing = [n for n in names if importlib.util.find_spec(n.partition(".")[0]) is None]
        if missing:
            log.warning("`%s`: %s is not installed, left out", option, ", ".join(missing))
            found[option] = "\n".join(name for name in names if name not in missing)
    return found


def found_in(application: Any) -> App | None:
    """The App of a WSGI application, also inside of filters such as PasteDeploy's prefix."""
    for _ in range(20):
        registry = getattr(application, "registry", None)
        if isinstance(peter := getattr(registry, "peter", None), App):
            return peter
        application = getattr(application, "app", None) or getattr(application, "application", None)
    return None
