"""The options with their values, as the settings page and the docs show them."""

from __future__ import annotations

from dataclasses import dataclass

from .declared import Settings
from .option import options_of


@dataclass(frozen=True)
class Described:
    """One line of the settings page. No secret is in it."""

    name: str
    section: str
    type: str
    default: str
    help: str
    value: str


def described(settings: Settings) -> list[Described]:
    """Every option with its value, by section and name."""
    lines = [
        Described(o.name, o.section, o.kind.words, o.default_text, o.help, o.shown(value))
        for attr, o in options_of(Settings).items()
        for value in [getattr(settings, attr)]
    ]
    return sorted(lines, key=lambda line: (line.section, line.name))
