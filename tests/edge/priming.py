"""Redis as Peter primes it, written by hand."""

from __future__ import annotations

from tests.services.redis import Redis

from .pairs import Pair


def prime(server: Redis, style: int, name: str, pair: Pair) -> None:
    with server.client() as client:
        if style == 2:
            client.hset(f"d2:{name}", mapping={"f": pair.fullchain, "p": pair.pkey})
            return
        number = str(pair.serial)
        client.hset(f"d1:{name}", mapping={"c": number, "p": number, "i": number})
        client.mset({f"c:{number}": pair.cert, f"p:{number}": pair.pkey, f"i:{number}": pair.chain})


def forget(server: Redis, name: str) -> None:
    with server.client() as client:
        client.delete(f"d1:{name}", f"d2:{name}")


def lua(server: Redis) -> str:
    """The Lua that tells the module where this Redis is."""
    return f"peter_sslers.redis_update_defaults('127.0.0.1', {server.port}, 9)"
