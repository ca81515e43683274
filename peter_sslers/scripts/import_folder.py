"""`peter_sslers_import INI FOLDER`: the certificates of a folder, straight into the database."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic

import click
from sqlalchemy.exc import OperationalError

from ..errors import SslersError
from ..lib import schema
from ..lib.actions import import_trees, imports
from ..lib.actions.imports import Outcome, Result
from ..lib.estates import Folder
from . import ini

ABOUT = """Stores the certificates of a folder of Certbot, acme.sh, lego or Caddy, or of loose PEM
files that are matched by their public keys. What is there already is left alone.
Exit status: 0, or 1 if something could not be imported or there was nothing to import."""
USAGE = "usage: {command} INI FOLDER [name=value ...]\n{about}\nexample: {command} my.ini {folder}"
STOPPED = 130  # as shells count an interrupt
SECONDS = 0.5  # between two lines of progress on a terminal
SECONDS_IN_LOG = 30.0  # and elsewhere


def main(argv: Sequence[str] = sys.argv) -> None:
    if len(argv) < 3:
        command = Path(argv[0]).name
        click.echo(USAGE.format(command=command, about=ABOUT, folder="/etc/letsencrypt"))
        raise SystemExit(1)
    path, values = ini.arguments([argv[0], argv[1], *argv[3:]], ABOUT)
    count: Counter[Outcome] = Counter()
    try:
        with ini.context(path, values) as ctx:
            schema.require_current(ctx.database.engine)
            layout, brought = import_trees.found_in(ctx, Folder(Path(argv[2])))
            click.echo(f"{argv[2]}: {layout}.")
            report(imports.import_all(ctx, brought), count)
    except SslersError as exc:
        raise SystemExit(str(exc)) from exc
    except OperationalError as exc:
        raise SystemExit(f"The database can not be used: {exc.orig}. {summary(count)}") from exc
    except KeyboardInterrupt:
        click.echo(f"Stopped: the next run goes on. {summary(count)}", err=True)
        raise SystemExit(STOPPED) from None
    click.echo(summary(count))
    if not count:
        raise SystemExit("There is no certificate in it.")
    raise SystemExit(1 if count[Outcome.REFUSED] else 0)


def summary(count: Counter[Outcome]) -> str:
    return ", ".join(f"{count[outcome]:,} {outcome}" for outcome in Outcome) + "."


def report(results: Iterable[Result], count: Counter[Outcome]) -> None:
    """Tell what is refused, and notes, as they come; between them how far it is."""
    progress = Progress()
    for result in results:
        count[result.outcome] += 1
        if said := result.reason or result.note:
            progress.clear()
            word = "refused" if result.reason else "note"
            click.echo(f"{word}: {_printable(result.name)}: {said}", err=True)
        progress.show(count)
    progress.clear()


class Progress:
    """One line that is written over on a terminal; elsewhere a line now and then."""

    def __init__(self) -> None:
        self._began = self._told = monotonic()
        self._terminal = sys.stderr.isatty()
        self._every = SECONDS if self._terminal else SECONDS_IN_LOG

    def show(self, count: Counter[Outcome]) -> None:
        now = monotonic()
        if now - self._told < self._every:
            return
        self._told = now
        total = count.total()
        rate = total / max(now - self._began, 0.001)
        line = f"{total:,} read, {count[Outcome.IMPORTED]:,} imported, {rate:,.0f}/s"
        if self._terminal:
            click.echo(f"\r{line}\033[K", nl=False, err=True)
        else:
            click.echo(line, err=True)

    def clear(self) -> None:
        if self._terminal:
            click.echo("\r\033[K", nl=False, err=True)


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)
