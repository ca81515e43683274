"""Orders: RFC 8555 section 7.4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import jws
from .client import Client
from .messages import Identifier, Order
from .problems import BadAnswer


def new(
    client: Client,
    identifiers: Sequence[Identifier | str],
    *,
    profile: str | None = None,
    replaces: str | None = None,
) -> Order:
    """`profile`: one of the directory's; `replaces`: the ARI id of a certificate (RFC 9773 § 5)."""
    url = client.server.directory(client.watch).new_order
    payload: dict[str, Any] = {"identifiers": [Identifier.of(i).as_json() for i in identifiers]}
    if profile:
        payload["profile"] = profile
    if replaces:
        payload["replaces"] = replaces
    response = client.post(url, payload)
    order_url = response.location()
    if order_url is None:
        raise BadAnswer(f"{url} did not say which order it is")
    return Order.parse(client.server.own(order_url), response.document(client.server.own))


def fetch(client: Client, url: str) -> Order:
    return Order.parse(url, client.post(url).document(client.server.own))


def finalize(client: Client, finalize_url: str, csr_der: bytes, order_url: str) -> Order:
    """Send the CSR. Most servers answer `processing`: fetch the order until it is `valid`."""
    response = client.post(finalize_url, {"csr": jws.b64(csr_der)})
    return Order.parse(order_url, response.document(client.server.own))
