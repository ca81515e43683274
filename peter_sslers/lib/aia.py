"""Fetching what a certificate points to (RFC 5280 section 4.2.2.1): addresses strangers wrote.

So: http alone, public addresses alone, little and soon. The address that is asked for is the one
that was checked, whatever the name leads to a moment later, and so is that of each redirect.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from ..errors import UpstreamError

LIMIT_S = 10.0  # for all of it: names, redirects and body
MAX_BYTES = 256 * 1024
MAX_REDIRECTS = 3
MAX_URL = 2_000
MAX_SHOWN = 80
_REDIRECTS = {301, 302, 303, 307, 308}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

IsAllowed = Callable[[str], bool]  # of an IP address


class NotFetched(UpstreamError):
    """The message says why, in words that are fit to show."""


class Target(NamedTuple):
    host: str
    port: int
    path: str


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, also where it stands inside of another."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _inside(ip)):
        return is_public(str(inner))
    # Python takes the site-local addresses of RFC 3879 for global ones.
    is_local = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or is_local)


def _inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def fetch(url: str, is_allowed: IsAllowed = is_public, limit_s: float = LIMIT_S) -> bytes:
    """What stands at an http URL. Raises NotFetched."""
    deadline = time.monotonic() + limit_s
    for _ in range(MAX_REDIRECTS + 1):
        target = _target(url)
        try:
            status, location, body = _get(target, is_allowed, deadline)
        except (OSError, ValueError, http.client.HTTPException) as exc:
            raise NotFetched(_reason(target, exc, deadline)) from exc
        if status == 200:
            return body
        if status not in _REDIRECTS or not location:
            raise NotFetched(f"{target.host} answered {status}")
        url = _redirected(url, location)
    raise NotFetched(f"{target.host} redirects too often")


def _redirected(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as exc:
        raise NotFetched(f"{_shown(location)} is not an http address") from exc


def _target(url: str) -> Target:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host = None
    if not host or parts.scheme != "http" or parts.username or len(url) > MAX_URL:
        raise NotFetched(f"{_shown(url)} is not an http address")
    query = f"?{parts.query}" if parts.query else ""
    return Target(host, port, (parts.path or "/") + query)


def _get(target: Target, is_allowed: IsAllowed, deadline: float) -> tuple[int, str, bytes]:
    """(status, Location, body)"""
    with contextlib.closing(_connect(target, is_allowed, deadline)) as sock:
        # Each read has its own time-out; this one is for all of them.
        cut = threading.Timer(max(0.0, deadline - time.monotonic()), _shut, [sock])
        cut.start()
        try:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = sock
            connection.request("GET", target.path, headers={"User-Agent": "peter_sslers"})
            with contextlib.closing(connection.getresponse()) as answer:
                if answer.status != 200:
                    return answer.status, answer.getheader("Location", ""), b""
                body = answer.read(MAX_BYTES + 1)
        finally:
            cut.cancel()
    if time.monotonic() >= deadline:  # an end that we have made ourselves
        raise TimeoutError
    if len(body) > MAX_BYTES:
        raise NotFetched(f"{target.host} sent more than {MAX_BYTES // 1024} KiB")
    return 200, "", body


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _connect(target: Target, is_allowed: IsAllowed, deadline: float) -> socket.socket:
    """To an address of the host that is allowed."""
    addresses = _addresses(target, deadline)
    allowed = [address for address in addresses if is_allowed(address)]
    if not allowed:
        raise NotFetched(f"{target.host} is at {addresses[0]}, which is not a public address")
    error: OSError = TimeoutError()
    for address in allowed:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            break
        try:
            return socket.create_connection((address, target.port), timeout=left_s)
        except OSError as exc:
            error = exc
    raise error


def _addresses(target: Target, deadline: float) -> list[str]:
    """The system's resolver knows no time-out: when the time is over it is left to itself."""
    found: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            answer = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as exc:
            found.set_exception(exc)
        else:
            found.set_result(answer)

    threading.Thread(target=ask, daemon=True).start()
    entries = found.result(max(0.0, deadline - time.monotonic()))
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _reason(target: Target, error: Exception, deadline: float) -> str:
    if isinstance(error, TimeoutError) or time.monotonic() >= deadline:
        return f"{target.host} does not answer in time"
    if isinstance(error, OSError):
        return f"{target.host} can not be reached: {error.strerror or error}"
    return f"{target.host} does not answer as a web server does"


def _shown(url: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in url)
    return printable if len(printable) <= MAX_SHOWN else printable[: MAX_SHOWN - 1] + "…"
