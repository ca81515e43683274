"""How one value looks in HTML: status words, times, numbers, links, hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from markupsafe import Markup, escape

from .resource import Column, Resources, Show
from .schemas import FormField

NONE = Markup('<span class="muted">none</span>')
YES, NO = Markup("yes"), Markup("no")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHORT_CODE = 20  # characters of a hash that a list shows

# The sign and colour of a word. What is in none of them is grey: it neither runs nor needs anyone.
STATUS = {
    "ok": "valid active done primed renewed finished ok default yes success healthy"
    " processing_completed_success certificate_downloaded"
    " resolved-replaced PrivateKey_replaced CertificateSigned_replaced",
    "run": "pending processing ready queued running waiting *discovered* created_local created_acme"
    " processing_started order_finalized",
    "warn": "expiring limit stale partly retrying *406* reported reported+deactivated unresolved",
    "bad": "invalid failed failure error expired revoked compromised blocked blocklisted down"
    " stopped processing_completed_failure setup-prevalidation upstream-validation 404 500",
    "": "inactive deactivated superseded alternate unknown none no *404* *410* placeholder"
    " processing_deactivated resolved-ignored abandoned cancelled",
}
_CLASS = {word: css for css, words in STATUS.items() for word in words.split()}
_CLASS |= {"by hand": "warn", "renewal fails": "bad", "not asked": "", "inactive (expired)": ""}


def status_class(word: str) -> str:
    """The CSS class of a status word: ok, run, warn, bad, or "" for grey."""
    return _CLASS.get(word, "")


def status(word: Any) -> Markup:
    if word is None or word == "":
        return NONE
    css = f"st {status_class(str(word))}".strip()
    return Markup('<span class="%s">%s</span>') % (css, str(word))


def day(when: date) -> str:
    """`24 Nov 2026`"""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def time(when: datetime | None, *, seconds: bool = True) -> Markup:
    """`24 Nov 2026, 07:40:31`, in UTC."""
    if when is None:
        return NONE
    utc = when.astimezone(UTC) if when.tzinfo else when
    clock = f"{utc:%H:%M:%S}" if seconds else f"{utc:%H:%M}"
    machine = f"{utc:%Y-%m-%dT%H:%M:%SZ}"
    return Markup('<time datetime="%s">%s, %s</time>') % (machine, day(utc), clock)


def number(value: int) -> str:
    return f"{value:,}"


def names(value: Sequence[str] | None, shown: int = 1, first: Markup | None = None) -> Markup:
    """The first names of a list, or `first` in their place, and how many more there are."""
    if not value:
        return NONE
    more = len(value) - shown
    first = first or Markup(", ").join(value[:shown])
    if more <= 0:
        return first
    return Markup('{} <span class="muted">+{} {}</span>').format(
        first, number(more), "name" if more == 1 else "names"
    )


def code(value: Any, *, short: bool = False) -> Markup:
    text = str(value)
    if short and len(text) > SHORT_CODE:
        return Markup('<code title="{}">{}…</code>').format(text, text[:SHORT_CODE])
    return Markup('<code class="copy">{}</code>').format(text)


class Cells:
    """The values of objects as HTML, with links that begin with `base`, the admin's path."""

    def __init__(self, resources: Resources, base: str) -> None:
        self.resources = resources
        self.base = base

    def link(self, obj: Any, text: Any = None) -> Markup:
        """A link to an object's page; its name alone if its kind has none."""
        if obj is None:
            return NONE
        kind = self.resources.find(type(obj))
        words = text if text is not None else (kind.name_of(obj) if kind else f"#{obj.id}")
        path = self.resources.path_of(obj)
        if path is None:
            return escape(words)
        return Markup('<a href="%s%s">%s</a>') % (self.base, path, words)

    def numbered(self, column: str, number: int) -> Markup:
        """A link to the object that a column like `acme_order_id` names, without reading it."""
        for kind in self.resources:
            if column == f"{kind.model.__tablename__}_id" and kind.focus:
                address = f"{self.base}/{kind.path}/{number}"
                return Markup('<a href="{}">#{}</a>').format(address, number)
        return escape(f"#{number}")

    def in_list(self, column: Column, obj: Any) -> Markup:
        return self._shown(column, obj, True)

    def in_facts(self, column: Column, obj: Any) -> Markup:
        return self._shown(column, obj, False)

    def head(self, column: Column, obj: Any) -> Markup:
        """The first cell of a row: the object's name as a link."""
        value = column.of(obj)
        if column.name == "id":
            return self.link(obj, f"#{value}")
        if column.show is Show.NAMES and value:
            return names(value, first=self.link(obj, value[0]))
        return self.link(obj, self._shown(column, obj, True))

    def _shown(self, column: Column, obj: Any, short: bool) -> Markup:
        value = column.of(obj)
        if value is None or value == "":
            return NONE
        if column.name == "id":
            return self.link(obj, f"#{value}") if short else escape(f"#{value}")
        if column.show is Show.ID:
            return self.numbered(column.name, value)
        return self._shape(column.show, value, short)

    def _shape(self, show: Show, value: Any, short: bool) -> Markup:
        match show:
            case Show.LINK if not isinstance(value, str):  # why there is no object
                return self.link(value)
            case Show.NAMES:
                return names(value) if short else names(value, shown=20)
            case Show.CODE:
                return code(value, short=short)
            case Show.TIME:
                return time(value, seconds=not short)
            case Show.STATUS:
                return status(value)
            case Show.NUMBER if isinstance(value, int):
                return escape(number(value))
            case Show.BOOL:
                return YES if value else NO
            case Show.PEM:
                return Markup("<pre>{}</pre>").format(value)
        return plain(value)


def plain(value: Any) -> Markup:
    """A value whose column says nothing of its kind."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, datetime):
        return time(value)
    return escape(value)


def coded(text: str) -> Markup:
    """A text whose `parts in backticks` are code."""
    parts = text.split("`")
    shown = [
        Markup("<code>{}</code>").format(part) if n % 2 else escape(part)
        for n, part in enumerate(parts)
    ]
    return Markup("").join(shown)


def sentence(text: str) -> str:
    """With a capital: hints are written to stand in a list, too."""
    return text[:1].upper() + text[1:]


def corrections(errors: Mapping[str, str]) -> str:
    """The first words above a form that was wrong."""
    fields = len([name for name in errors if name != "Error_Main"])
    if not fields:
        return "Not done."
    return f"Not done: {fields} {'thing' if fields == 1 else 'things'} to correct."


def kind_of_field(field: FormField) -> str:
    """The type of a form's field, for its help."""
    kinds = {
        "radio": "one word",
        "number": "integer",
        "textarea": "text",
        "checkbox": "1 or nothing",
    }
    return f"{kinds.get(field.kind, field.kind)}, {'required' if field.is_needed else 'optional'}"


def values_of(docs: Mapping[str, Any], name: str) -> Markup:
    """The words that a field may have."""
    words = docs.get("valid_options", {}).get(name, ())
    words = (words,) if isinstance(words, str) else words
    return Markup(", ").join(Markup("<code>{}</code>").format(str(word)) for word in words)


def folded(command: str) -> str:
    """A call of curl with each part on a line of its own."""
    parts = command.replace(" --", " \\\n  --").rsplit(" ", 1)
    return " \\\n  ".join(parts) if "\n" in parts[0] else command
