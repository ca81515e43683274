"""The rows of certificates that come in by the hundred, as values of their columns."""

from __future__ import annotations

from datetime import datetime

from ...enums import PrivateKeySource, PrivateKeyType
from .. import x509
from ..store.bulk import Row
from ..x509.pem import md5_hex
from .import_reading import Checked


def domain(name: str, now: datetime) -> Row:
    return {"domain_name": name, "is_active": True, "timestamp_created": now}


def fqdns(names: tuple[str, ...], now: datetime) -> Row:
    """The ids of its domains are not known yet."""
    return {
        "domain_ids_string": "",
        "domain_ids_sha256": "",
        "count_domains": len(names),
        "timestamp_created": now,
    }


def private_key(key: x509.PrivateKey, certificates: int, now: datetime) -> Row:
    """An imported one that so many certificates come with."""
    return {
        "timestamp_created": now,
        "key_technology": key.key_technology,
        "key_pem": key.pem,
        "key_pem_md5": md5_hex(key.pem),
        "spki_sha256": key.spki_sha256,
        "is_active": True,
        "count_acme_orders": 0,
        "count_certificate_signeds": certificates,
        "timestamp_last_certificate_issue": now,
        "private_key_source": PrivateKeySource.IMPORTED,
        "private_key_type": PrivateKeyType.STANDARD,
    }


def certificate(item: Checked, md5: str, is_compromised: bool, now: datetime) -> Row:
    """Its key and its set of names are not known yet. Of a compromised key it may not be served."""
    leaf = item.leaf
    return {
        "timestamp_created": now,
        "timestamp_not_before": leaf.not_before,
        "timestamp_not_after": leaf.not_after,
        "is_single_domain_cert": len(item.names) == 1,
        "key_technology": item.key.key_technology,
        "cert_pem": leaf.pem,
        "cert_pem_md5": md5,
        "spki_sha256": leaf.spki_sha256,
        "fingerprint_sha1": leaf.fingerprint_sha1,
        "fingerprint_sha256": leaf.fingerprint_sha256,
        "serial": f"{leaf.serial:X}",
        "cert_subject": leaf.subject,
        "cert_issuer": leaf.issuer,
        "is_active": not is_compromised,
        "is_compromised_private_key": is_compromised or None,
        "private_key_id": 0,
        "unique_fqdn_set_id": 0,
    }
