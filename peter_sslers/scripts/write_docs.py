"""`python -m peter_sslers.scripts.write_docs`: docs/configure.md, from the declared options."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from ..settings import OPTIONS, Option
from ..settings.server import SERVER_OPTIONS

DOCS = Path(__file__).parent.parent.parent / "docs"

HEAD = """\
# Configuring

<!-- Written by `make docs` from peter_sslers/settings; do not edit. -->

Peter reads a PasteDeploy .ini: `[app:main]` and `[server:main]`. `example_development.ini` and
`example_production.ini` are complete files. What is wrong is told at the start, all of it at once;
names that look like ours and are not are logged. The page `settings` of the admin shows what is in
force.

A blank value is the default, except where numbers, words or paths are wanted. Every `sqlalchemy.X`
is an argument `X` of SQLAlchemy's `create_engine`; `pyramid.*`, `mako.*` and `debugtoolbar.*` are
those packages' own.
"""
SERVER_NOTE = """
In `[server:main]` with `use = egg:peter_sslers#main`. Besides these, every option of waitress:
`listen` (here 127.0.0.1:8080 if nothing is said), `trusted_proxy`, `trusted_proxy_headers`,
`unix_socket`, `connection_limit` (here 1000), `max_request_body_size` (here a little more than
`upload_bulk_max_mib`; 64 KiB at `public_listen`) and so on.
"""


def configure() -> str:
    """The text of docs/configure.md."""
    options = sorted(OPTIONS, key=lambda o: (o.section, o.name))
    parts = [HEAD]
    for section, some in groupby(options, key=lambda o: o.section):
        parts += [f"\n## {section}\n\n", _table(some)]
    parts += [f"\n## {SERVER_OPTIONS[0].section}\n", SERVER_NOTE, "\n", _table(SERVER_OPTIONS)]
    return "".join(parts)


def _table(options: Iterable[Option]) -> str:
    lines = ["| option | allowed | default | |", "|---|---|---|---|"]
    for option in options:
        about = option.help
        if option.aliases:
            about += f" Also written {', '.join(f'`{alias}`' for alias in option.aliases)}."
        if option.environ:
            about += f" Without it, `${option.environ}` of the environment."
        cells = (f"`{option.name}`", option.kind.words, option.default_text, about)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    (DOCS / "configure.md").write_text(configure())


if __name__ == "__main__":
    main()
