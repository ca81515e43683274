"""Time of one order through Peter's JSON API, warm, on SQLite; the reference is floor.py's.

Each has a Pebble of its own and they take turns, so that both see the same machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.services.peter import Peter, unused_name
from tests.services.processes import free_port

from . import bed
from .floor import Floor, Responder
from .report import finish, ratio, spread

ROUNDS = 40
WARM = 5
MOST = 2.0


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def with_an_ec_account(peter: Peter) -> dict[str, str]:
    """The floor's account signs with P-256; so does this one, brought along as PEM."""
    pem = peter_key()
    options = peter.get("/acme-account/upload")["valid_options"]["acme_account_provider_id"]
    fields = {
        "acme_account_provider_id": next(n for n, v in options.items() if "pebble-test" in v),
        "account__contact": "ec@example.com",
        "account__private_key_cycle": "single_certificate",
        "account__private_key_technology": "EC",
    }
    answer = peter.http.post(
        f"{peter.url}/acme-account/upload.json",
        data=fields,
        files={"account_key_file_pem": ("key.pem", pem)},
        timeout=30,
    )
    md5 = answer.json()["AcmeAccount"]["AcmeAccountKey"]["key_pem_md5"]
    return {"account_key_option": "account_key_existing", "account_key_existing": md5}


def peter_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def orderer(peter: Peter) -> Callable[[], object]:
    peter.account(technology="EC")
    fields = {**peter.order_fields([], "process_single"), **with_an_ec_account(peter)}

    def order() -> None:
        wanted = {**fields, "domain_names_http01": unused_name()}
        placed = peter.posted("/acme-order/new/freeform", **wanted)["AcmeOrder"]
        assert placed["acme_status_order"] == "valid", placed

    return order


def measure() -> tuple[list[float], list[float]]:
    ours: list[float] = []
    floors: list[float] = []
    with bed.folder() as home, bed.names() as dns:
        floor_port, peter_port = free_port(), free_port()
        with (
            bed.ca(home / "a", dns, floor_port) as floor_ca,
            bed.ca(home / "b", dns, peter_port) as peter_ca,
            bed.peter(home, peter_ca, peter_port) as peter,
        ):
            responder = Responder(floor_port)
            floor = Floor(floor_ca.directory_url, str(floor_ca.ca_file), responder)
            order = orderer(peter)
            for number in range(WARM + ROUNDS):
                reference = seconds(lambda: floor.obtain([unused_name()]))
                own = seconds(order)
                if number >= WARM:
                    floors.append(reference)
                    ours.append(own)
            responder.close()
    return ours, floors


def main() -> None:
    ours, floors = measure()
    spread("Peter", ours, "s")
    spread("floor", floors, "s")
    finish(
        ratio(
            "one order, one name",
            statistics.median(ours),
            statistics.median(floors),
            "s",
            most=MOST,
        )
    )


if __name__ == "__main__":
    main()
