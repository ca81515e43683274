"""Addresses that strangers wrote: what is fetched, and what is refused."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from peter_sslers.lib import aia
from tests.services.answering import Host
from tests.services.processes import free_port


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()
    yield found
    found.close()


def here(address: str) -> bool:
    return address == "127.0.0.1"


def refusal(url: str, is_allowed: aia.IsAllowed = here, **kw: Any) -> str:
    with pytest.raises(aia.NotFetched) as caught:
        aia.fetch(url, is_allowed, **kw)
    return str(caught.value)


def test_what_stands_there_is_fetched(host: Host) -> None:
    host.says("/ca.der?v=1", b"der")
    assert aia.fetch(host.url("/ca.der?v=1"), here) == b"der"


def test_redirects_are_followed(host: Host) -> None:
    host.says("/old", b"", 301, Location="/new")
    host.says("/new", b"der")
    assert aia.fetch(host.url("/old"), here) == b"der"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "::127.0.0.1",
        "2001:db8::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not aia.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1", "64:ff9b::101:101"])
def test_public_addresses(address: str) -> None:
    assert aia.is_public(address)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
def test_private_addresses_are_not_asked_whatever_they_are_called(host: Host, name: str) -> None:
    host.says("/", b"secret")
    told = refusal(f"http://{name}:{host.server.server_port}/", aia.is_public)
    assert "not a public address" in told
    assert host.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(host: Host) -> None:
    host.says("/", b"", 302, Location=f"http://127.0.0.2:{host.server.server_port}/secret")
    assert "127.0.0.2 is at 127.0.0.2, which is not a public address" in refusal(host.url())
    assert host.asked == ["/"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "ldap://127.0.0.1/cn=x",
        "file:///etc/passwd",
        "http://",
        "http://user:pass@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "//127.0.0.1/",
        "",
        "http://127.0.0.1/" + "a" * 3_000,
    ],
)
def test_what_is_no_http_address_is_refused(url: str) -> None:
    assert "is not an http address" in refusal(url)


def test_a_redirect_to_another_scheme_is_not_followed(host: Host) -> None:
    host.says("/", b"", 302, Location="file:///etc/passwd")
    assert "is not an http address" in refusal(host.url())


def test_a_redirect_that_is_no_address_is_told(host: Host) -> None:
    host.says("/", b"", 302, Location="http://[::1")
    assert "is not an http address" in refusal(host.url())


def test_redirects_come_to_an_end(host: Host) -> None:
    host.says("/", b"", 302, Location="/")
    assert "redirects too often" in refusal(host.url())
    assert len(host.asked) == aia.MAX_REDIRECTS + 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/a b", "http://127.0.0.1:{port}/\r\nX: y"])
def test_no_line_is_smuggled_into_the_request(host: Host, url: str) -> None:
    host.says("/a b", b"x")
    refusal(url.format(port=host.server.server_port))
    assert "/a b" not in host.asked


def test_an_answer_that_is_too_long_is_refused(host: Host) -> None:
    host.says("/", b"x" * (aia.MAX_BYTES + 1))
    assert "sent more than 256 KiB" in refusal(host.url())


@pytest.mark.parametrize("status", [204, 404, 500])
def test_another_status_is_told(host: Host, status: int) -> None:
    host.says("/", b"", status)
    assert refusal(host.url()) == f"127.0.0.1 answered {status}"


def test_a_body_that_dribbles_is_cut_off(host: Host) -> None:
    def dribble(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.02)

    host.answers["/"] = dribble
    assert "does not answer in time" in refusal(host.url(), limit_s=0.2)


def test_a_head_that_dribbles_is_cut_off() -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                self.request.sendall(b"x")
                time.sleep(0.02)

    with quiet(socketserver.ThreadingTCPServer)(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        port = server.server_address[1]
        assert "does not answer in time" in refusal(f"http://127.0.0.1:{port}/", limit_s=0.2)
        server.shutdown()


def quiet(kind: Any) -> Any:
    """Its threads end with the client, and nobody is to hear of it."""
    members = {"daemon_threads": True, "handle_error": lambda *_: None}
    return type("Quiet", (kind,), members)


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over, waited = threading.Event(), threading.Event()

    def silent(*_args: object, **_kw: object) -> list[Any]:
        over.wait(10)
        waited.set()
        raise socket.gaierror("Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    assert "does not answer in time" in refusal("http://slow.example/", limit_s=0.1)
    assert not waited.is_set()
    over.set()


def test_nobody_there_is_told() -> None:
    assert "can not be reached" in refusal(f"http://127.0.0.1:{free_port()}/")


def test_a_name_that_does_not_exist_is_told() -> None:
    assert "can not be reached" in refusal("http://no-such-name.invalid/")


def test_what_does_not_speak_http_is_told() -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1_000)
            self.request.sendall(b"220 mail.example.com\r\n")

    with quiet(socketserver.ThreadingTCPServer)(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        told = refusal(f"http://127.0.0.1:{server.server_address[1]}/")
        server.shutdown()
    assert "does not answer as a web server does" in told
