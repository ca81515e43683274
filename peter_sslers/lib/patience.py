"""A whole answer has as long as urllib3 gives to each piece of one: nobody dribbles for ever."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class TooSlow(TimeoutError):
    """Something had come already, but not all of it."""


class Patience(io.RawIOBase):
    """What comes out of a socket until the time is over: its time-out, from now on."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase) -> None:
        self._sock = sock
        self._stream = stream
        limit_s = sock.gettimeout()
        self._deadline = None if limit_s is None else time.monotonic() + limit_s
        self._has_come = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left_s = self._deadline - time.monotonic()
            if left_s <= 0:
                raise TooSlow
            self._sock.settimeout(left_s)
        try:
            size: int | None = self._stream.readinto(buffer)
        except TimeoutError as exc:
            raise (TooSlow() if self._has_come else exc) from exc
        self._has_come = True
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()


class Answer(http.client.HTTPResponse):
    """Status line, headers and body, in one span of time."""

    def __init__(self, sock: socket.socket, *args: Any, **kw: Any) -> None:
        super().__init__(sock, *args, **kw)
        self.fp = io.BufferedReader(Patience(sock, self.fp.detach()))


class PlainConnection(HTTPConnection):
    response_class = Answer


class TlsConnection(HTTPSConnection):
    response_class = Answer


class PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection


def pools() -> dict[str, type[HTTPConnectionPool]]:
    """For a PoolManager: by scheme."""
    return {"http": PlainPool, "https": TlsPool}
