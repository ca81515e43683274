"""Every fault at every request of an order: it is finished later, or the reason is told."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from pyramid.paster import get_app
from sqlalchemy import delete

from peter_sslers.model import AcmeRateLimit
from peter_sslers.scripts import initialize_db
from peter_sslers.web.app import App, found_in

from .faults import FAULTS, Armed, Proxy, StartProxy
from .pebble import Options, StartPebble
from .peter import INITIALIZE, Peter, stop_all, unused_name, write_ini
from .served import ServedThread

pytestmark = pytest.mark.service("pebble")

MOST_STEPS = 10
TIMEOUT_S = "0.6"
WAIT_S = "4"
STAYS = 1000

# What an order asks for: (the path begins so, only after a request whose path begins so).
REQUESTS = {
    "directory": ("dir", ""),
    "nonce": ("nonce-plz", ""),
    "newOrder": ("order-plz", ""),
    "authorization": ("authZ", ""),
    "challenge": ("chalZ", ""),
    "poll for ready": ("my-order", ""),
    "finalize": ("finalize-order", ""),
    "poll for valid": ("my-order", "finalize-order"),
    "certificate": ("certZ", ""),
}
# What the search for an order asks for whose newOrder had no answer.
SEARCH = {
    "account": ("my-account", ""),
    "list of orders": ("list-orderz", ""),
    "order of the list": ("my-order", ""),
}
STAYING = ["answer lost", "503", "rateLimited", "badNonce", "truncated"]


@dataclass(frozen=True)
class Trouble:
    kind: str
    request: str
    times: int = 1

    def made_by(self, proxy: Proxy, is_later: bool = False) -> AbstractContextManager[Armed]:
        """`is_later`: what the request has to come after has been before."""
        at, after = {**REQUESTS, **SEARCH}[self.request]
        return proxy.fault(self.kind, at, self.times, "" if is_later else after)


@dataclass(frozen=True)
class Cell:
    """`first`: while the order is placed; `then`: at the acme-process that comes after it."""

    first: Trouble
    then: Trouble | None = None

    def __str__(self) -> str:
        last = self.then or self.first
        stays = " stays" if last.times == STAYS else ""
        return f"{last.kind}{stays} at {last.request}"


LOST = Trouble("answer lost", "newOrder")
ONCE = [Cell(Trouble(*pair)) for pair in itertools.product(FAULTS, REQUESTS)]
STAYED = [Trouble(*pair, STAYS) for pair in itertools.product(STAYING, REQUESTS)]
SEARCHING = [Cell(LOST, Trouble(*pair)) for pair in itertools.product(FAULTS, SEARCH)]
CELLS = [*ONCE, *(Cell(trouble, trouble) for trouble in STAYED), *SEARCHING]

# The CA, or what we have to take for it, said no to the order: no row stays, its words are told.
REFUSED = {
    "badNonce at directory",
    "badNonce at nonce",
    "badNonce stays at directory",
    "badNonce stays at nonce",
    "badNonce stays at newOrder",
}


@dataclass
class Bed:
    """A Peter whose ACME server is behind `proxy`; `app` is in this process."""

    peter: Peter
    proxy: Proxy
    app: App

    def place(self, name: str) -> requests.Response:
        fields = self.peter.order_fields([name], "process_single")
        return self.peter.post("/acme-order/new/freeform", **fields)

    def process(self, order_id: int) -> requests.Response:
        return self.peter.post(f"/acme-order/{order_id}/acme-process")

    def orders_of(self, name: str) -> list[dict[str, Any]]:
        orders = self.peter.get("/acme-orders/all")["AcmeOrders"]
        return [order for order in orders if order["domains_as_list"] == [name]]

    def go_on(self, order_id: int) -> dict[str, Any]:
        """acme-process until nothing is left to do, and not before the CA wants it."""
        for _ in range(MOST_STEPS):
            order: dict[str, Any] = self.peter.get(f"/acme-order/{order_id}")["AcmeOrder"]
            if not order["is_can_acme_process"]:
                break
            answer = self.process(order_id)
            told(answer)
            waited(answer)
        return order

    def done(self, path: str, status: int) -> int:
        """How often the CA has answered so, whether we heard of it or not."""
        return sum(
            seen.statuses.count(status)
            for seen in self.proxy.requests
            if seen.path.startswith(path)
        )


@pytest.fixture(scope="module")
def whole_bed(
    start_pebble: StartPebble,
    start_proxy: StartProxy,
    tmp_path_factory: pytest.TempPathFactory,
    challenge_port: int,
    running_peters: list[Peter],
) -> Iterator[Bed]:
    stop_all(running_peters)  # it would hold the port
    proxy = start_proxy(start_pebble(Options(orders_per_page=100)))
    folder = tmp_path_factory.mktemp("peter")
    url = f"sqlite:///{folder}/ssl_minnow.sqlite"
    quick = {"acme_timeout_s": TIMEOUT_S, "acme_wait_s": WAIT_S}
    ini = write_ini(folder / "peter.ini", challenge_port, url, proxy, **quick)
    initialize_db.main([INITIALIZE, str(ini)])
    wsgi = get_app(str(ini))
    app = found_in(wsgi)
    assert app
    served = ServedThread(wsgi, challenge_port)
    bed = Bed(Peter(ini, challenge_port, url, proxy, served), proxy, app)
    bed.peter.account()
    yield bed
    bed.peter.http.close()
    served.close()
    app.servers.close()
    app.database.close_connections()


@pytest.fixture
def bed(whole_bed: Bed) -> Bed:
    """It knows nothing of the CA, as after a start, and nobody has asked the CA for anything."""
    whole_bed.app.servers.close()
    ctx = whole_bed.app.context()
    with ctx.commit():
        ctx.db.execute(delete(AcmeRateLimit))
    ctx.db.close()
    whole_bed.proxy.requests.clear()
    return whole_bed


def told(answer: requests.Response) -> str:
    """The error in an answer, which is there if and only if something went wrong; never a 500."""
    document = answer.json()
    error = str(document.get("error") or document.get("message") or "")
    assert answer.status_code != 500, error
    assert bool(error) == (answer.status_code != 200), answer.text
    return error


def waited(answer: requests.Response) -> None:
    """As long as the answer says: nobody asks the CA before, and so no fault would strike."""
    time.sleep(float(answer.headers.get("Retry-After", 0)))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_an_order_survives_every_fault(bed: Bed, cell: Cell) -> None:
    name = unused_name()
    with cell.first.made_by(bed.proxy) as fault:
        answer = bed.place(name)
        error = told(answer)
    assert fault.struck, "there was no such request"
    waited(answer)
    orders = bed.orders_of(name)
    if str(cell) in REFUSED:
        assert error
        assert not orders
        assert not bed.done("/order-plz", 201)
        return
    (order,) = orders
    if cell.then:
        with cell.then.made_by(bed.proxy, is_later=True) as fault:
            told(bed.process(order["id"]))
        # What the CA did, though we heard nothing of it, is found and not asked for again.
        is_found = cell.then == cell.first and FAULTS[cell.first.kind].forwarded
        assert fault.struck or is_found
    order = bed.go_on(order["id"])
    assert order["acme_status_order"] == "valid"
    assert order["certificate_signed_id"]
    assert bed.done("/order-plz", 201) == 1, "a second order"
    assert bed.done("/finalize-order", 200) == 1, "a second certificate"


@pytest.mark.parametrize("kind", FAULTS)
def test_an_account_survives_every_fault(bed: Bed, kind: str) -> None:
    contact = f"{unused_name().split('.')[0]}@example.com"
    with bed.proxy.fault(kind, "sign-me-up") as fault:
        answer = bed.peter.register(contact)
    assert fault.struck
    error = told(answer)
    waited(answer)
    accounts = bed.peter.get("/acme-accounts")["AcmeAccounts"].values()
    found = [account for account in accounts if account["contact"] == contact]
    if not found:
        assert error
        found = [bed.peter.register(contact).json()["AcmeAccount"]]
    bed.peter.posted(f"/acme-account/{found[0]['id']}/mark", action="global_default")
    name = unused_name()
    assert told(bed.place(name)) == ""
    (order,) = bed.orders_of(name)
    assert order["acme_status_order"] == "valid"
    assert order["AcmeAccount"]["id"] == found[0]["id"]
    assert bed.done("/sign-me-up", 201) == 1, "a second account"


@pytest.mark.parametrize("kind", FAULTS)
def test_a_key_change_survives_every_fault(bed: Bed, kind: str) -> None:
    account = bed.peter.register(f"{unused_name().split('.')[0]}@example.com").json()["AcmeAccount"]
    at = f"/acme-account/{account['id']}"
    old = account["AcmeAccountKey"]["key_pem_md5"]
    with bed.proxy.fault(kind, "rollover-account-key") as fault:
        answer = bed.peter.post(f"{at}/acme-server/key-change", key_pem_existing=old)
    assert fault.struck
    error = told(answer)
    waited(answer)
    assert bed.peter.posted(f"{at}/acme-server/check")["acme_server"]["status"] == "valid"
    key = bed.peter.get(at)["AcmeAccount"]["AcmeAccountKey"]["key_pem_md5"]
    changes = bed.done("/rollover-account-key", 200)
    assert changes == (key != old), "the key that the CA knows is not the active one"
    assert changes or error
