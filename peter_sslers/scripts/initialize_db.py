"""`initialize_peter_sslers_db INI`: makes the tables or brings them up to date, and fills them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ..errors import SslersError
from ..lib import schema
from ..lib.actions import setup
from . import ini

ABOUT = "Makes the tables of the .ini's database, or brings them up to date."


def main(argv: Sequence[str] = sys.argv) -> None:
    path, values = ini.arguments(argv, ABOUT)
    try:
        with ini.context(path, values) as ctx:
            schema.upgrade(ctx.database.engine)
            is_new = setup.initialize(ctx)
    except SslersError as exc:
        raise SystemExit(str(exc)) from exc
    click.echo("The database is ready." if is_new else "The database is up to date.")
