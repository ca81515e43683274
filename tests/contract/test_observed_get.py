"""Every GET that was observed on the original answers the same: status, type, redirect, JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from .peter import ADMIN, NAME, Peter, observed
from .shapes import Observed

# The routes that are built. Each is the beginning of a pattern in observed/get.json.
BUILT = (
    "acme-account-providers",
    "acme-account/",
    "acme-accounts",
    "acme-authorization",
    "acme-challenge",
    "acme-event-log",
    "acme-order/",
    "acme-orders",
    "api/deactivate-expired",
    "api/domain/autocert",
    "api/domain/disable",
    "api/domain/enable",
    "api/nginx",
    "api/reconcile-cas",
    "api/redis",
    "api/update-recents",
    "certificate-ca-chain",
    "certificate-ca/",
    "certificate-cas.json",
    "certificate-cas/preferred",
    "certificate-cas/{page}",
    "certificate-request",
    "certificate-signed",
    "coverage-assurance-event",
    "domain-autocerts",
    "domain/new",
    "domain/{domain_identifier}.json",
    "domain/{domain_identifier}/calendar",
    "domain/{domain_identifier}/config.json",
    "domain/{domain_identifier}/mark",
    "domain/{domain_identifier}/nginx-cache-expire",
    "domain/{domain_identifier}/update-recents",
    "domains.json",
    "domains/challenged",
    "domains/search",
    "domains/expiring",
    "domains/{page}",
    "operations",
    "private-key",
    "root-store",
    "unique-fqdn-set",
)
# Where we answer otherwise on purpose: (pattern of the route, of the fault, the reason).
DEVIATIONS = (
    (
        r".*",
        r"\.valid_options\.AcmeAccount_GlobalDefault\.AcmeAccountKey\.key_pem",
        "help pages show no private key",
    ),
    (
        r".*/new/freeform",
        r"\.form_fields\.(account_key_reuse|private_key_reuse)",
        "a new order has none before it whose keys it could take again",
    ),
    (
        r".*/acme-orders",
        r".*\.acme_process_steps\.authorizations\[\d+\]\[1\]",
        "the sample shows the first of two members only: see model.md",
    ),
    (
        r".*/acme-order/{id}/retry",
        r"Location .*HTTP\+POST\+required, was .*",
        "a GET changes nothing: the original retried the order",
    ),
    (
        r".*/calendar.json",
        r"\.issues\.2026\.47: is missing",
        "the week in which the sample was made",
    ),
    (
        r".*/acme-account-providers",
        r".*\.directory: null",
        "a provider of ACME v1 has an endpoint instead",
    ),
)

GET: dict[str, dict[str, Any]] = observed("get")
OURS = [route for route in GET if route.removeprefix("{ADMIN}/").startswith(BUILT)]


@pytest.mark.parametrize("route", OURS, ids=str)
def test_get_answers_as_observed(peter: Peter, known: Observed, route: str) -> None:
    answer = peter.http.get(path_of(route, peter), expect_errors=True)
    found = [fault for fault in faults(GET[route], answer, known, peter) if not meant(route, fault)]
    assert not found


def path_of(route: str, peter: Peter) -> str:
    pattern, _, file = route.partition(" -> ")
    if file:
        pattern = pattern.rpartition("/")[0] + f"/{file}"
    return filled(pattern, peter)


def filled(pattern: str, peter: Peter) -> str:
    kind = pattern.removeprefix("{ADMIN}/").partition("/")[0]
    path = pattern.replace("{domain_identifier}", NAME).replace("{page}", "1")
    path = path.replace("{id_cachain}", str(peter.ids["certificate-ca-chain"]))
    return path.replace("{id}", str(peter.ids.get(kind, 1))).replace("{ADMIN}", ADMIN)


def faults(seen: dict[str, Any], answer: Any, known: Observed, peter: Peter) -> Iterator[str]:
    status = seen.get("status", 200)
    if isinstance(status, str):  # "defect: …"
        if answer.status_int >= 500:
            yield f"status {answer.status_int}"
        return
    if answer.status_int // 100 != status // 100:
        yield f"status {answer.status_int}, was {status}"
        return
    if "location" in seen:
        found = answer.headers["Location"].removeprefix("http://localhost")
        wanted = filled(seen["location"], peter)
        if found != wanted:
            yield f"Location {found}, was {wanted}"
    if "content_type" in seen and answer.content_type != seen["content_type"]:
        yield f"Content-Type {answer.content_type}, was {seen['content_type']}"
    if "json" in seen:
        yield from known.faults(seen["json"], answer.json)


def meant(route: str, fault: str) -> bool:
    return any(re.match(r, route) and re.match(f, fault) for r, f, _ in DEVIATIONS)
