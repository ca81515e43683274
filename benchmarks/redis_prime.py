"""Names a second that are primed into Redis, and the memory that it takes.

`python -m benchmarks.redis_prime`; the reference is a bare redis-py pipeline that SETs the same
bytes, value by value, in the same run: it knows them all before. The rows are inserted directly;
each name has a certificate and a key of its own, of usual size, which are none that parse.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import insert

from peter_sslers import model
from peter_sslers.lib.cache.redis import RedisCache
from peter_sslers.lib.database import Database, chunks
from peter_sslers.lib.edge import priming
from peter_sslers.settings import Settings
from tests import factories
from tests.services.databases import context, initialize, opened
from tests.services.redis import Redis

from . import bed, recents
from .report import finish, ratio, spread

NAMES, MANY = 10_000, 100_000
RUNS = 5
LEAST = 0.4
MOST_GROWTH = 1.2  # of the memory, from the smaller number of names to the larger
AT_ONCE = 2_000  # commands of the reference in one go
CERTIFICATE, KEY, CHAIN = "c" * 1_300, "k" * 1_700, "i" * 1_800  # bytes of Let's Encrypt's


def fill(database: Database, count: int) -> None:
    ctx = context(database)
    with ctx.commit():
        event = factories.event(ctx.db).id
        chain = factories.chain(ctx.db, chain_pem=CHAIN)
        for numbers in chunks(range(1, count + 1), 10_000):
            for table, rows in tables(numbers, event, chain.id):
                ctx.db.execute(insert(table), rows)
    ctx.db.close()


def tables(numbers: list[int], event: int, chain: int) -> Iterator[tuple[Any, list[Any]]]:
    made = {"timestamp_created": factories.NOW, "operations_event_id__created": event}
    sets = [{"id": n, "domain_ids_string": str(n), "count_domains": 1, **made} for n in numbers]
    keys = [{**recents.key(n, made), "key_pem": f"{n:09}{KEY}"} for n in numbers]
    links = [
        {"certificate_signed_id": n, "certificate_ca_chain_id": chain, "is_upstream_default": True}
        for n in numbers
    ]
    own = {"is_single_domain_cert": True, "timestamp_not_after": factories.NOW.replace(year=2099)}
    certificates = [
        {
            **recents.certificate(n, 1, 1, made),
            **own,
            "unique_fqdn_set_id": n,
            "cert_pem": f"{n:09}{CERTIFICATE}",
        }
        for n in numbers
    ]
    domains = [
        {
            "id": n,
            "domain_name": f"n{n}.example.com",
            "is_active": True,
            "certificate_signed_id__latest_single": n,
            **made,
        }
        for n in numbers
    ]
    yield model.UniqueFQDNSet.__table__, sets
    yield model.PrivateKey.__table__, keys
    yield model.CertificateSigned.__table__, certificates
    yield model.CertificateSignedChain.__table__, links
    yield model.Domain.__table__, domains


def cache(server: Redis, style: str) -> RedisCache:
    day = 86_400
    return RedisCache(
        Settings(
            redis_url=server.url,
            redis_prime_style=style,
            redis_timeout_cert=day,
            redis_timeout_pkey=day,
            redis_timeout_certcachain=day,
        )
    )


def primed(database: Database, server: Redis, style: str) -> float:
    """Names a second."""
    began = time.perf_counter()
    progress = priming.everything(database, cache(server, style))
    return progress.domains / (time.perf_counter() - began)


def held(client: redis.Redis) -> list[tuple[bytes, bytes]]:
    """Every value; those of a hash have a name of their own."""
    keys: list[bytes] = list(client.scan_iter(count=1_000))
    hashes = [key for key in keys if key.startswith(b"d")]
    texts = [key for key in keys if not key.startswith(b"d")]
    found: list[tuple[bytes, bytes]] = []
    for some in chunks(hashes):
        with client.pipeline(transaction=False) as pipe:
            for key in some:
                pipe.hgetall(key)
            for key, row in zip(some, pipe.execute(), strict=True):
                found += [(key + field, value) for field, value in row.items()]
    for some in chunks(texts):
        found += zip(some, client.mget(some), strict=True)
    return found


def reference(client: redis.Redis, values: list[tuple[bytes, bytes]]) -> float:
    """Names a second."""
    client.flushdb()
    began = time.perf_counter()
    for some in chunks(values, AT_ONCE):
        with client.pipeline(transaction=False) as pipe:
            for key, value in some:
                pipe.set(key, value)
            pipe.execute()
    return NAMES / (time.perf_counter() - began)


def speed(database: Database, server: Redis, style: str) -> bool:
    """Each run of ours beside one of the reference: what else the machine does hits both."""
    runs = []
    with redis.Redis.from_url(server.url) as client:
        for _ in range(RUNS):
            client.flushdb()
            ours = primed(database, server, style)
            runs.append((ours, reference(client, held(client))))
    spread(f"style {style}", [ours for ours, _ in runs], "names/s")
    spread(f"style {style}, bare pipeline", [bare for _, bare in runs], "names/s")
    ours, bare = sorted(runs, key=lambda run: run[0] / run[1])[RUNS // 2]
    return ratio(f"{NAMES:,} names, style {style}", ours, bare, "names/s", least=LEAST)


def memory(home: Path, server: Redis, count: int) -> float:
    """MiB at most, of a process that does nothing else."""
    argv = [
        sys.executable,
        "-m",
        "benchmarks.redis_prime",
        str(home / f"{count}.sqlite"),
        server.url,
    ]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def child(path: str, url: str) -> None:
    database = opened(f"sqlite:///{path}")
    settings = Settings(redis_url=url, redis_prime_style="1")
    priming.everything(database, RedisCache(settings))
    facts = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(facts["VmHWM"].split()[0]) / 1024)  # ru_maxrss has that of the parent in it


def main() -> None:
    with bed.folder() as home:
        server = Redis(home)
        try:
            for count in (NAMES, MANY):
                url = f"sqlite:///{home / f'{count}.sqlite'}"
                initialize(url)
                database = opened(url)
                fill(database, count)
                if count == NAMES:
                    good = [speed(database, server, style) for style in ("1", "2")]
                database.close_connections()
            some, many = (memory(home, server, count) for count in (NAMES, MANY))
        finally:
            server.stop()
    what = f"memory at most, {MANY:,} names to {NAMES:,}"
    good.append(ratio(what, many, some, "MiB", most=MOST_GROWTH))
    finish(all(good))


if __name__ == "__main__":
    child(*sys.argv[1:]) if len(sys.argv) > 1 else main()
