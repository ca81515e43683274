"""Server names that are none, or not written as we write them."""

from __future__ import annotations

import socket
import subprocess

import pytest

from tests.services.processes import find

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .pairs import Issuer
from .upstream import Upstream

pytestmark = pytest.mark.service("nginx-lua")

NAME = "www.example.com"
SUBJECT = "CN = loopback"  # of nginx's own certificate
LONG = ".".join(["a" * 61] * 4)  # 247 characters


def hello(name: bytes) -> bytes:
    """A ClientHello (RFC 8446 § 4.1.2) of TLS 1.2, with any bytes as server name."""

    def sized(size: int, body: bytes) -> bytes:
        return len(body).to_bytes(size) + body

    names = sized(2, b"\0" + sized(2, name))
    algorithms = sized(2, bytes.fromhex("0403080404010804"))
    groups = sized(2, bytes.fromhex("0017001d"))
    extensions = b"".join(
        kind.to_bytes(2) + sized(2, body)
        for kind, body in ((0, names), (13, algorithms), (10, groups), (11, b"\1\0"))
    )
    body = b"\3\3" + bytes(32) + b"\0" + sized(2, bytes.fromhex("c02bc02f")) + b"\1\0"
    message = b"\1" + sized(3, body + sized(2, extensions))
    return b"\x16\3\1" + sized(2, message)


def first_bytes(nginx: Nginx, name: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", nginx.tls_port), 10) as raw:
        raw.sendall(hello(name))
        return raw.recv(5)


def presented(nginx: Nginx, name: str) -> str:
    """The subject of what openssl is shown, which sends any name."""
    command = [find("openssl") or "openssl", "s_client", "-connect"]
    where = [f"127.0.0.1:{nginx.tls_port}", "-servername", name]
    return subprocess.run(
        [*command, *where], input="", capture_output=True, text=True, check=False, timeout=30
    ).stdout


@pytest.mark.parametrize("sni", ["WWW.Example.COM", "www.example.com."])
def test_written_in_another_way(
    by_http: Nginx, upstream: Upstream, issuer: Issuer, sni: str
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert by_http.serial(sni) == by_http.serial(NAME) == pair.serial
    assert upstream.count(NAME) == 1


@pytest.mark.parametrize(
    "sni",
    ["../x", "a/../../b", "12345", "127.0.0.1", "::1", "*.example.com", "a b", "a..b", "-a.b",
     "a.-b", "x?openresty=", "a%2fb", "a\\b", "a_b.example.com", "x" * 64, "." + NAME],
)  # fmt: skip
def test_no_name_of_a_host(by_http: Nginx, upstream: Upstream, sni: str) -> None:
    assert SUBJECT in presented(by_http, sni)
    assert upstream.asked == []


def test_no_name_at_all(by_http: Nginx, upstream: Upstream) -> None:
    assert by_http.serial(None) == DEFAULT
    assert upstream.asked == []


def test_longest_name(by_http: Nginx, upstream: Upstream) -> None:
    assert by_http.serial(f"{LONG}.com") == DEFAULT
    assert upstream.count(f"{LONG}.com") == 1
    assert SUBJECT in presented(by_http, f"{LONG}.com.xyz")
    assert len(upstream.asked) == 2  # with the wildcard of the first one


def test_three_hundred_characters(by_http: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    """OpenSSL itself refuses them, by an alert; nobody else is harmed."""
    alert = b"\x15\3"
    assert first_bytes(by_http, b"a." * 150).startswith(alert)
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert by_http.serial(NAME) == pair.serial
    assert upstream.asked == [f"/.well-known/admin/domain/{NAME}/config.json?openresty=1"]


@pytest.mark.parametrize("sni", [b"a\nb", b"a\x1b[31m", b"\xff\xfe", b"a'\"<b>"])
def test_log_line_can_not_be_forged(
    start_nginx: StartNginx, upstream: Upstream, sni: bytes
) -> None:
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", log_level="debug"))
    assert first_bytes(nginx, sni).startswith(b"\x16")
    assert upstream.asked == []
    ours = [line for line in nginx.log.splitlines() if "peter_sslers" in line]
    assert any("no look-up: " in line for line in ours)
    assert not any(sni.decode("latin-1") in line for line in ours)
