"""Revocation: RFC 8555 section 7.6."""

from __future__ import annotations

from typing import Any

from . import jws
from .client import Client
from .problems import BadAnswer


def revoke(
    client: Client, cert_der: bytes, reason: int | None = None, key: jws.Key | None = None
) -> None:
    """Revoke a certificate, for a `reason` of RFC 5280 section 5.3.1.

    The account that ordered it may, one that is authorized for all its names, or whoever holds the
    certificate's own `key`: then the client's account does not matter.
    """
    url = client.server.directory(client.watch).revoke_cert
    if url is None:
        raise BadAnswer(f"{client.server.directory_url} does not offer revokeCert")
    payload: dict[str, Any] = {"certificate": jws.b64(cert_der)}
    if reason is not None:
        payload["reason"] = reason
    if key:
        client.signing_with(key).post(url, payload, jwk=True).done()
    else:
        client.post(url, payload).done()
