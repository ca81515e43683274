"""What Caddy asks: `api/edge/certificate` and `api/edge/ask`."""

from __future__ import annotations

import pytest

from peter_sslers import model

from .acme_site import Site
from .certificate_rows import CHAIN, EC256, stored


def certificate(site: Site, name: str, status: int = 200) -> str:
    params = {
        "server_name": name,
        "signature_schemes": "403,804",
        "cipher_suites": "1301",
        "local_ip": "127.0.0.1",
    }
    answer = site.get("/api/edge/certificate", params=params, status=status)
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.text)


def asked(site: Site, name: str) -> int:
    answer = site.get("/api/edge/ask", params={"domain": name}, status="*")
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.status_int)


def add(site: Site, name: str, **facts: bool) -> None:
    with site.writing() as rows:
        facts.setdefault("is_active", True)
        rows.add(
            model.Domain(
                domain_name=name,
                timestamp_created=rows.ctx.now,
                operations_event__created=rows.event(),
                **facts,
            )
        )


@pytest.fixture
def wildcard(site: Site) -> Site:
    """Besides `example.com`, all names below it."""
    stored(site)
    add(site, "*.example.com")
    with site.writing() as rows:
        rows.db.get(model.Domain, 2).certificate_signed_id__latest_single = 1
    return site


@pytest.mark.parametrize("name", ["example.com", "EXAMPLE.com", "example.com."])
def test_certificate_chain_and_key_in_one(site: Site, name: str) -> None:
    stored(site)
    assert certificate(site, name) == CHAIN + EC256
    assert asked(site, name) == 200


@pytest.mark.parametrize(
    "name",
    ["", "1", "unknown.example.org", "../x", "*.example.com", "192.0.2.1", "::1", "x" * 300, "<b>"],
    ids=lambda name: name[:20] or "none",
)
def test_names_that_are_none_or_unknown(wildcard: Site, name: str) -> None:
    assert certificate(wildcard, name, 204) == ""
    assert asked(wildcard, name) == 404


def test_parameters_may_be_absent(site: Site) -> None:
    site.get("/api/edge/certificate", status=204)
    site.get("/api/edge/ask", status=404)


def test_wildcard_of_the_parent(wildcard: Site) -> None:
    assert certificate(wildcard, "a.example.com") == CHAIN + EC256
    assert asked(wildcard, "a.example.com") == 200
    assert certificate(wildcard, "a.b.example.com", 204) == ""
    assert asked(wildcard, "a.b.example.com") == 404


def test_known_name_without_a_certificate(wildcard: Site) -> None:
    add(wildcard, "a.example.com")
    assert certificate(wildcard, "a.example.com") == CHAIN + EC256
    add(wildcard, "a.example.org")
    assert certificate(wildcard, "a.example.org", 204) == ""
    assert asked(wildcard, "a.example.org") == 200


def test_disabled_name(wildcard: Site) -> None:
    add(wildcard, "a.example.com", is_active=False)
    with wildcard.writing() as rows:
        rows.db.get(model.Domain, 1).is_active = False
    for name in ("example.com", "a.example.com"):
        assert certificate(wildcard, name, 204) == ""
        assert asked(wildcard, name) == 404


def test_blocklisted_name(wildcard: Site) -> None:
    with wildcard.writing() as rows:
        for name in ("example.com", "a.example.com"):
            rows.add(model.DomainBlocklisted(domain_name=name))
    for name in ("example.com", "a.example.com"):
        assert certificate(wildcard, name, 204) == ""
        assert asked(wildcard, name) == 404


def test_compromised_key_is_not_served(wildcard: Site) -> None:
    with wildcard.writing() as rows:
        rows.db.get(model.PrivateKey, 1).is_compromised = True
    assert certificate(wildcard, "example.com", 204) == ""
    assert certificate(wildcard, "a.example.com", 204) == ""
