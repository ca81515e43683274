"""Every route of the original is there, or on the list of what is built later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..routes import routes
from .peter import OBSERVED

TO_COME = re.compile(
    r"{ADMIN}/(acme-dns-server|acme-orderless"
    r"|queue-certificate"
    r"|api/queue-"
    r"|domain/{id}/(acme-dns-server|acme-orderlesss)"
    r"|[a-z-]+/{id}/queue-certificates)"
)


def each(patterns: Iterable[str]) -> Iterator[str]:
    """The formats of a file one by one, and the names of ids made one."""
    for pattern in patterns:
        path = pattern.replace("{domain_identifier}", "{id}")
        choice = re.search(r"{format:\(([^)]*)\)}", path)
        if choice:
            yield from (path.replace(choice[0], suffix) for suffix in choice[1].split("|"))
        else:
            yield path


def test_each_route_of_the_original_is_there() -> None:
    original = set(each((OBSERVED / "routes.txt").read_text().splitlines()))
    lost = sorted(original - set(each(routes())))
    assert not [route for route in lost if not TO_COME.match(route)]
