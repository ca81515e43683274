"""`disable_acme_account_providers INI`: no provider is enabled until the next start says which."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ..errors import SslersError
from ..lib import schema
from ..lib.actions import providers
from . import ini

ABOUT = "Disables every ACME server; the next start enables those that the .ini names."


def main(argv: Sequence[str] = sys.argv) -> None:
    path, values = ini.arguments(argv, ABOUT)
    try:
        with ini.context(path, values) as ctx:
            schema.require_current(ctx.database.engine)
            disabled = providers.disable_all(ctx)
    except SslersError as exc:
        raise SystemExit(str(exc)) from exc
    click.echo(f"Disabled: {', '.join(disabled) or 'none was enabled'}.")
