"""What `parse.json` shows: read anew from the PEM of keys, requests and certificates."""

from __future__ import annotations

from typing import Any

from ...lib import x509


def certificate(parsed: x509.Certificate) -> dict[str, Any]:
    names = [*parsed.dns_names, *parsed.ip_addresses]
    return {
        "issuer": parsed.issuer,
        "subject": parsed.subject,
        "enddate": parsed.not_after,
        "startdate": parsed.not_before,
        "SubjectAlternativeName": names or None,
        "key_technology": parsed.key_technology,
        "fingerprint_sha1": parsed.fingerprint_sha1,
        "fingerprint_sha256": parsed.fingerprint_sha256,
        "serial": f"{parsed.serial:X}",
        "spki_sha256": parsed.spki_sha256,
        "issuer_uri": parsed.issuer_uri,
        "authority_key_identifier": parsed.authority_key_identifier,
        "subject_key_identifier": parsed.subject_key_identifier,
    }


def request(parsed: x509.CertificateRequest) -> dict[str, Any]:
    return {
        "key_technology": parsed.key_technology,
        "spki_sha256": parsed.spki_sha256,
        "SubjectAlternativeName": [*parsed.dns_names, *parsed.ip_addresses],
        "subject": parsed.subject,
    }


def private_key(parsed: x509.PrivateKey) -> dict[str, Any]:
    return {
        "check": parsed.key_technology,
        "text": None,  # the openssl binary's has the key itself in it
        "modulus_md5": parsed.modulus_md5,
        "key_technology": parsed.key_technology,
        "spki_sha256": parsed.spki_sha256,
        "bits": parsed.size,
    }
