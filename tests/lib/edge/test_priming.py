"""All names in Redis, as the tables have them, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peter_sslers import model
from peter_sslers.lib.context import Context
from peter_sslers.lib.edge import priming
from tests import factories as make
from tests.services.redis import Redis

from .conftest import StartEdge

pytestmark = pytest.mark.service("redis")


def held(redis: Redis) -> dict[str, Any]:
    with redis.client() as client:
        keys = sorted(client.keys())
        return {key: client.hgetall(key) if key[0] == "d" else client.get(key) for key in keys}


def named(ctx: Context, name: str) -> model.Domain:
    return ctx.db.query(model.Domain).filter_by(domain_name=name).one()


def served(
    ctx: Context, name: str, days: int = 90, chain: bool = True, which: str = "single"
) -> model.CertificateSigned:
    """The latest certificate of a name that is there already, or not; inside a commit."""
    known = ctx.db.query(model.Domain).filter_by(domain_name=name).one_or_none()
    domain = known or make.domain(ctx.db, name)
    links = [model.CertificateSignedChain(certificate_ca_chain=make.chain(ctx.db))] if chain else []
    certificate = make.certificate(
        ctx.db,
        certificate_signed_chains=links,
        timestamp_not_before=ctx.now - timedelta(days=100),
        timestamp_not_after=ctx.now + timedelta(days=days),
    )
    setattr(domain, f"certificate_signed_id__latest_{which}", certificate.id)
    return certificate


def numbers(certificate: model.CertificateSigned) -> dict[str, str]:
    chain = certificate.certificate_signed_chains[0].certificate_ca_chain_id
    found = {"c": certificate.id, "p": certificate.private_key_id, "i": chain}
    return {field: str(number) for field, number in found.items()}


def test_whatever_the_number_of_names(
    ctx: Context, redis_db: Redis, start_edge: StartEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priming, "AT_ONCE", 3)
    with ctx.commit():
        made = {f"n{n}.example.com": served(ctx, f"n{n}.example.com") for n in range(10)}
    progress = start_edge(redis_db.url).prime()
    assert progress.primed == {"certcachain": 10, "cert": 10, "pkey": 10, "domain": 10}
    found = held(redis_db)
    for name, certificate in made.items():
        assert found[f"d1:{name}"] == numbers(certificate)
        assert found[f"c:{certificate.id}"] == certificate.cert_pem
        assert found[f"p:{certificate.private_key_id}"] == certificate.private_key.key_pem
    assert len(found) == 40
    start_edge(redis_db.url).prime()
    assert held(redis_db) == found


def test_style_2_has_the_pems_in_the_names(
    ctx: Context, redis_db: Redis, start_edge: StartEdge
) -> None:
    with ctx.commit():
        certificate = served(ctx, "a.example.com")
    progress = start_edge(redis_db.url, "2").prime()
    assert progress.primed == {"certcachain": 0, "cert": 0, "pkey": 0, "domain": 1}
    chain = certificate.certificate_signed_chains[0].certificate_ca_chain
    assert held(redis_db) == {
        "d2:a.example.com": {
            "f": certificate.cert_pem + chain.chain_pem,
            "p": certificate.private_key.key_pem,
        }
    }


@pytest.mark.parametrize(
    ("single", "multi", "best"),
    [(90, 30, "multi"), (90, -1, "single"), (-1, 30, "multi"), (-1, -2, "multi")],
)
def test_best_certificate_is_one_that_is_valid(
    ctx: Context, redis_db: Redis, start_edge: StartEdge, single: int, multi: int, best: str
) -> None:
    with ctx.commit():
        made = {
            "single": served(ctx, "a.example.com", single),
            "multi": served(ctx, "a.example.com", multi, which="multi"),
        }
    start_edge(redis_db.url).prime()
    assert held(redis_db)["d1:a.example.com"] == numbers(made[best])


@pytest.mark.parametrize("style", ["1", "2"])
def test_what_is_served_no_more_is_removed(
    ctx: Context, redis_db: Redis, start_edge: StartEdge, style: str
) -> None:
    with ctx.commit():
        for name in ("stays", "disabled", "lost"):
            served(ctx, f"{name}.example.com")
    edge = start_edge(redis_db.url, style)
    edge.prime()
    with redis_db.client() as client:
        client.hset(f"d{style}:unknown.example.com", mapping={"c": 99, "p": 99})
        client.set("other", "not ours")
    ctx.edge = None
    with ctx.commit():
        named(ctx, "disabled.example.com").is_active = False
        named(ctx, "lost.example.com").certificate_signed_id__latest_single = None
    edge.prime()
    names = [key for key in held(redis_db) if key.startswith("d")]
    assert names == [f"d{style}:stays.example.com"]
    assert held(redis_db)["other"] == "not ours"


def test_pem_that_no_name_refers_to_is_left_to_those_who_are_about_to_read_it(
    ctx: Context, redis_db: Redis, start_edge: StartEdge
) -> None:
    with ctx.commit():
        old = served(ctx, "a.example.com")
    edge = start_edge(redis_db.url)
    edge.prime()
    ctx.edge = None
    with ctx.commit():
        new = served(ctx, "a.example.com")
    assert edge.prime().removed == 3
    with redis_db.client() as client:
        assert 0 < client.ttl(f"p:{old.private_key_id}") <= 60
        assert client.ttl(f"p:{new.private_key_id}") == -1


def test_change_of_style_removes_what_nobody_would_keep_true(
    ctx: Context, redis_db: Redis, start_edge: StartEdge
) -> None:
    with ctx.commit():
        served(ctx, "a.example.com")
    start_edge(redis_db.url, "1").prime()
    assert start_edge(redis_db.url, "2").prime().removed == 4
    with redis_db.client() as client:
        assert client.ttl("d1:a.example.com") > 0
        assert client.ttl("d2:a.example.com") == -1


def test_certificate_of_many_names_is_counted_once(
    ctx: Context, redis_db: Redis, start_edge: StartEdge
) -> None:
    with ctx.commit():
        certificate = served(ctx, "a.example.com", which="multi")
        other = make.domain(ctx.db, "b.example.com")
        other.certificate_signed_id__latest_multi = certificate.id
    progress = start_edge(redis_db.url).prime()
    assert progress.primed == {"certcachain": 1, "cert": 1, "pkey": 1, "domain": 2}


def test_what_changes_while_it_is_primed_is_primed_anew(
    ctx: Context, redis_db: Redis, start_edge: StartEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else disables the name, and has told Redis, before what we have read arrives."""
    with ctx.commit():
        served(ctx, "a.example.com")
    edge = start_edge(redis_db.url)
    assert edge.redis is not None
    write = edge.redis.write

    def late(names: Any) -> None:
        monkeypatch.setattr(edge.redis, "write", write)
        ctx.edge = None
        with ctx.commit():
            named(ctx, "a.example.com").is_active = False
        write(dict.fromkeys(names))
        write(names)

    monkeypatch.setattr(edge.redis, "write", late)
    edge.prime()
    assert not [key for key in held(redis_db) if key.startswith("d")]


def test_many_ids_take_a_bit_each() -> None:
    ids = priming.Ids()
    for number in (5, 8, 8, 1_000_000):
        ids.add(number)
    assert ids.count == 3
    assert [n for n in (0, 5, 7, 8, 9, 1_000_000, 2**62) if n in ids] == [5, 8, 1_000_000]
