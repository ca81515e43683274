"""A site of its own for each test; where the test needs a CA, at a Pebble."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...services.dns import Dns
from ...services.http01 import Http01
from ...services.pebble import Pebble
from ...services.peter import unused_name
from .acme_site import Site
from .ca import know, registered
from .ordering import Ordering


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def at_pebble(site: Site, pebble: Pebble) -> Site:
    """Pebble is known, and has the account 1."""
    know(site, pebble)
    registered(site)
    return site


@pytest.fixture
def ordering(site: Site, pebble: Pebble, http01: Http01) -> Ordering:
    return Ordering(site, pebble, http01)


@pytest.fixture
def dead_name(dns: Dns) -> Iterator[str]:
    """A name that leads nowhere: no CA can validate it."""
    name = unused_name()
    dns.names.broken.add(name)
    yield name
    dns.names.broken.discard(name)
