"""How one option of the .ini is declared, read, checked and shown."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Parse = Callable[[str], Any]


class Refused(ValueError):
    """A value is wrong for a reason that its kind's words do not say. Never holds the value."""


@dataclass(frozen=True)
class Kind:
    """A type of value. `parse` gets the stripped text and raises ValueError for a wrong one."""

    words: str  # what is allowed, for people
    parse: Parse
    blank_is_default: bool = False


@dataclass(frozen=True)
class Option:
    """What is known of an option besides its attribute: its name in the .ini and all the rest."""

    name: str
    section: str
    kind: Kind
    default: Any
    help: str
    default_text: str
    mask: Callable[[str], str] | None = None  # how a value with a secret is shown
    aliases: tuple[str, ...] = ()
    environ: str = ""  # a variable that stands in where the .ini says nothing

    def shown(self, value: Any) -> str:
        """The value as the .ini would write it, secrets masked."""
        text = written(value)
        return self.mask(text) if self.mask and text else text


def option(
    section: str, kind: Kind, default: Any, about: str, *, name: str = "", **more: Any
) -> Any:
    """A field of a settings class. `name` is for options whose name is no Python word."""
    more.setdefault("default_text", written(default))
    found = Option(name=name, section=section, kind=kind, default=default, help=about, **more)
    return dataclasses.field(default=default, metadata={"option": found})


def options_of(cls: type[Any]) -> dict[str, Option]:
    """{attribute: option}, each with its name filled in."""
    found = {}
    for field in dataclasses.fields(cls):
        declared: Option = field.metadata["option"]
        found[field.name] = dataclasses.replace(declared, name=declared.name or field.name)
    return found


def written(value: Any) -> str:
    """A parsed value as text."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(map(written, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


@dataclass
class Reading:
    """Reads options out of an .ini section and collects everything that is wrong with them."""

    raw: Mapping[str, str]
    environ: Mapping[str, str]
    wrong: dict[str, str] = dataclasses.field(default_factory=dict)  # {name: sentence}
    notes: list[str] = dataclasses.field(default_factory=list)  # for the log

    def value(self, declared: Option) -> Any:
        text = self._text(declared)
        if text is None or (not text and declared.kind.blank_is_default):
            return declared.default
        try:
            return declared.kind.parse(text)
        except ValueError as error:
            said = f" ({error})" if isinstance(error, Refused) else ""
            self.complain(declared, text, f"allowed: {declared.kind.words}{said}")
            return declared.default

    def complain(self, declared: Option, text: str, what: str) -> None:
        shown = declared.mask(text) if declared.mask else text
        self.wrong[declared.name] = f"`{declared.name}` is “{shown}”; {what}"

    def _text(self, declared: Option) -> str | None:
        fallback = self.environ.get(declared.environ, "").strip() if declared.environ else ""
        for name in (declared.name, *declared.aliases):
            if name not in self.raw:
                continue
            text = str(self.raw[name]).strip()
            if text and fallback and text != fallback:
                self.notes.append(f"`{name}` of the .ini is used, not ${declared.environ}")
            return text or fallback
        return fallback or None


def mask_url(text: str) -> str:
    """A URL without its password, in the authority or as a parameter."""
    text = re.sub(r"(://[^:/@]*):[^/]*@", r"\1:***@", text)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", text)


def mask_userpass(text: str) -> str:
    user, colon, _ = text.partition(":")
    return f"{user}:***" if colon else "***"
