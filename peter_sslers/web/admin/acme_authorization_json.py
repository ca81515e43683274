"""The JSON of authorizations and of challenges."""

from __future__ import annotations

from typing import Any

from ...model import AcmeAuthorization, AcmeChallenge, Domain, RemoteIpAddress


def as_json(authorization: AcmeAuthorization, root: str) -> dict[str, Any]:
    http_01 = authorization.acme_challenge_http_01
    dns_01 = authorization.acme_challenge_dns_01
    domain = authorization.domain
    path = f"{root}/acme-authorization/{authorization.id}/acme-server"
    return {
        "id": authorization.id,
        "acme_status_authorization": authorization.acme_status_authorization,
        "acme_challenge_http_01_id": http_01.id if http_01 else None,
        "acme_challenge_dns_01_id": dns_01.id if dns_01 else None,
        "domain": domain_as_json(domain) if domain else None,
        "url_acme_server_sync": (
            f"{path}/sync.json" if authorization.is_can_acme_server_sync else None
        ),
        "url_acme_server_deactivate": (
            f"{path}/deactivate.json" if authorization.is_can_acme_server_deactivate else None
        ),
        "timestamp_expires": authorization.timestamp_expires,
        "wildcard": bool(authorization.wildcard),
    }


def challenge_as_json(challenge: AcmeChallenge, root: str) -> dict[str, Any]:
    path = f"{root}/acme-challenge/{challenge.id}/acme-server"
    return {
        "id": challenge.id,
        "acme_challenge_type": challenge.acme_challenge_type,
        "acme_status_challenge": challenge.acme_status_challenge,
        "domain": domain_as_json(challenge.domain),
        "keyauthorization": challenge.keyauthorization,
        "timestamp_created": challenge.timestamp_created,
        "timestamp_updated": challenge.timestamp_updated,
        "token": challenge.token,
        "url_acme_server_sync": (
            f"{path}/sync.json" if challenge.is_can_acme_server_sync else None
        ),
        "url_acme_server_trigger": (
            f"{path}/trigger.json" if challenge.is_can_acme_server_trigger else None
        ),
        "acme_authorization_id": challenge.acme_authorization_id,
        "acme_challenge_fail_type": challenge.acme_challenge_fail_type,
        "error": challenge.error,
    }


def domain_as_json(domain: Domain) -> dict[str, Any]:
    return {"id": domain.id, "domain_name": domain.domain_name}


def address_as_json(address: RemoteIpAddress) -> dict[str, Any]:
    return {"id": address.id, "ip_address": address.remote_ip_address}
