"""Sets of names: their pages."""

from __future__ import annotations

from typing import Any

from ...lib.store import (
    acme_orders,
    certificate_requests,
    certificate_signeds,
    domains,
    unique_fqdn_sets,
)
from ...model import AcmeOrder, CertificateRequest, CertificateSigned, Domain, UniqueFQDNSet
from ..resource import Column, Related, Resource, Show
from .shared import newest
from .unique_fqdn_set_actions import MODIFY, NEW, UPDATE_RECENTS


def as_json(fqdns: UniqueFQDNSet, _root: str) -> dict[str, Any]:
    return {
        "id": fqdns.id,
        "timestamp_created": fqdns.timestamp_created,
        "count_domains": fqdns.count_domains,
        "domains_as_list": fqdns.domains_as_list,
    }


def sentence(fqdns: UniqueFQDNSet) -> str:
    if fqdns.count_domains == 1:
        return "One name."
    return f"{fqdns.count_domains} names that belong together in a certificate."


UNIQUE_FQDN_SET = Resource(
    path="unique-fqdn-set",
    paths="unique-fqdn-sets",
    model=UniqueFQDNSet,
    label="Unique FQDN set",
    labels="Unique FQDN sets",
    group="Certificates",
    json_name="UniqueFQDNSet",
    json_names="UniqueFQDNSets",
    about="Sets of names. All certificates for the same names have the same set.",
    as_json=as_json,
    sentence=sentence,
    options=unique_fqdn_sets.SHOWN,
    columns=(
        Column("domains_as_list", "Names", Show.NAMES),
        Column("count_domains", "Count", Show.NUMBER),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", "Id", Show.NUMBER),
    ),
    listings=(newest("Unique FQDN sets", unique_fqdn_sets.every),),
    related=(
        Related(
            "certificate-signeds",
            "Certificates",
            CertificateSigned,
            certificate_signeds.of_unique_fqdn_set,
        ),
        Related("acme-orders", "Orders", AcmeOrder, acme_orders.of_unique_fqdn_set),
        Related(
            "certificate-requests",
            "Certificate requests",
            CertificateRequest,
            certificate_requests.of_unique_fqdn_set,
        ),
        Related("domains", "Domains", Domain, domains.of_unique_fqdn_set),
    ),
    actions=(MODIFY, UPDATE_RECENTS),
    pages=(("Calendar", "calendar"),),
    forms=(NEW,),
)
