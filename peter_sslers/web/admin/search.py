"""The search page: one box for names, numbers, serials, hashes and addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

from ...lib.store import search
from ...lib.store.search import Hits, LookUp
from ..pages import wants_json
from ..redirects import see_other
from ..register import add_page
from ..resource import Resource
from ..shown import Custom
from ..to_json import without_secrets

MAX_SHOWN = 80
# What objects have in common: `?type=spki&spki=AB…`, the links of the original's pages.
TYPES: dict[str, tuple[str, Callable[[str], list[LookUp]]]] = {
    "spki": ("SPKI SHA-256", search.by_spki),
    "cert_subject": ("subject", search.by_subject),
    "cert_issuer": ("issuer", search.by_issuer),
}
NO_KEY = "The account has no active key: there is nothing to compare with."


@dataclass(frozen=True)
class Question:
    """A text of the box, or with `field` a value that objects have in common."""

    text: str
    field: str = ""  # of TYPES
    refused: str = ""  # why it can not be looked up

    @property
    def query(self) -> str:
        """The query string that asks it."""
        if self.field in TYPES:
            return urlencode({"type": self.field, self.field: self.text})
        return urlencode({"q": self.text}) if self.text else ""

    @property
    def shown(self) -> str:
        """On one line."""
        text = " ".join(self.text.split())
        return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


@dataclass(frozen=True)
class Found:
    """`same_number`: the kinds with an object `number`; `tables`: what else fits."""

    number: int | None
    same_number: tuple[Resource, ...]
    tables: tuple[tuple[Resource, Hits], ...]

    @property
    def total(self) -> int:
        return len(self.same_number) + sum(len(hits.rows) for _, hits in self.tables)

    @property
    def only(self) -> str:
        """The path of the only hit, else ""."""
        if self.total != 1:
            return ""
        if self.same_number:
            return f"/{self.same_number[0].path}/{self.number}"
        kind, hits = self.tables[0]
        return f"/{kind.path}/{hits.rows[0].id}"


def asked(request: Request) -> Question:
    kind = request.GET.get("type", "")
    if kind in TYPES:
        # A subject has line ends that belong to it.
        text = request.GET.get(kind, "").replace("\r\n", "\n")
        nothing = "" if text else f"There is no {TYPES[kind][0]} to compare with."
        return Question(text[: search.MAX_TEXT], kind, nothing)
    if kind == "error":
        return Question("", kind, NO_KEY)
    text = request.GET.get("q", "")[: search.MAX_TEXT]
    return Question("".join(c if c.isprintable() else " " for c in text).strip())


def find(request: Request, question: Question) -> Found:
    """Everything that fits and has a page."""
    kinds = {kind.model: kind for kind in request.registry.resources if kind.focus}
    db, text = request.ctx.db, question.text
    if question.field:
        common = search.hits(db, TYPES[question.field][1](text), kinds) if text else []
        return Found(None, (), tuple((kinds[hits.model], hits) for hits in common))
    number = search.number_of(text)
    numbered = search.numbered(db, number, kinds) if number is not None else []
    others = search.hits(db, search.look_ups(text), kinds)
    return Found(
        number,
        tuple(kinds[model] for model in numbered),
        tuple((kinds[hits.model], hits) for hits in others),
    )


def view(request: Request) -> Custom | HTTPSeeOther:
    question = asked(request)
    found = find(request, question)
    as_json = wants_json(request)
    if found.only and not question.field and not as_json:
        return see_other(request, found.only)
    return Custom(
        "search.mako",
        {"question": question, "found": found, "most": search.MAX_ROWS},
        document(request, question, found) if as_json else {},
        title=f"Search: {question.shown}" if question.text else "Search",
        sentence=sentence(question, found),
        path="/search",
        query=question.query,
    )


def sentence(question: Question, found: Found) -> str:
    if not question.text:
        return question.refused or "Type into the box on top of the page."
    kinds = len(found.same_number) + len(found.tables)
    counted = "1 hit" if found.total == 1 else f"{found.total} hits" if found.total else "No hit"
    among = f" among {kinds} kinds" if kinds > 1 else ""
    what = f": the same {TYPES[question.field][0]}" if question.field else ""
    return f"{counted}{among}{what}."


def document(request: Request, question: Question, found: Found) -> dict[str, Any]:
    """Each kind's objects under its name, without any private key."""
    root = request.admin_url
    results: dict[str, list[dict[str, Any]]] = {}
    for kind in found.same_number:
        row = request.ctx.db.get(kind.model, found.number, options=kind.options)
        results[kind.json_names] = [kind.as_json(row, root)]
    for kind, hits in found.tables:
        results.setdefault(kind.json_names, []).extend(kind.as_json(r, root) for r in hits.rows)
    return {
        "result": "success",
        "query": question.text,
        "type": question.field or None,
        "search_results": without_secrets(results),
        "is_complete": not any(hits.more for _, hits in found.tables),
    }


def includeme(config: Configurator) -> None:
    add_page(config, "/search", view)
