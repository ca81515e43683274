"""What templates ask: addresses, menus, and the small attributes of elements."""

from __future__ import annotations

from importlib.metadata import version
from time import perf_counter
from typing import Any

from markupsafe import Markup
from pyramid.request import Request

from ..lib.store.paging import Page
from ..lib.store.search import MAX_TEXT
from . import cells
from .api_docs import curl, form_fields
from .buttons import Shown, bulk_buttons, buttons_of
from .flash import Flash, flash
from .heads import Head
from .resource import Action, Column, NextStep, Resource, Resources, Show, inside_sentence
from .schemas import FormField
from .shown import FocusPage, ListPage

VERSION = version("peter_sslers")
GROUPS = (
    "Overview",
    "Certificates",
    "Orders",
    "Domains",
    "Accounts",
    "Keys",
    "CAs",
    "Queues",
    "Logs",
)


class Ui:
    """What templates ask."""

    def __init__(self, request: Request, head: Head) -> None:
        self.request = request
        self.head = head
        self.resources: Resources = request.registry.resources
        self.base: str = request.admin_path
        self.version = VERSION
        self.cells = cells.Cells(self.resources, self.base)
        self.flash: Flash | None = flash(request)
        self.sought: str = request.GET.get("q", "")[:MAX_TEXT]

    def url(self, path: str) -> str:
        """The address of a path below the admin root."""
        return f"{self.base}{path}"

    def static(self, name: str) -> str:
        version: str = self.request.registry.static_files[name].version
        return f"{self.base}/static/{name}?{version}"

    def kinds(self, group: str) -> list[Resource]:
        return [k for k in self.resources if k.group == group and k.in_menu]

    def tabs(self) -> list[tuple[str, str]]:
        """(group, address of its first kind)."""
        found = [("Overview", self.base or "/")]
        for group in GROUPS[1:]:
            if kinds := self.kinds(group):
                found.append((group, self.url(kinds[0].many)))
        return found

    def subtabs(self) -> list[tuple[str, str, bool]]:
        """(label, address, whether we are there) of the group's kinds and its primary forms."""
        found = []
        for kind in self.kinds(self.head.group):
            found.append((kind.labels, self.url(kind.many), kind is self.head.kind))
            for form in kind.forms:
                if form.primary and not form.get_query:
                    path = form.at or f"/{kind.path}/{form.name}"
                    found.append((form.label, self.url(path), False))
        return found

    def columns(self, kind: Resource, objects: list[Any], owner: Any) -> list[Column]:
        """A table's columns: without the one that only repeats whose list it is."""

        def repeats(column: Column) -> bool:
            if owner is None:
                return False
            if column.show is Show.ID:
                return column.name == f"{owner.__tablename__}_id"
            return column.show is Show.LINK and all(column.of(obj) is owner for obj in objects)

        return [c for c in kind.columns if c.in_list and not repeats(c)]

    def fields(self, action: Action) -> dict[str, FormField]:
        return form_fields(action)

    def choices(self, action: Action) -> dict[str, dict[str, str]]:
        """{field: {word: its explanation}}, with those that only the database knows."""
        found = {name: dict(f.choices) for name, f in form_fields(action).items()}
        if action.docs.options:
            for name, words in action.docs.options(self.request.ctx).items():
                if name in found and isinstance(words, dict):
                    found[name] = {str(word): str(text) for word, text in words.items()}
        return found

    def suggestions(self, action: Action, field: str) -> dict[str, str]:
        """{word: its explanation}: what may be entered, among other words."""
        suggest = action.docs.suggestions
        return suggest(self.request.ctx).get(field, {}) if suggest else {}

    def buttons(self, page: FocusPage) -> list[Shown]:
        return buttons_of(self.request.ctx, page.resource, page.obj)

    def next_step(self, page: FocusPage) -> NextStep | None:
        tell = page.resource.next_step
        return tell(page.obj) if tell else None

    def primary_buttons(self, page: FocusPage) -> list[Shown]:
        """Those in the head; the next step's own button is in its panel."""
        step = self.next_step(page)
        of_step = self.button_for(page, step.action) if step else None
        return [
            b
            for b in self.buttons(page)
            if b.primary and not b.reason and not b.danger and b != of_step
        ]

    def shown_above(self, page: FocusPage) -> list[Shown]:
        """Buttons that More actions need not repeat."""
        step = self.next_step(page)
        of_step = self.button_for(page, step.action) if step else None
        above = self.primary_buttons(page)
        return [*above, of_step] if of_step and not of_step.reason else above

    def button_for(self, page: FocusPage, name: str) -> Shown | None:
        """The button of the action called `name`."""
        end = f"/{name}"
        return next((b for b in self.buttons(page) if name and b.path.endswith(end)), None)

    def list_buttons(self, page: ListPage) -> list[Shown]:
        return list(bulk_buttons(page.resource, page.path))

    def status(self, word: str) -> Markup:
        return cells.status(word)

    def fact(self, page: FocusPage, column: Column) -> Markup:
        """A fact; the state that the head shows in colour is just its word here."""
        if column.show is Show.STATUS and page.resource.status and column.of(page.obj):
            return Markup("<code>{}</code>").format(str(column.of(page.obj)))
        return self.cells.in_facts(column, page.obj)

    def curl(self, action: Action, path: str, values: dict[str, Any]) -> str:
        suffix = "" if action.always_json else ".json"
        return curl(action, f"{self.request.shown_admin_url}{path}{suffix}", values)

    def made(self) -> str:
        """When the page was made, and how long that took."""
        ms = (perf_counter() - self.request.began) * 1000
        return f"{self.request.ctx.now:%H:%M:%S} UTC in {ms:.0f} ms"

    def database(self) -> str:
        name = str(self.request.ctx.database.engine.dialect.name)
        return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(name, name.capitalize())

    def page(self, path: str, number: int, query: str) -> str:
        return f"{self.base}{path}/{number}" + (f"?{query}" if query else "")

    def page_numbers(self, page: Page[Any]) -> list[int | None]:
        """1 … 5 6 7 … 99; None is a gap."""
        near = range(max(1, page.number - 1), min(page.pages, page.number + 1) + 1)
        numbers = sorted({1, *near, page.pages})
        found: list[int | None] = []
        for number in numbers:
            if found and found[-1] is not None and number - found[-1] > 1:
                found.append(None)
            found.append(number)
        return found

    def counted(self, total: int) -> str:
        return "1 in all" if total == 1 else f"{cells.number(total)} in all"

    def nothing(self, page: ListPage) -> str:
        """The head of an empty list."""
        if self._filtered(page):
            return "None matches the filter"
        if page.related:
            return f"No {inside_sentence(page.related.label)}"
        return f"No {page.resource.nouns}"

    def nothing_why(self, page: ListPage) -> str:
        if self._filtered(page):
            return "There may be some without it."
        if page.related:
            return page.related.empty
        return page.listing.empty if page.listing else ""

    def _filtered(self, page: ListPage) -> bool:
        return any(c.filter and page.params.get(c.name) for c in page.resource.columns)
