"""The JSON of orders, and the audit report of one."""

from __future__ import annotations

from typing import Any

from ...enums import ChallengeType
from ...model import AcmeAuthorization, AcmeOrder, AcmeOrder2AcmeChallengeTypeSpecific
from . import acme_authorization_json


def as_json(order: AcmeOrder, root: str) -> dict[str, Any]:
    return {**_facts(order, root), **_may(order), **_more(order, root)}


def _facts(order: AcmeOrder, root: str) -> dict[str, Any]:
    account_key = order.acme_account.acme_account_key
    key = order.private_key
    return {
        "id": order.id,
        "AcmeAccount": {
            "id": order.acme_account_id,
            "key_pem_md5": account_key.key_pem_md5 if account_key else None,
        },
        "PrivateKey": {
            "id": key.id,
            "key_pem_md5": None if key.is_placeholder else key.key_pem_md5,
        },
        "acme_status_order": order.acme_status_order,
        "acme_order_type": order.acme_order_type,
        "acme_order_processing_status": order.acme_order_processing_status,
        "acme_order_processing_strategy": order.acme_order_processing_strategy,
        "acme_process_steps": steps_as_json(order, root),
        "certificate_request_id": order.certificate_request_id,
        "domains_as_list": order.domains_as_list,
        "domains_challenged": order.domains_challenged,
        "finalize_url": order.finalize_url,
        "certificate_url": order.certificate_url,
        "order_url": order.order_url,
        "certificate_signed_id": order.certificate_signed_id,
        "certificate_signed_id__renewal_of": order.certificate_signed_id__renewal_of,
        "timestamp_created": order.timestamp_created,
        "timestamp_expires": order.timestamp_expires,
        "timestamp_finalized": order.timestamp_finalized,
        "timestamp_updated": order.timestamp_updated,
        "unique_fqdn_set_id": order.unique_fqdn_set_id,
    }


def _may(order: AcmeOrder) -> dict[str, bool]:
    """What the order is, and what may be done with it."""
    return {
        "is_processing": bool(order.is_processing),
        "is_auto_renew": bool(order.is_auto_renew),
        "is_can_acme_process": order.is_can_acme_process,
        "is_can_acme_finalize": order.is_can_acme_finalize,
        "is_can_mark_invalid": order.is_can_mark_invalid,
        "is_can_retry": order.is_can_retry,
        "is_renewable_custom": order.is_renewable_custom,
        "is_renewable_queue": order.is_renewable_queue,
        "is_renewable_quick": order.is_renewable_quick,
        "is_can_acme_server_deactivate_authorizations": (
            order.is_can_acme_server_deactivate_authorizations
        ),
        "is_renewed": bool(order.is_renewed),
    }


def _more(order: AcmeOrder, root: str) -> dict[str, Any]:
    path = f"{root}/acme-order/{order.id}"
    may_sync = order.is_can_acme_server_sync
    may_download = order.is_can_acme_server_download_certificate
    return {
        "url_acme_server_sync": f"{path}/acme-server/sync.json" if may_sync else None,
        "url_acme_certificate_signed_download": (
            f"{path}/acme-server/download-certificate.json" if may_download else None
        ),
        "url_acme_process": f"{path}/acme-process.json" if order.is_can_acme_process else None,
        "private_key_cycle__renewal": order.private_key_cycle__renewal,
        "private_key_strategy__requested": order.private_key_strategy__requested or "",
        "private_key_strategy__final": order.private_key_strategy__final or "",
        "acme_authorization_ids": order.acme_authorization_ids,
        "acme_order_id__retry_of": order.acme_order_id__retry_of,
        "acme_order_id__renewal_of": order.acme_order_id__renewal_of,
        "error": order.error,
        "profile": order.profile,
        "replaces": order.replaces,
        "timestamp_retry_after": order.timestamp_retry_after,
    }


def steps_as_json(order: AcmeOrder, root: str) -> dict[str, Any]:
    steps = order.acme_process_steps
    return {
        "authorizations": [
            [is_open or None, acme_authorization_json.as_json(authorization, root)]
            for is_open, authorization in steps.authorizations
        ],
        "authorizations_remaining": steps.authorizations_remaining,
        "finalize": steps.finalize,
        "download": steps.download,
        "next_step": steps.next_step,
    }


def specific_as_json(specific: AcmeOrder2AcmeChallengeTypeSpecific) -> dict[str, Any]:
    return {
        "acme_order_id": specific.acme_order_id,
        "domain_id": specific.domain_id,
        "acme_challenge_type": specific.acme_challenge_type,
        "acme_challenge_id__triggered": specific.acme_challenge_id__triggered,
    }


def audit(order: AcmeOrder) -> dict[str, Any]:
    """The report of `audit.json`: the order and all that it was made from and led to."""
    account, key = order.acme_account, order.private_key
    provider = account.acme_account_provider
    return {
        "AcmeOrder": {
            "id": order.id,
            "timestamp_created": order.timestamp_created,
            "acme_order_type": order.acme_order_type,
            "acme_order_processing_strategy": order.acme_order_processing_strategy,
            "acme_order_processing_status": order.acme_order_processing_status,
            "is_processing": order.is_processing,
            "acme_status_order": order.acme_status_order,
            "timestamp_expires": order.timestamp_expires,
            "private_key_strategy__requested": order.private_key_strategy__requested or "",
            "private_key_strategy__final": order.private_key_strategy__final or "",
            "domains": order.domains_as_list,
            "error": order.error,
        },
        "AcmeAccount": {
            "id": account.id,
            "contact": account.contact,
            "private_key_cycle": account.private_key_cycle,
        },
        "AcmeAccountProvider": {"id": provider.id, "name": provider.name, "url": provider.url},
        "PrivateKey": {
            "id": key.id,
            "private_key_source": key.private_key_source,
            "private_key_type": key.private_key_type,
        },
        "UniqueFQDNSet": {"id": order.unique_fqdn_set_id},
        "AcmeAuthorizations": [_audited(a) for a in order.acme_authorizations],
    }


def _audited(authorization: AcmeAuthorization) -> dict[str, Any]:
    domain = authorization.domain
    offered = {kind: authorization.challenge_of(kind) for kind in ChallengeType}
    return {
        "AcmeAuthorization": {
            "id": authorization.id,
            "acme_status_authorization": authorization.acme_status_authorization,
            "timestamp_updated": authorization.timestamp_updated,
        },
        "AcmeChallenges": {
            kind: {
                "id": challenge.id,
                "acme_status_challenge": challenge.acme_status_challenge,
                "timestamp_updated": challenge.timestamp_updated,
                "keyauthorization": challenge.keyauthorization,
                "error": challenge.error,
            }
            for kind, challenge in offered.items()
            if challenge
        },
        "Domain": {"id": domain.id, "domain_name": domain.domain_name} if domain else None,
    }
