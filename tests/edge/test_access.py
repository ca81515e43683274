"""Peter behind credentials and TLS; Redis with a password, a user, TLS, on a socket."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.redis import Redis
from tests.services.tls import self_signed

from .conftest import StartNginx
from .nginx import DEFAULT, Site
from .pairs import Issuer
from .priming import lua, prime
from .upstream import Upstream

pytestmark = [pytest.mark.service("nginx-lua"), pytest.mark.service("redis")]

NAME = "www.example.com"
SECRET = "pass word"


def configure(options: str) -> str:
    return f"peter_sslers.configure({{{options}}})"


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ("", None),
        ("peter_token = 'abc'", "Bearer abc"),
        ("peter_username = 'edge', peter_password = 'secret'", "Basic ZWRnZTpzZWNyZXQ="),
    ],
)
def test_credentials_for_peter(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer, options: str, sent: str | None
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init=configure(options)))
    assert nginx.serial(NAME) == pair.serial
    assert upstream.authorization == sent


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path)


@pytest.mark.parametrize("trusted", [True, False])
def test_peter_by_tls(
    start_nginx: StartNginx,
    certificate: tuple[Path, Path],
    issuer: Issuer,
    trusted: bool,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    upstream = Upstream(context)
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    url = upstream.url.replace("http:", "https:")
    trust = f"lua_ssl_trusted_certificate {certificate[0]};" if trusted else ""
    name = configure("peter_server_name = 'localhost'")
    nginx = start_nginx(Site(f"nil, '{url}'", http=trust, init=name))
    assert nginx.serial(NAME) == (pair.serial if trusted else DEFAULT)
    upstream.stop()


@pytest.fixture(params=["password", "user", "tls", "socket"])
def guarded(
    request: pytest.FixtureRequest, tmp_path: Path, certificate: tuple[Path, Path]
) -> Iterator[tuple[Redis, str]]:
    """A Redis, and the options that it takes to come in."""
    folder = tmp_path / "redis"
    folder.mkdir()
    pem, key = map(str, certificate)
    kinds = {
        "password": (
            ["--requirepass", SECRET],
            f"redis://:{SECRET.replace(' ', '%20')}@127.0.0.1:{{port}}/9",
            f"redis_password = '{SECRET}'",
        ),
        "user": (
            ["--user", "edge", "on", "~*", "+@all", ">word", "--user", "default", "off"],
            "redis://edge:word@127.0.0.1:{port}/9",
            "redis_username = 'edge', redis_password = 'word'",
        ),
        "tls": (
            ["--port", "0", "--tls-port", "{port}", "--tls-cert-file", pem, "--tls-key-file", key,
             "--tls-auth-clients", "no"],
            "rediss://127.0.0.1:{port}/9?ssl_ca_certs=" + pem,
            "redis_ssl = true, redis_server_name = 'localhost'",
        ),
        "socket": (
            ["--unixsocket", "{folder}/s"],
            "unix://{folder}/s?db=9",
            f"redis_socket = '{folder}/s'",
        ),
    }  # fmt: skip
    more, url, options = kinds[request.param]
    server = Redis(folder, *more, url=url)
    yield server, options
    server.stop()


def test_guarded_redis(
    start_nginx: StartNginx,
    guarded: tuple[Redis, str],
    certificate: tuple[Path, Path],
    issuer: Issuer,
) -> None:
    server, options = guarded
    pair = issuer.issue(NAME)
    prime(server, 1, NAME, pair)
    site = Site(
        "1",
        init=lua(server) + "; " + configure(options),
        http=f"lua_ssl_trusted_certificate {certificate[0]};",
    )
    nginx = start_nginx(site)
    assert nginx.serial(NAME) == pair.serial
    assert "[error]" not in nginx.log


def test_wrong_password(start_nginx: StartNginx, tmp_path: Path) -> None:
    server = Redis(tmp_path, "--requirepass", SECRET)
    site = Site("1", init=lua(server) + "; " + configure("redis_password = 'wrong'"))
    nginx = start_nginx(site)
    assert nginx.serial(NAME) == DEFAULT
    assert "Redis: could not get connection: WRONGPASS" in nginx.log
    server.stop()
