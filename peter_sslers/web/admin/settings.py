"""The settings in force, each with its help. No secret is shown."""

from __future__ import annotations

import dataclasses
import platform
from itertools import groupby

from pyramid.config import Configurator
from pyramid.request import Request

from ...settings import described
from ..register import add_page
from ..shown import Custom


@dataclasses.dataclass(frozen=True)
class Fact:
    name: str
    value: str
    help: str


def runtime(request: Request) -> list[Fact]:
    """What no setting says: what the server found where it runs."""
    ctx = request.ctx
    return [
        Fact(
            "x509_backend",
            ctx.x509.name,
            "Who does the cryptography: Python's `cryptography`, or the `openssl` binary.",
        ),
        Fact("database", ctx.database.engine.dialect.name, "The kind of database."),
        Fact("python", platform.python_version(), "The version of Python."),
    ]


def view(request: Request) -> Custom:
    lines = described(request.ctx.settings)
    sections = [(name, list(found)) for name, found in groupby(lines, lambda line: line.section)]
    running = runtime(request)
    document = {
        "settings": {line.name: dataclasses.asdict(line) for line in lines},
        "runtime": {fact.name: fact.value for fact in running},
    }
    return Custom(
        "settings.mako",
        {"sections": sections, "facts": running},
        document,
        title="Settings",
        sentence="What the .ini says, read when the server was started. Secrets are masked.",
        path="/settings",
    )


def includeme(config: Configurator) -> None:
    add_page(config, "/settings", view)
