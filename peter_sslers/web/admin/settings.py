"""The settings in force, each with its help. No secret is shown."""

from __future__ import annotations

import dataclasses
from itertools import groupby

from pyramid.config import Configurator
from pyramid.request import Request

from ...settings import described
from ..register import add_page
from ..shown import Custom


def view(request: Request) -> Custom:
    lines = described(request.ctx.settings)
    sections = [(name, list(found)) for name, found in groupby(lines, lambda line: line.section)]
    document = {"settings": {line.name: dataclasses.asdict(line) for line in lines}}
    return Custom(
        "settings.mako",
        {"sections": sections},
        document,
        title="Settings",
        sentence="What the .ini says, read when the server was started. Secrets are masked.",
        path="/settings",
    )


def includeme(config: Configurator) -> None:
    add_page(config, "/settings", view)
