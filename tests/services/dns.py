"""A DNS server that knows every name: A is its own address, and what else a test tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from dnslib import CAA, CNAME, QTYPE, RCODE, RR, TXT, A
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from .processes import free_port

SILENT = "-recv,-send,-request,-reply,-truncated,-error,-data"


@dataclass
class Names(BaseResolver):  # type: ignore[misc]
    """What is answered. Names in lower case, without the last dot; `queries`: (type, name)."""

    address: str = "127.0.0.1"
    txt: dict[str, list[str]] = field(default_factory=dict)
    cname: dict[str, str] = field(default_factory=dict)
    caa: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # answered with SERVFAIL
    queries: list[tuple[str, str]] = field(default_factory=list)

    def resolve(self, request: Any, handler: Any) -> Any:
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        kind = QTYPE[request.q.qtype]
        self.queries.append((kind, name))
        if name in self.broken:
            reply.header.rcode = RCODE.SERVFAIL
            return reply
        seen: set[str] = set()
        while name in self.cname and name not in seen:
            seen.add(name)
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(self.cname[name]), ttl=1))
            name = self.cname[name]
        for data in self._records(kind, name):
            reply.add_answer(RR(name, request.q.qtype, rdata=data, ttl=1))
        return reply

    def _records(self, kind: str, name: str) -> list[Any]:
        match kind:
            case "A":
                return [A(self.address)]
            case "TXT":
                return [TXT(value) for value in self.txt.get(name, ())]
            case "CAA":
                return [CAA(*entry) for entry in self.caa.get(name, ())]
            case _:
                return []


class Dns:
    """Names served on one port of loopback, by UDP and TCP."""

    def __init__(self, address: str = "127.0.0.1", port: int | None = None) -> None:
        """Without a port: on a free one."""
        self.names = Names(address)
        # Of TCP, for those are rarer: every connection has one.
        self.port = port or free_port()
        self._servers = [
            DNSServer(
                self.names,
                port=self.port,
                address=address,
                tcp=tcp,
                logger=DNSLogger(log=SILENT, prefix=False),
            )
            for tcp in (False, True)
        ]
        for server in self._servers:
            server.start_thread()

    def close(self) -> None:
        for server in self._servers:
            server.stop()
            server.server.server_close()


@pytest.fixture(scope="session")
def dns() -> Iterator[Dns]:
    """One for the session: use names of your own, or clean up."""
    server = Dns()
    yield server
    server.close()
