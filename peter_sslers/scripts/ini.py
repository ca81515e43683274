"""What the console commands share: `COMMAND INI [name=value …]`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import plaster

from ..lib import x509
from ..lib.acme_v2 import Servers
from ..lib.context import Context
from ..lib.database import Database
from ..lib.edge import Edge
from ..settings import Settings


def arguments(argv: Sequence[str], about: str) -> tuple[str, dict[str, str]]:
    """The .ini and the values that it may use; without one the usage, and exit status 1."""
    if len(argv) < 2:
        command = Path(argv[0]).name
        click.echo(f"usage: {command} INI [name=value ...]\n{about}\nexample: {command} my.ini")
        raise SystemExit(1)
    values = dict(pair.split("=", 1) for pair in argv[2:] if "=" in pair)
    return argv[1], values


@contextlib.contextmanager
def context(ini: str, values: dict[str, str]) -> Iterator[Context]:
    """A context from `[app:main]`, with the logging that the file asks for."""
    loader = plaster.get_loader(ini, protocols=["wsgi"])
    loader.setup_logging(values)
    raw = loader.get_wsgi_app_settings("main", values)
    settings = Settings.from_ini(raw)
    database = Database.from_settings(raw)
    edge = Edge.of(settings, database)
    with contextlib.closing(database.session()) as db:
        yield Context(
            database=database,
            db=db,
            settings=settings,
            x509=x509.choose(settings.openssl_path, settings.openssl_path_conf),
            servers=Servers(),
            edge=edge,
        )
    if edge:
        edge.wait()
    database.close_connections()
