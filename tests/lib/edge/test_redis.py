"""The ways into a Redis: password, ACL user, TLS, Unix socket; and one that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from peter_sslers.lib.cache.redis import RedisCache, RedisFailed
from peter_sslers.lib.store.configs import Config, Part
from peter_sslers.settings import Settings
from tests.services.processes import free_port
from tests.services.redis import Redis
from tests.services.tls import self_signed

pytestmark = pytest.mark.service("redis")
StartRedis = Callable[..., Redis]
PASSWORD = "pa:ss/w@rd"
# As docs/cache.md has it.
ACL = "~d1:* ~d2:* ~c:* ~p:* ~i:* +@connection +@read +@write +@transaction +eval"
CONFIG = Config(Part(1, "leaf\n"), Part(2, "key\n"), Part(3, "chain\n"))


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[StartRedis]:
    started: list[Redis] = []

    def start(*more: str, **kw: str) -> Redis:
        started.append(Redis(tmp_path, *more, **kw))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def cache(url: str, style: str = "1") -> RedisCache:
    return RedisCache(Settings(redis_url=url, redis_prime_style=style))


def works(url: str) -> None:
    for style in ("1", "2"):
        found = cache(url, style)
        found.write({"a.example.com": CONFIG, "b.example.com": None})
        found.leave(found.keys_of(["a.example.com"]))
        assert any("a.example.com" in key for keys in found.scan() for key in keys)
        assert found.status().keys > 0


def test_password(start_redis: StartRedis) -> None:
    url = f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{{port}}/9"
    server = start_redis("--requirepass", PASSWORD, url=url)
    works(server.url)
    with pytest.raises(RedisFailed, match="Authentication required"):
        cache(f"redis://127.0.0.1:{server.port}/9").status()
    with pytest.raises(RedisFailed) as refused:
        cache(f"redis://:hunter2@127.0.0.1:{server.port}/9").status()
    assert "hunter2" not in str(refused.value)


def test_user_who_may_do_no_more_than_he_needs(start_redis: StartRedis) -> None:
    url = f"redis://peter:{quote(PASSWORD, safe='')}@127.0.0.1:{{port}}/9"
    user = f"peter on >{PASSWORD} {ACL}"
    works(start_redis("--user", *user.split(" "), url=url).url)


def test_user_who_may_not_write_is_told(start_redis: StartRedis) -> None:
    user = "peter on >pw ~* +@connection +@read"
    url = "redis://peter:pw@127.0.0.1:{port}/9"
    server = start_redis("--user", *user.split(" "), url=url)
    with pytest.raises(RedisFailed, match="no permissions"):
        cache(server.url).write({"a.example.com": CONFIG})


def test_tls(start_redis: StartRedis, tmp_path: Path) -> None:
    ca_file, key = self_signed(tmp_path)
    tls_port = free_port()
    files = ("--tls-cert-file", str(ca_file), "--tls-key-file", str(key))
    more = ("--tls-port", str(tls_port), *files, "--tls-auth-clients", "no")
    start_redis(*more)
    works(f"rediss://127.0.0.1:{tls_port}/9?ssl_ca_certs={ca_file}")
    with pytest.raises(RedisFailed, match="CERTIFICATE_VERIFY_FAILED"):
        cache(f"rediss://127.0.0.1:{tls_port}/9").status()


def test_unix_socket(start_redis: StartRedis, tmp_path: Path) -> None:
    start_redis("--unixsocket", str(tmp_path / "socket"))
    works(f"unix://{tmp_path}/socket?db=9")


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:{port}/9",
        "unix:///nowhere/socket",
        "rediss://127.0.0.1:{port}/9?ssl_ca_certs=/nowhere.pem",
        "redis://127.0.0.1:port/9",
    ],
)
def test_redis_that_is_not_there_is_told(url: str) -> None:
    found = cache(url.replace("{port}", str(free_port())))
    for ask in (found.status, lambda: found.write({"a.example.com": CONFIG})):
        with pytest.raises(RedisFailed, match=r"Redis \("):
            ask()


def test_redis_that_came_back_is_used_at_once(start_redis: StartRedis) -> None:
    server = start_redis()
    found = cache(server.url)
    found.write({"a.example.com": CONFIG})
    server.stop()
    server.start()
    found.write({"a.example.com": CONFIG})
    with server.client() as client:
        assert client.hgetall("d1:a.example.com") == {"c": "1", "p": "2", "i": "3"}
