"""When the CA wants a certificate renewed: asked for by a button, shown on its page."""

from __future__ import annotations

from typing import Any

from ...lib.actions import renewal_info
from ...model import CertificateSigned
from ..resource import Column, Show
from .acme_deeds import deed

NO_CA = "Possible for certificates that an account here has ordered: no CA of this one is known."


def as_json(certificate: CertificateSigned) -> dict[str, Any]:
    """The last keys of a certificate's JSON."""
    return {
        "timestamp_ari_window_start": certificate.timestamp_ari_window_start,
        "timestamp_ari_window_end": certificate.timestamp_ari_window_end,
        "timestamp_ari_retry_after": certificate.timestamp_ari_retry_after,
        "ari_explanation_url": certificate.ari_explanation_url,
    }


COLUMNS = (
    Column("timestamp_ari_window_start", "The CA wants it renewed from", Show.TIME, in_list=False),
    Column("timestamp_ari_window_end", "and until", Show.TIME, in_list=False),
    Column("ari_explanation_url", "The CA says why", Show.CODE, in_list=False),
    Column("timestamp_ari_retry_after", "Ask the CA again after", Show.TIME, in_list=False),
)

RENEWAL_INFO = deed(
    ("certificate-signed", "CertificateSigned"),
    "acme-server/renewal-info",
    "Ask when to renew",
    "Asks the CA for the time in which it wants this certificate renewed (ARI, RFC 9773).",
    renewal_info.refresh,
    possible=lambda certificate: None if certificate.acme_account else NO_CA,
    form_id="form-acme_server-renewal_info",
)
