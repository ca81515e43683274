"""Several processes serve one Peter: they share its sockets and end with it."""

from __future__ import annotations

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .estate import Ca, Signed
from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name
from .served import ServedProcess
from .waiting import until

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("postgresql")]

COUNT = 2


@pytest.fixture
def peter(start_peter: StartPeter, pebble: Pebble, any_database: str) -> Peter:
    return start_peter(pebble, any_database, server={"workers": str(COUNT)})


def children(pid: int) -> set[int]:
    return {int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def parent(peter: Peter) -> int:
    assert isinstance(peter.process, ServedProcess)
    pid = peter.process.pid
    until(lambda: len(children(pid)) == COUNT)
    return pid


def gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_many_orders_at_once_are_all_valid(peter: Peter) -> None:
    parent(peter)
    peter.account()
    with ThreadPoolExecutor(8) as clients:
        placed = list(clients.map(peter.order, [[unused_name()] for _ in range(16)]))
    assert Counter(order["acme_status_order"] for order in placed) == {"valid": 16}
    assert len({order["id"] for order in placed}) == 16


def test_the_same_uploads_at_once_are_each_new_once(peter: Peter) -> None:
    parent(peter)
    ca = Ca("Workers")
    leaves = [ca.leaf(unused_name()) for _ in range(6)] * 4

    def upload(leaf: Signed) -> tuple[int, bool]:
        files = {"certificate_file": leaf.pem, "private_key_file_pem": leaf.key_pem}
        fields = {name: pem.decode() for name, pem in {**files, "chain_file": ca.chain}.items()}
        stored = peter.posted("/certificate-signed/upload", **fields)["CertificateSigned"]
        return stored["id"], stored["created"]

    with ThreadPoolExecutor(8) as clients:
        found = Counter(clients.map(upload, leaves))
    assert sorted(found.values()) == [1] * 6 + [3] * 6
    assert {is_new: len({n for n, new in found if new is is_new}) for is_new in (True, False)} == {
        True: 6,
        False: 6,
    }


@pytest.mark.parametrize("any_database", ["sqlite"], indirect=True)
def test_one_that_dies_is_replaced_and_nobody_waits_for_it(peter: Peter) -> None:
    pid = parent(peter)
    before = children(pid)
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    for _ in range(10):
        peter.http.close()  # the connection may be one of the dead
        assert peter.get("/acme-account/new")
    until(lambda: len(children(pid) - {killed}) == COUNT)
    assert peter.get("/acme-account/new")
    assert f"Worker {killed} ended with status -9" in peter.process.log


@pytest.mark.parametrize("any_database", ["sqlite"], indirect=True)
def test_each_may_have_a_cpu_of_its_own(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    server = {"workers": str(COUNT), "worker_cpu_affinity": "true"}
    peter = start_peter(pebble, any_database, server=server)
    pid = parent(peter)
    ours = sorted(os.sched_getaffinity(pid))
    expected = sorted([ours[at % len(ours)]] for at in range(COUNT))
    until(lambda: cpus(children(pid)) == expected)
    killed = max(children(pid))
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(children(pid) - {killed}) == COUNT)
    until(lambda: cpus(children(pid)) == expected)


def cpus(pids: set[int]) -> list[list[int]]:
    return sorted(sorted(os.sched_getaffinity(pid)) for pid in pids)


@pytest.mark.parametrize("any_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_all_end_with_the_first(peter: Peter, number: signal.Signals) -> None:
    pid = parent(peter)
    all_ = children(pid)
    os.kill(pid, number)
    until(lambda: not peter.process.running() and gone(all_))
    with pytest.raises(OSError, match="refused"):
        peter.get("/acme-account/new")
