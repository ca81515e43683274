"""What belongs to a certificate, and what it can be compared with."""

from __future__ import annotations

from ...lib.store import (
    acme_orders,
    certificate_signeds,
    coverage_assurance_events,
    domains,
)
from ...model import AcmeOrder, CertificateSigned, CoverageAssuranceEvent, Domain
from ..resource import Related

RELATED = (
    Related(
        "same-names",
        "Other certificates for these names",
        CertificateSigned,
        certificate_signeds.with_same_names,
        empty="There is no other for exactly these names.",
    ),
    Related(
        "same-key",
        "Other certificates of its key",
        CertificateSigned,
        certificate_signeds.with_same_key,
        empty="Its key is in no other certificate.",
    ),
    Related("domains", "Domains", Domain, domains.of_certificate_signed, on_page=False),
    Related("acme-orders", "Orders", AcmeOrder, acme_orders.of_certificate_signed, on_page=False),
    Related(
        "coverage-assurance-events",
        "Events of coverage",
        CoverageAssuranceEvent,
        coverage_assurance_events.of_certificate_signed,
        on_page=False,
    ),
)
