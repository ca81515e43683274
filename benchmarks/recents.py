"""How the time of update-recents grows with the number of certificates, up to 100,000.

`python -m benchmarks.recents`; the rows are inserted directly, and are no certificates that parse.
Every pointer and every counter is wrong at the beginning: the first run corrects them all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from peter_sslers import model
from peter_sslers.enums import KeyTechnology, PrivateKeySource, PrivateKeyType
from peter_sslers.lib.actions import maintenance
from peter_sslers.lib.database import Database
from tests import factories
from tests.services.databases import context, initialize, opened

from . import bed
from .report import finish, ratio, spread

SIZES = (1_000, 10_000, 100_000)
RUNS = 3
MOST_GROWTH = 1.5  # of the time of one certificate, from the smallest to the largest
MOST_S = 2.0  # for 10,000 certificates
A_DOMAIN = 4  # certificates of one domain: two for it alone, two with its neighbour


def fill(database: Database, count: int) -> None:
    """`count` certificates: of each domain two by itself, and two more with the next one."""
    ctx = context(database)
    with ctx.commit():
        event = factories.event(ctx.db).id
        chain = factories.chain(ctx.db)
        for table, rows in tables(count, event, chain.id):
            ctx.db.execute(insert(table), rows)
    ctx.db.close()


def tables(count: int, event: int, chain: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    made = {"timestamp_created": factories.NOW, "operations_event_id__created": event}
    domains = range(1, count // A_DOMAIN + 1)
    yield (
        model.Domain.__table__,
        [{"id": n, "domain_name": f"n{n}.example.com", "is_active": True, **made} for n in domains],
    )
    names: dict[int, tuple[int, ...]] = {n: (n,) for n in domains}
    names |= {len(domains) + n: (n, n % len(domains) + 1) for n in domains}
    yield (
        model.UniqueFQDNSet.__table__,
        [
            {
                "id": number,
                "domain_ids_string": ",".join(map(str, sorted(members))),
                "count_domains": len(members),
                **made,
            }
            for number, members in names.items()
        ],
    )
    yield (
        model.UniqueFQDNSet2Domain.__table__,
        [
            {"unique_fqdn_set_id": number, "domain_id": member}
            for number, members in names.items()
            for member in members
        ],
    )
    yield model.PrivateKey.__table__, [key(n, made) for n in range(1, count + 1)]
    yield (
        model.CertificateSigned.__table__,
        [certificate(n, len(names), len(domains), made) for n in range(1, count + 1)],
    )
    yield (
        model.CertificateSignedChain.__table__,
        [
            {
                "certificate_signed_id": n,
                "certificate_ca_chain_id": chain,
                "is_upstream_default": True,
            }
            for n in range(1, count + 1)
        ],
    )


def key(n: int, made: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": n,
        "key_technology": KeyTechnology.EC,
        "key_pem": f"key {n}",
        "key_pem_md5": f"{n:032X}",
        "spki_sha256": f"{n:064X}",
        "is_active": True,
        "private_key_source": PrivateKeySource.IMPORTED,
        "private_key_type": PrivateKeyType.STANDARD,
        **made,
    }


def certificate(n: int, sets: int, domains: int, made: dict[str, Any]) -> dict[str, Any]:
    number = n % sets + 1
    return {
        "id": n,
        "timestamp_not_before": factories.NOW,
        "timestamp_not_after": factories.NOW.replace(day=n % 28 + 1),
        "is_single_domain_cert": number <= domains,
        "key_technology": KeyTechnology.EC,
        "cert_pem": f"certificate {n}" + "x" * 1_500,
        "cert_pem_md5": f"{n:032X}",
        "spki_sha256": f"{n:064X}",
        "fingerprint_sha1": f"{n:040X}",
        "fingerprint_sha256": f"{n:064X}",
        "serial": f"{n:X}",
        "cert_subject": f"CN=n{n}.example.com",
        "cert_issuer": "CN=R12",
        "is_active": True,
        "unique_fqdn_set_id": number,
        "private_key_id": n,
        **made,
    }


def seconds(database: Database) -> float:
    ctx = context(database)
    began = time.perf_counter()
    maintenance.update_recents(ctx)
    took = time.perf_counter() - began
    ctx.db.close()
    return took


def spoil(database: Database) -> None:
    """Make every pointer and counter wrong again."""
    ctx = context(database)
    with ctx.commit():
        pointers = ("certificate_signed_id__latest_single", "certificate_signed_id__latest_multi")
        for kind, values in (
            (model.Domain, dict.fromkeys(pointers)),
            (model.PrivateKey, {"count_certificate_signeds": 0}),
        ):
            ctx.db.execute(update(kind).values(values))
    ctx.db.close()


def check(database: Database) -> None:
    ctx = context(database)
    pointers = (
        model.Domain.certificate_signed_id__latest_single,
        model.Domain.certificate_signed_id__latest_multi,
    )
    counts = ctx.db.execute(select(func.count(), *(func.count(p) for p in pointers))).one()
    assert len(set(counts)) == 1, counts
    ctx.db.close()


def measure(home: Path, count: int) -> float:
    """The median of some runs, in seconds."""
    url = f"sqlite:///{home / str(count)}.sqlite"
    initialize(url)
    database = opened(url)
    fill(database, count)
    times = []
    for _ in range(RUNS):
        spoil(database)
        times.append(seconds(database))
        check(database)
    spread(f"{count:,} certificates, all to correct", times, "s")
    print(f"  {count:,} certificates, nothing to correct: {seconds(database):.3g} s")
    database.close_connections()
    return sorted(times)[RUNS // 2]


def main() -> None:
    with bed.folder() as home:
        took = {count: measure(home, count) for count in SIZES}
    least, middle, most = SIZES
    each = {count: 1e6 * took[count] / count for count in SIZES}
    good = [
        ratio(
            f"update-recents, a certificate of {most:,} to one of {least:,}",
            each[most],
            each[least],
            "µs",
            most=MOST_GROWTH,
        ),
        ratio(f"update-recents of {middle:,}", took[middle], MOST_S, "s", most=1),
    ]
    finish(all(good))


if __name__ == "__main__":
    main()
