"""A little admin with two kinds of its own, for the tests of the generic pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import ForeignKey, MetaData, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from peter_sslers.errors import Failed, FieldErrors, InvalidRequest, UpstreamError
from peter_sslers.lib.database import Database
from peter_sslers.model.meta import Base, WithId, words
from peter_sslers.web import failures, schemas
from peter_sslers.web.register import add_action, begin, register
from peter_sslers.web.resource import (
    Action,
    Button,
    Column,
    Docs,
    Done,
    Download,
    Listing,
    NextStep,
    Related,
    Resource,
    Show,
    Step,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT = "/.well-known/admin"


class ShelfState(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


class Own(Base):
    __abstract__ = True
    metadata = MetaData()


class Shelf(Own, WithId):
    __tablename__ = "sample_shelf"

    name: Mapped[str]
    state: Mapped[ShelfState] = mapped_column(words(ShelfState))
    timestamp_created: Mapped[datetime]
    books: Mapped[list[Book]] = relationship(back_populates="shelf")


class Book(Own, WithId):
    __tablename__ = "sample_book"

    title: Mapped[str]
    key_pem: Mapped[str]
    shelf_id: Mapped[int] = mapped_column(ForeignKey("sample_shelf.id"))
    shelf: Mapped[Shelf] = relationship(back_populates="books")


class Mark(schemas.Form):
    action = schemas.Choice(ShelfState, "What the shelf becomes.")


class NewShelf(schemas.Form):
    name = schemas.Text("What the shelf is called.")
    names = schemas.DomainNames("Names on it.", required=False, about_all=True)
    colour = schemas.Choice(
        ("red", "blue"), "Its colour.", explain={"red": "Red as brick"}, default="blue"
    )
    picture = schemas.File("Its picture.", required=False)


def mark(ctx: Any, shelf: Shelf, values: dict[str, Any]) -> Done:
    state = values["action"]
    if shelf.state is state:
        raise FieldErrors(main="Already so.")
    with ctx.commit():
        shelf.state = state
    return Done(
        {"Shelf": shelf_json(shelf, "")}, query=f"result=success&operation=mark&action={state}"
    )


def sync(ctx: Any, shelf: Shelf, values: dict[str, Any]) -> Done:
    if shelf.name == "broken":
        raise UpstreamError("The CA said: 50% & more\nthan “we” can # say\r.")
    if shelf.name == "refused":
        raise InvalidRequest("Sync is not allowed for this Shelf")
    return Done({"Shelf": shelf_json(shelf, "")})


def burn(ctx: Any, shelf: Shelf, values: dict[str, Any]) -> Done:
    return Done()


def new(ctx: Any, _: None, values: dict[str, Any]) -> Done:
    shelf = Shelf(name=values["name"], state=ShelfState.ACTIVE, timestamp_created=NOON)
    with ctx.commit():
        ctx.db.add(shelf)
    if values["name"] == "half":
        raise Failed("It fell over.", shelf)
    return Done({"Shelf": shelf_json(shelf, "")}, to=f"/shelf/{shelf.id}")


def shelf_json(shelf: Shelf, root: str) -> dict[str, Any]:
    return {"id": shelf.id, "name": shelf.name, "timestamp_created": shelf.timestamp_created}


def book_json(book: Book, root: str) -> dict[str, Any]:
    return {"id": book.id, "title": book.title, "key_pem": book.key_pem}


SHELF = Resource(
    path="shelf",
    paths="shelves",
    model=Shelf,
    label="Shelf",
    labels="Shelves",
    group="Keys",
    json_name="Shelf",
    json_names="Shelves",
    as_json=shelf_json,
    about="A shelf holds books.",
    columns=(
        Column("name", filter=lambda q, text: q.where(Shelf.name.contains(text)), sort=Shelf.name),
        Column("state", show=Show.STATUS),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", show=Show.NUMBER),
        Column("digest", show=Show.CODE, value=lambda s: "5E88" * 16),
    ),
    listings=(
        Listing("", "All", lambda ctx, params: select(Shelf), redirect="all"),
        Listing("all", "All", lambda ctx, params: select(Shelf)),
        Listing(
            "active", "Active", lambda ctx, params: select(Shelf).where(Shelf.state == "active")
        ),
    ),
    related=(
        Related(
            "books", "Books", Book, lambda shelf: select(Book).where(Book.shelf_id == shelf.id)
        ),
    ),
    forms=(Action("new", "New shelf", "Makes a shelf.", new, NewShelf, primary=True),),
    actions=(
        Action(
            "mark",
            "Mark",
            "Marks it.",
            mark,
            Mark,
            get_query="result=error&error=post+required&operation=mark",
            echo=("action",),
            buttons=(
                Button("Activate", "Puts it up.", {"action": "active"}, form_id="form-mark-active"),
                Button("Take down", "For now.", {"action": "inactive"}, danger=True),
            ),
            docs=Docs(examples=("curl --form 'action=active' {ADMIN}/shelf/1/mark.json",)),
        ),
        Action(
            "ca/sync",
            "Sync",
            "Asks the CA.",
            sync,
            operation="ca/sync",
            html_operation="ca+sync",
            get_query="result=error&operation=ca+sync&message=HTTP+POST+required",
        ),
        Action(
            "burn",
            "Burn",
            "Burns it.",
            burn,
            danger=True,
            consequences=lambda shelf: [f"{shelf.name} is burnt."],
            possible=lambda shelf: "It is made of stone." if shelf.name == "stone" else None,
        ),
    ),
    downloads=(
        Download(
            "label",
            {"txt": "text/plain; charset=UTF-8", "pem.txt": "text/plain"},
            lambda ctx, shelf, suffix: shelf.name.encode() if suffix == "txt" else None,
            secret=True,
        ),
    ),
    focus_json=lambda ctx, shelf, root: {"raw": f"{root}/shelf/{shelf.id}/label.txt"},
    title=lambda shelf: f"Shelf {shelf.name}",
    status=lambda shelf: str(shelf.state),
    sentence=lambda shelf: "It stands in the hall.",
    next_step=lambda shelf: NextStep("ask the CA", "It knows.", "ca/sync", "Ask it"),
    steps=lambda shelf: [Step("Account", "done", "#7"), Step("Order", "now"), Step("Cert", "")],
)

BOOK = Resource(
    path="book",
    paths="books",
    model=Book,
    label="Book",
    labels="Books",
    group="Keys",
    json_name="Book",
    json_names="Books",
    json_list=True,
    as_json=book_json,
    columns=(Column("id"), Column("title"), Column("shelf", show=Show.LINK)),
    listings=(
        Listing("", "All", lambda ctx, params: select(Book).options(selectinload(Book.shelf))),
    ),
)

EVERYWHERE = Action("everywhere", "Everywhere", "Does it.", burn, always_json=True)


class Ctx(SimpleNamespace):
    def commit(self) -> Any:
        return self.database.writing(self.db)


def app(folder: Path, **options: Any) -> tuple[Any, Database]:
    """The WSGI application and its empty database."""
    database = Database.from_settings({"sqlalchemy.url": f"sqlite:///{folder / 'sample.sqlite'}"})
    Own.metadata.create_all(database.engine)

    def context(request: Any) -> Ctx:
        session = database.session()
        request.add_finished_callback(lambda _: session.close())
        return Ctx(db=session, database=database, now=NOON)

    def admin(config: Configurator) -> None:
        begin(config, **options)
        register(config, SHELF)
        register(config, BOOK)
        add_action(config, "/api/everywhere", None, EVERYWHERE)

    config = Configurator()
    config.add_request_method(context, "ctx", reify=True)
    config.include(admin, route_prefix=ROOT)
    failures.add_views(config)
    return config.make_wsgi_app(), database


def fill(database: Database, shelves: int = 0, books: int = 0, **shelf: Any) -> None:
    """Shelves `s1` …, and books on the first of them."""
    with database.session() as session, database.writing(session):
        for n in range(1, shelves + 1):
            state = ShelfState.ACTIVE if n % 2 else ShelfState.INACTIVE
            at = NOON + timedelta(minutes=n)
            facts = {"name": f"s{n}", "state": state, "timestamp_created": at} | shelf
            session.add(Shelf(**facts))
        session.flush()
        for n in range(1, books + 1):
            session.add(Book(title=f"b{n}", key_pem="secret", shelf_id=1))
