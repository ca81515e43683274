"""200 orders by 16 clients at once, on SQLite and on PostgreSQL; none may be lost.

The reference is what floor.py needs for as many orders one after the other, in the same run.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.services.pebble import Pebble
from tests.services.peter import Peter, unused_name
from tests.services.postgresql import PostgreSql
from tests.services.processes import free_port

from . import bed
from .floor import Floor, Responder
from .issuance import seconds, with_an_ec_account
from .report import finish, ratio

ORDERS = 200
CLIENTS = 16
SAMPLES = 40  # orders of the floor client
MOST = 2.0
WORKERS = os.cpu_count() or 1  # what docs/deploy.md says


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    server = PostgreSql()
    try:
        yield server.create()
    finally:
        server.close()


def place_all(peter: Peter) -> float:
    """Seconds for all orders. Raises if one does not end valid."""
    peter.account(technology="EC")
    fields = {**peter.order_fields([], "process_single"), **with_an_ec_account(peter)}

    def place(name: str) -> str:
        placed = peter.posted("/acme-order/new/freeform", **{**fields, "domain_names_http01": name})
        return str(placed["AcmeOrder"]["acme_status_order"])

    place(unused_name())
    names = [unused_name() for _ in range(ORDERS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        ended = list(clients.map(place, names))
    took = time.perf_counter() - began
    if ended != ["valid"] * ORDERS:
        raise SystemExit(f"lost: {ORDERS - ended.count('valid')} of {ORDERS}")
    return took


def floor_seconds(ca: Pebble, port: int) -> float:
    responder = Responder(port)
    try:
        floor = Floor(ca.directory_url, str(ca.ca_file), responder)
        return statistics.median(
            seconds(lambda: floor.obtain([unused_name()])) for _ in range(SAMPLES)
        )
    finally:
        responder.close()


def measure(home: Path, database: str) -> tuple[float, float]:
    home.mkdir()
    port = free_port()
    with bed.names() as dns, bed.ca(home / "ca", dns, port) as ca:
        floor = floor_seconds(ca, port)
        with bed.peter(home, ca, port, database, WORKERS) as peter:
            return place_all(peter), ORDERS * floor


def main() -> None:
    good = []
    with bed.folder() as home, postgresql() as url:
        for name, database in (("sqlite", ""), ("postgresql", url)):
            ours, floor = measure(home / name, database)
            title = f"{ORDERS} orders by {CLIENTS} clients, {name}"
            good.append(ratio(title, ours, floor, "s", most=MOST))
    finish(all(good))


if __name__ == "__main__":
    main()
