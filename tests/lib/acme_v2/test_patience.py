"""A server that keeps a connection busy: it takes the time of one request, and no more."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peter_sslers.lib.acme_v2 import Servers, Unreachable

from ...services.tls import self_signed

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slow: "


@contextmanager
def dribbling(
    first: bytes, piece: bytes = b"", pause_s: float = 0.02, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Says `first` to the first that comes, then `piece` after each pause, until it is left."""
    left = threading.Event()

    def talk() -> None:
        connection, _ = listener.accept()
        if tls:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection:
            connection.sendall(first)
            while not left.wait(pause_s):
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}/dir"
        left.set()
        thread.join()


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"H", b"T"),
        (HEADERS, b"a"),
        (HEADERS, b"\r\nX-Slow: a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEADERS + b"a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEADERS + b"a\r\n\r\n{", b" "),
    ],
    ids=["status line", "one header", "many headers", "only 100", "chunks", "body without end"],
)
def test_who_dribbles_is_left(first: bytes, piece: bytes) -> None:
    servers = Servers(timeout=0.3)
    with dribbling(first, piece) as directory, pytest.raises(Unreachable, match="is too slow"):
        servers.get(directory).directory()
    servers.close()


def test_who_says_nothing_at_all_times_out() -> None:
    servers = Servers(timeout=0.2)
    with dribbling(b"") as directory, pytest.raises(Unreachable, match="timed out"):
        servers.get(directory).directory()
    servers.close()


def test_who_dribbles_behind_tls_is_left_too(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    servers = Servers(timeout=0.5)
    with dribbling(HEADERS, b"a", tls=tls) as directory:
        server = servers.get(directory, str(certificate))
        with pytest.raises(Unreachable, match="is too slow"):
            server.directory()
    servers.close()
