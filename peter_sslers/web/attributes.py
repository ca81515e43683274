"""The small attributes of HTML elements, each with the blank that stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from .resource import Choose, Column, Show, Step
from .schemas import FormField
from .shown import ListPage

NOTHING = Markup("")


def current(here: bool, kind: str = "page") -> Markup:
    return Markup(' aria-current="{}"').format(kind) if here else NOTHING


def flag(name: str, on: bool) -> Markup:
    return Markup(" {}").format(name) if on else NOTHING


def ident(value: str) -> Markup:
    return Markup(' id="{}"').format(value) if value else NOTHING


def css(value: str) -> Markup:
    return Markup(' class="{}"').format(value) if value else NOTHING


def step(shown: Step) -> Markup:
    return css(shown.state) + (Markup(' aria-current="step"') if shown.state == "now" else NOTHING)


def cell(column: Column) -> Markup:
    """Of a `td`: alignment, and the label that the card of a small screen shows."""
    kind = Markup(' class="num"') if column.show is Show.NUMBER else NOTHING
    if column.show is Show.STATUS:
        return kind
    return kind + Markup(' data-l="{}"').format(column.heading)


def heading(column: Column, page: ListPage | None, first: bool = False) -> Markup:
    """Of a `th`: alignment and the direction of sorting. The first column is the row's name."""
    kind = Markup(' class="num"') if column.show is Show.NUMBER and not first else NOTHING
    sort = page.params.get("sort", "") if page else ""
    if sort.lstrip("-") != column.name or column.sort is None:
        return kind
    order = "descending" if sort.startswith("-") else "ascending"
    return kind + Markup(' aria-sort="{}"').format(order)


def heading_text(column: Column, page: ListPage | None, address: str) -> Markup:
    """The words of a `th`: a link where the list may be sorted by the column."""
    if column.sort is None or page is None:
        return Markup("{}").format(column.heading)
    kept = {k: v for k, v in page.params.items() if k != "sort"}
    down = page.params.get("sort") == column.name
    query = urlencode({**kept, "sort": f"-{column.name}" if down else column.name})
    return Markup('<a href="{}?{}">{}</a>').format(address, query, column.heading)


def choice(choose: Choose | None, obj: Any) -> Markup:
    """A row's check box, where there are some and the row can be chosen."""
    if choose is None or not choose.possible(obj):
        return NOTHING
    box = Markup('<input type="checkbox" name="{}" value="{}" aria-label="Choose #{}"> ')
    return box.format(choose.field, obj.id, obj.id)


def described(name: str, field: FormField, error: str) -> Markup:
    """Of a control: that it is wrong, and what describes it."""
    by = [f"e-{name}"] if error else []
    by += [f"h-{name}"] if field.hint else []
    found = Markup(' aria-invalid="true"') if error else NOTHING
    return found + (Markup(' aria-describedby="{}"').format(" ".join(by)) if by else NOTHING)


def value(field: FormField, shown: str) -> Markup:
    """Of an `input`; a secret and a file are never sent back."""
    if field.kind in {"file", "password"} or not shown:
        return NOTHING
    return Markup(' value="{}"').format(shown)


def suggested(name: str, words: Mapping[str, str]) -> Markup:
    """Of an `input`: the list of what may be entered, if there is one."""
    return Markup(' list="l-{}"').format(name) if words else NOTHING


def encoding(fields: dict[str, Any]) -> Markup:
    files = any(field.kind == "file" for field in fields.values())
    return Markup(' enctype="multipart/form-data"') if files else NOTHING
