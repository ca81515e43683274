"""The list of routes is what reviewers read: it has to be true."""

from __future__ import annotations

from pathlib import Path

from .routes import HEAD, routes

LIST = Path(__file__).parent / "routes.txt"


def test_the_list_of_routes_is_as_the_application_has_them() -> None:
    assert LIST.read_text().splitlines() == [HEAD, *routes()], "run `make routes`"


def test_no_route_is_there_twice() -> None:
    assert len(set(routes())) == len(routes())
