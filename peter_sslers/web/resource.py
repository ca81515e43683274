"""What the admin knows of a kind of object. Data only: `pages` shows it, `register` routes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from marshmallow import Schema
from sqlalchemy import Select

from ..model.meta import Base

if TYPE_CHECKING:
    from ..lib.context import Context
    from ..settings import Settings
    from .shown import Custom

# The JSON of an object: as_json(object, admin root URL).
AsJson = Callable[[Any, str], dict[str, Any]]
Query = Callable[["Context", Mapping[str, str]], Select[Any]]


class Show(StrEnum):
    """How a column's value is shown."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    STATUS = "status"  # a word of the protocol or a state, as a coloured word
    BOOL = "bool"
    LINK = "link"  # the value is an object of a kind that has pages
    CODE = "code"  # hashes, URLs: in a fixed font, copied by one click
    NAMES = "names"  # a list of names: the first, and how many more
    PEM = "pem"
    ID = "id"  # the number of an object of the kind whose table the column is named after


@dataclass(frozen=True)
class Column:
    """One fact about an object. `value` reads it; without one it is the attribute `name`."""

    name: str
    label: str = ""
    show: Show = Show.TEXT
    in_list: bool = True
    in_focus: bool = True
    value: Callable[[Any], Any] | None = None
    # `?name=text` keeps the rows that this lets through; `filter_words` makes it a choice.
    filter: Callable[[Select[Any], str], Select[Any]] | None = None
    filter_words: tuple[str, ...] = ()
    sort: Any = None  # the SQL column for `?sort=name` and `?sort=-name`; it needs an index

    def of(self, obj: Any) -> Any:
        return self.value(obj) if self.value else getattr(obj, self.name)

    @property
    def heading(self) -> str:
        return self.label or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Listing:
    """`/private-keys/active`; a name of "" is `/private-keys` itself.

    `query` gets the request's context and its query parameters, and loads eagerly what the page
    shows, so that a page of 50 costs a bounded number of queries.
    """

    name: str
    label: str
    query: Query
    empty: str = "There is none yet."
    redirect: str = ""  # the bare path answers 303 to this listing instead


@dataclass(frozen=True)
class Choose:
    """Check boxes on a list of related objects: what is checked goes to an action of the owner."""

    action: str  # its name
    field: str  # the ids
    all_field: str  # a flag: all that can be chosen, whether the page shows them or not
    possible: Callable[[Any], bool]


@dataclass(frozen=True)
class Related:
    """`/private-key/{id}/certificate-signeds`: objects of another kind, named by its model."""

    name: str
    label: str
    kind: type[Base]
    query: Callable[[Any], Select[Any]]
    on_page: bool = True  # the first ten are shown on the object's own page
    json_list: bool | None = None  # None: as the other kind's own lists
    json_name: str = ""  # the list's key; "": as the other kind's own lists
    with_object: bool = False  # the object's own JSON stands beside the list
    # For a list with query parameters: instead of `query`.
    select: Callable[[Any, Context, Mapping[str, str]], Select[Any]] | None = None
    empty: str = "There is none yet."
    choose: Choose | None = None


@dataclass(frozen=True)
class Docs:
    """What a GET of an action's `.json` says besides its fields; `{ADMIN}` is the admin's URL."""

    instructions: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    single_example: bool = True  # the key is `example`, else `examples`
    notes: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    related_fields: tuple[tuple[str, ...], ...] = ()
    options: Callable[[Context], dict[str, Any]] | None = None  # more of `valid_options`
    warnings: Callable[[Context], Sequence[str]] | None = None  # more of `instructions`
    # {field: {word: its explanation}}: what may be entered in its form, among other words.
    suggestions: Callable[[Context], dict[str, dict[str, str]]] | None = None


@dataclass(frozen=True)
class Done:
    """What an action did: `json` follows `"result": "success"`; HTML goes 303 to `to`?`query`.

    A row in `json` is written as its kind's JSON.

    `to` is a path below the admin root; "" is the object's own page, or its kind's list. `query`
    None is `result=success&operation=` and the action's `html_operation`; "" is none at all.
    """

    json: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    query: str | None = None
    page: Custom | None = None  # shown in place of the redirect: there is more to say


@dataclass(frozen=True)
class Url:
    """A path below the admin root; in an answer's JSON it is an absolute address."""

    path: str


class NoFields(Schema):
    """A form without fields."""


@dataclass(frozen=True)
class Button:
    """One of several one-click forms of the same action: mark active, mark inactive."""

    label: str
    about: str
    hidden: Mapping[str, str]
    possible: Callable[[Any], str | None] | None = None  # None, or why it is not possible now
    danger: bool = False
    form_id: str = ""
    button_id: str = ""


@dataclass(frozen=True)
class Action:
    """`POST /acme-order/{id}/acme-server/sync`: on an object, or on a kind (`new`, `upload`).

    `run` raises FieldErrors for what is wrong in the form and any other SslersError for the rest;
    see pages.action_page for how each is answered.
    """

    name: str
    label: str
    about: str
    run: Callable[[Context, Any, dict[str, Any]], Done]
    schema: type[Schema] = NoFields
    docs: Docs = Docs()
    # Exact query string with which a GET of the HTML page is sent back to the object's page.
    # Without one the GET shows a form.
    get_query: str = ""
    operation: str = ""  # the JSON's "operation", where it has one
    error_json: Mapping[str, Any] = field(default_factory=dict)  # what the JSON of every error has
    html_operation: str = ""  # the redirect's &operation=
    possible: Callable[[Any], str | None] | None = None  # None, or why it is not possible now
    consequences: Callable[[Any], Sequence[str]] | None = None
    danger: bool = False
    primary: bool = False
    hidden: Mapping[str, str] = field(default_factory=dict)  # fields of the one-click form
    buttons: tuple[Button, ...] = ()  # instead of the one button with `hidden`
    prefill: tuple[str, ...] = ()  # fields that the form takes from the query string
    at: str = ""  # its path below the admin root, where it is not `/KIND[/{id}]/NAME`
    form_id: str = ""
    button_id: str = ""
    query_too: bool = False  # fields may also stand in the query string
    max_body: Callable[[Settings], int] | None = None  # bytes; None: as all forms
    error_operation: str = ""  # html_operation of a failure, where it has another
    # Where an HTML failure and `get_query` lead: a path below the admin root, `{id}` for the
    # object's. "" is the object's own page, or the kind's list.
    back_to: str = ""
    echo: tuple[str, ...] = ()  # fields that a redirect after a failure repeats as `&name=value`
    check_on_get: bool = False  # a GET is refused as well while it is not `possible`
    always_json: bool = False  # answers JSON without `.json`, too
    button: str = ""  # the button's words; "": the label
    defaults: Callable[[Context, Any], Mapping[str, Any]] | None = None  # what the form shows first
    is_off: Callable[[Context], bool] | None = None  # by the settings: no page has its button
    aside: str = ""  # a template beside the form: facts worth knowing before


# What the names of downloads stand for.
DOWNLOADS = {
    "cert": "Certificate",
    "chain": "Chain",
    "fullchain": "Certificate and chain",
    "privkey": "Private key",
    "key": "Private key",
    "csr": "Certificate request",
}


@dataclass(frozen=True)
class Download:
    """`/certificate-signed/{id}/cert.{format}`: `body` gets the object and the format's word."""

    name: str
    formats: Mapping[str, str]  # suffix → Content-Type
    body: Callable[[Context, Any, str], bytes | None]  # None: there is none, 404
    secret: bool = False  # Cache-Control: no-store

    @property
    def label(self) -> str:
        return DOWNLOADS.get(self.name, self.name)


@dataclass(frozen=True)
class Step:
    """One step of a process, as the object's page shows it."""

    label: str
    state: str  # done, now, failed or ""
    note: str = ""


@dataclass(frozen=True)
class NextStep:
    """The panel on top of an object's page: what comes next, and the action that does it.

    `action` is the name of one of the kind's actions, whose button it shows; "" is just news.
    """

    title: str
    about: str = ""
    action: str = ""
    button: str = ""


@dataclass(frozen=True)
class Resource:
    """One kind of object: everything its pages need to know."""

    path: str  # "private-key"
    paths: str  # "private-keys"
    model: type[Base]
    label: str  # "Private key"
    labels: str  # "Private keys"
    group: str  # the tab it stands under
    json_name: str  # "PrivateKey"
    json_names: str  # "PrivateKeys"
    as_json: AsJson
    columns: tuple[Column, ...]
    listings: tuple[Listing, ...]
    about: str = ""  # one sentence for the list's head
    json_list: bool = False  # lists are [object], not {id: object}
    pagination: bool = True
    related: tuple[Related, ...] = ()
    actions: tuple[Action, ...] = ()
    forms: tuple[Action, ...] = ()  # actions without an object: new, upload
    downloads: tuple[Download, ...] = ()
    ident: str = r"\d+"
    load: Callable[[Context, str], Any] | None = None  # None: by id
    options: Sequence[Any] = ()  # eager loading for the focus page
    focus: bool = True
    focus_json: Callable[[Context, Any, str], dict[str, Any]] | None = None  # more keys beside it
    title: Callable[[Any], str] | None = None
    status: Callable[[Any], str] | None = None
    sentence: Callable[[Any], str] | None = None
    steps: Callable[[Any], Sequence[Step]] | None = None
    template: str = "focus.mako"
    next_step: Callable[[Any], NextStep | None] | None = None
    list_json: Callable[[int], dict[str, Any]] | None = None  # more keys of a list, from its total
    short: Callable[[Any], str] | None = None  # how a link to it reads; None: its number
    in_menu: bool = True
    links: tuple[tuple[str, str], ...] = ()  # (label, path) of more pages, in its list's head
    pages: tuple[tuple[str, str], ...] = ()  # (label, name) of more pages of an object, in its head

    @property
    def one(self) -> str:
        """The pattern of an object's page."""
        return f"/{self.path}/{{id:{self.ident}}}"

    @property
    def many(self) -> str:
        return f"/{self.paths}"

    @property
    def noun(self) -> str:
        """The label inside of a sentence."""
        return inside_sentence(self.label)

    @property
    def nouns(self) -> str:
        return inside_sentence(self.labels)

    def name_of(self, obj: Any) -> str:
        """How a link to the object reads."""
        return self.short(obj) if self.short else f"#{obj.id}"

    def title_of(self, obj: Any) -> str:
        return self.title(obj) if self.title else f"{self.label} #{obj.id}"


def inside_sentence(label: str) -> str:
    """`Private keys` → `private keys`; `ACME orders` stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


class Resources:
    """Every kind that has pages, by its model; filled while the application is configured."""

    def __init__(self, root: str) -> None:
        self.root = root  # "/.well-known/admin"
        self.actions: dict[str, tuple[Resource | None, Action]] = {}  # by path pattern
        self._kinds: dict[type[Base], Resource] = {}

    def add(self, resource: Resource) -> None:
        self._kinds[resource.model] = resource

    def of(self, model: type[Any]) -> Resource:
        """The kind of a model. Raises LookupError where it has no pages."""
        kind = self.find(model)
        if kind is None:
            raise LookupError(f"{model.__name__} has no pages")
        return kind

    def find(self, model: type[Any]) -> Resource | None:
        return next((self._kinds[base] for base in model.__mro__ if base in self._kinds), None)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._kinds.values())

    def path_of(self, obj: Any) -> str | None:
        """The path of an object's page below the admin root, if it has one."""
        kind = self.find(type(obj))
        return f"/{kind.path}/{obj.id}" if kind and kind.focus else None
