"""Redis as edge servers read it: certificates, keys and chains by name, in style 1 or 2."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ...errors import UpstreamError
from ...settings import Settings
from ...settings.option import mask_url

CONNECT_S = 1.0
ANSWER_S = 3.0
LEAVE_S = 60  # an edge that has read the number of a key just now is about to ask for the key
AT_ONCE = 1_000  # keys that one SCAN looks at
PREFIXES = ("d1:", "d2:", "c:", "p:", "i:")
PARTS = "cpi"  # certificate, private key, chain: the fields of `d1:` and the prefixes of their PEMs

# Many keys in one command of few, long arguments: to pack a command for each takes a client in
# Python several times as long. A key that is written loses the expiry and fields that it had.
WRITE = """-- ARGV: seconds or 0; fields' letters, '' for plain values; keys; lengths; all values
local life, fields, values, at = tonumber(ARGV[1]), ARGV[2], ARGV[5], 1
local lengths = ARGV[4]:gmatch('%d+')
local function value()
  local from = at
  at = at + tonumber(lengths())
  return values:sub(from, at - 1)
end
for key in ARGV[3]:gmatch('%S+') do
  if fields == '' then
    redis.call('SET', key, value())
  else
    local row = {}
    for field in fields:gmatch('.') do
      local found = value()
      if found ~= '' then row[#row + 1] = field; row[#row + 1] = found end
    end
    redis.call('DEL', key)
    redis.call('HSET', key, unpack(row))
  end
  if life > 0 then redis.call('EXPIRE', key, life) end
end"""
SCAN = """local found = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2])
return {found[1], table.concat(found[2], ' ')}"""


class RedisFailed(UpstreamError):
    """The message says which Redis and why, without its password."""

    status = 503


class Part(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def pem(self) -> str: ...


class Pair(Protocol):
    """What a name is served with."""

    @property
    def certificate(self) -> Part: ...
    @property
    def private_key(self) -> Part: ...
    @property
    def chain(self) -> Part | None: ...
    @property
    def fullchain_pem(self) -> str: ...


@dataclass(frozen=True)
class Status:
    url: str  # without its password
    style: str
    keys: int
    answered_s: float


class RedisCache:
    """One client for the process, connected when it is first used; any thread may use it.

    Every method raises RedisFailed where Redis does not answer, or refuses.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = settings.redis_url or ""
        self.url = mask_url(self._url)
        self.style = settings.redis_prime_style or "1"
        self._domain_s = settings.redis_timeout_domain or 0
        self._lives_s = {
            "c": settings.redis_timeout_cert or 0,
            "p": settings.redis_timeout_pkey or 0,
            "i": settings.redis_timeout_certcachain or 0,
        }

    @cached_property
    def _client(self) -> redis.Redis:
        options: dict[str, Any] = {
            "protocol": 2,  # every server knows it
            "socket_connect_timeout": CONNECT_S,
            "socket_timeout": ANSWER_S,
            # A connection that was kept may be dead. Whoever does not answer is not asked again.
            "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        }
        if urlsplit(self._url).scheme == "rediss":
            options["ssl_check_hostname"] = True
        return redis.Redis.from_url(self._url, **options)

    def write(self, names: Mapping[str, Pair | None]) -> None:
        """Prime some names, in one transaction; a name with None is removed."""
        served = {name: pair for name, pair in names.items() if pair is not None}
        gone = names.keys() - served.keys()
        with self._told(), self._client.pipeline(transaction=True) as pipe:
            write = self._write_1 if self.is_by_parts else self._write_2
            write(pipe, served)
            if gone:
                pipe.delete(*(f"{style}:{name}" for style in ("d1", "d2") for name in gone))
            pipe.execute()

    def _write_1(self, pipe: Any, served: Mapping[str, Pair]) -> None:
        """The PEMs before what refers to them. Names of one certificate share its key `c:`."""
        pairs = served.values()
        parts: dict[str, dict[int, str]] = {
            "c": {pair.certificate.id: pair.certificate.pem for pair in pairs},
            "p": {pair.private_key.id: pair.private_key.pem for pair in pairs},
            "i": {pair.chain.id: pair.chain.pem for pair in pairs if pair.chain},
        }
        for kind, pems in parts.items():
            keys = [f"{kind}:{number}" for number in pems]
            _write(pipe, self._lives_s[kind], "", keys, pems.values())
        numbers = (number for pair in pairs for number in _numbers(pair))
        _write(pipe, self._domain_s, PARTS, [f"d1:{name}" for name in served], numbers)

    def _write_2(self, pipe: Any, served: Mapping[str, Pair]) -> None:
        pems = (
            pem for pair in served.values() for pem in (pair.fullchain_pem, pair.private_key.pem)
        )
        _write(pipe, self._domain_s, "fp", [f"d2:{name}" for name in served], pems)

    def keys_of(self, names: Iterable[str]) -> set[str]:
        """`c:7`, `p:3`, `i:1`: what some names are served with now, in style 1."""
        if not self.is_by_parts:
            return set()
        with self._told(), self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hmget(f"d1:{name}", *PARTS)
            rows = pipe.execute()
        return {
            f"{kind}:{_text(number)}"
            for row in rows
            for kind, number in zip(PARTS, row, strict=True)
            if number is not None
        }

    def leave(self, keys: Iterable[str]) -> None:
        """Remove keys that nothing refers to any more, when all edges have read on."""
        keys = list(keys)
        if not keys:
            return
        with self._told(), self._client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.expire(key, LEAVE_S)
            pipe.execute()

    @property
    def is_by_parts(self) -> bool:
        """Style 1: a hash of numbers for each name, and the PEMs by their numbers."""
        return self.style == "1"

    def remove(self, names: Iterable[str]) -> None:
        self.write(dict.fromkeys(names))

    def scan(self) -> Iterator[list[str]]:
        """Those of ours, some at a time. One that is there all the while is among them."""
        cursor = "0"
        while True:
            with self._told():
                answer: Any = self._client.eval(SCAN, 0, cursor, AT_ONCE)
            cursor, keys = map(_text, answer)
            yield [key for key in keys.split(" ") if key.startswith(PREFIXES)]
            if cursor == "0":
                return

    def status(self) -> Status:
        began = time.monotonic()
        with self._told():
            self._client.ping()
            took = time.monotonic() - began
            return Status(self.url, self.style, int(self._client.dbsize()), took)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        # ValueError: an address, or a file that it names, that redis-py can not read.
        except (redis.RedisError, OSError, ValueError) as exc:
            raise RedisFailed(f"Redis ({self.url}): {mask_url(str(exc))}") from exc


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _write(pipe: Any, life_s: int, fields: str, keys: Sequence[str], values: Iterable[str]) -> None:
    """`values`: one for each key; with `fields` as many for each key as it has letters."""
    if keys:
        packed = [value.encode() for value in values]
        lengths = " ".join(str(len(value)) for value in packed)
        pipe.eval(WRITE, 0, life_s, fields, " ".join(keys), lengths, b"".join(packed))


def _numbers(pair: Pair) -> tuple[str, str, str]:
    chain = str(pair.chain.id) if pair.chain else ""
    return str(pair.certificate.id), str(pair.private_key.id), chain
