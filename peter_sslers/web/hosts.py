"""The host that a request asks for."""

from __future__ import annotations


def host_name(host: str) -> str:
    """A Host header without its port, in lower case: `[::1]:80` is `::1`."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def host_and_port(host: str, scheme: str) -> tuple[str, str]:
    """(name, port) of a Host header or of an origin's authority, the scheme's port filled in."""
    port = host.rpartition("]")[2] if host.startswith("[") else host
    return host_name(host), port.partition(":")[2] or {"https": "443"}.get(scheme, "80")
