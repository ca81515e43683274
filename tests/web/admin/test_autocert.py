"""`api/domain/autocert`: what it refuses, what it orders, what it remembers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from peter_sslers import model

from ...services.http01 import Http01
from ...services.peter import unused_name
from ...services.redis import Redis
from .acme_site import Site
from .certificate_rows import stored
from .edges import with_redis
from .ordering import Ordering

PATH = "/api/domain/autocert"
NULLS = {
    "domain": None,
    "certificate_signed__latest_single": None,
    "certificate_signed__latest_multi": None,
}
MAIN = "There was an error with your form."
NAME = "auto.example.com"
RECENT = "There is an active or recent autocert attempt for this domain"
pebble = pytest.mark.service("pebble")


def call(site: Site, fields: Any = "", status: int = 200, **kw: Any) -> dict[str, Any]:
    found: dict[str, Any] = site.post(f"{PATH}.json", fields, status=status, **kw).json
    return found


def asked(site: Site, name: str = NAME, status: int = 200) -> dict[str, Any]:
    return call(site, {"domain_name": name}, status)


def refusal(site: Site, fields: Any, status: int = 400) -> dict[str, str]:
    """What both faces say."""
    document = call(site, fields, status)
    errors: dict[str, str] = document.pop("form_errors")
    assert document == {"result": "error", **NULLS}
    page = site.post(PATH, fields, status=status).text
    assert all(text in page for name, text in errors.items() if name != "Error_Main")
    return errors


def ready(site: Site) -> None:
    """All that an order needs, but a CA."""
    with site.writing() as rows:
        rows.placeholder()
        rows.account(is_global_default=True)


def add_run(site: Site, name: str, minutes_ago: float, **facts: Any) -> None:
    with site.writing() as rows:
        domain = rows.db.scalar(select(model.Domain).where(model.Domain.domain_name == name))
        if domain is None:
            domain = rows.add(
                model.Domain(
                    domain_name=name,
                    is_active=True,
                    timestamp_created=rows.ctx.now,
                    operations_event__created=rows.event(),
                )
            )
        began = rows.ctx.now - timedelta(minutes=minutes_ago)
        rows.add(model.DomainAutocert(domain=domain, timestamp_created=began, **facts))


def orders(site: Site) -> int:
    with site.database.session() as db:
        return db.scalar(select(func.count()).select_from(model.AcmeOrder)) or 0


def runs(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.json("/domain-autocerts.json")["DomainAutocerts"]
    return found


def test_help_warns_while_there_is_no_account(site: Site) -> None:
    said = site.json(f"{PATH}.json")
    assert said.keys() == {"instructions", "form_fields"}
    assert said["instructions"][2] == "HTTP POST required"
    assert said["instructions"][3].startswith("IMPORTANT: No global AcmeAccount")
    ready(site)
    assert len(site.json(f"{PATH}.json")["instructions"]) == 3
    assert 'name="domain_name"' in site.get(PATH).text


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"Error_Main": "Nothing submitted."}),
        ({"x": "1"}, {"Error_Main": "Nothing submitted."}),
        ({"domain_name": ""}, {"domain_name": "Please enter a value", "Error_Main": MAIN}),
        (
            {"domain_name": "a.example.com,b.example.com"},
            {
                "domain_name": "This endpoint currently supports only 1 domain name",
                "Error_Main": MAIN,
            },
        ),
    ],
    ids=["nothing", "another field", "empty", "two names"],
)
def test_form_is_checked(site: Site, fields: dict[str, str], errors: dict[str, str]) -> None:
    assert refusal(site, fields) == errors


@pytest.mark.parametrize(
    "name",
    (
        "foo 1234 ::1 192.0.2.1 *.example.com ../x.example.com a_b.example.com -a.example.com"
        f" a..example.com <b>.example.com {'x' * 300}"
    ).split(),
    ids=lambda name: name[:20],
)
def test_junk_is_a_form_error(site: Site, name: str) -> None:
    ready(site)
    assert "domain_name" in refusal(site, {"domain_name": name})
    assert runs(site) == []


def test_disabled_domain_is_refused(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        rows.db.get(model.Domain, 1).is_active = False
    errors = refusal(site, {"domain_name": "example.com"})
    assert errors == {"domain_name": "This domain_name has been disabled", "Error_Main": MAIN}


def test_blocklisted_name_is_refused(site: Site) -> None:
    ready(site)
    with site.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name=NAME))
    errors = refusal(site, {"domain_name": NAME.upper()})
    assert errors == {"domain_name": "This domain_name has been blocklisted", "Error_Main": MAIN}


def test_account_and_placeholder_are_needed(site: Site) -> None:
    wanted = {"AcmeAccount": "You must configure a global AcmeAccount.", "Error_Main": MAIN}
    assert refusal(site, {"domain_name": NAME}) == wanted
    with site.writing() as rows:
        rows.account(is_global_default=True)
    wanted = {"PrivateKey": "Could not load the placeholder PrivateKey.", "Error_Main": MAIN}
    assert refusal(site, {"domain_name": NAME}) == wanted


@pytest.mark.parametrize(
    ("minutes_ago", "is_successful"), [(1, None), (9, True), (50, False)], ids=str
)
def test_active_or_recent_run_is_told(
    site: Site, minutes_ago: float, is_successful: bool | None
) -> None:
    ready(site)
    add_run(site, NAME, minutes_ago, is_successful=is_successful)
    errors = refusal(site, {"domain_name": NAME})
    assert errors["domain_name"] == RECENT
    assert re.fullmatch(
        f"{re.escape(MAIN)} The next is possible after [0-9 :-]+ UTC.", errors["Error_Main"]
    )
    assert len(runs(site)) == 1


def test_allow_rules(site: Site) -> None:
    ready(site)
    site.settings.autocert_domains = ("example.org", "net")
    assert "not allowed" in refusal(site, {"domain_name": "badexample.org"})["domain_name"]
    site.settings.autocert_known_only = True
    assert "not known" in refusal(site, {"domain_name": "a.example.org"})["domain_name"]
    for name in ("a.example.org", "example.org", "example.net"):
        add_run(site, name, 1, is_successful=None)
        assert refusal(site, {"domain_name": name})["domain_name"] == RECENT


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("autocert_max_per_hour", "2 orders in all within an hour; 2 are allowed"),
        ("autocert_max_per_hour_per_domain", "2 orders for example.com within an hour"),
    ],
)
def test_budget_of_an_hour(site: Site, setting: str, words: str) -> None:
    ready(site)
    setattr(site.settings, setting, 2)
    for minutes_ago in (61, 20, 15):
        add_run(site, f"m{minutes_ago}.example.com", minutes_ago, is_successful=True)
    answer = site.post(f"{PATH}.json", {"domain_name": NAME}, status=429)
    assert words in answer.json.pop("error")
    assert 39 * 60 < int(answer.headers["Retry-After"]) <= 40 * 60
    assert answer.json == {"result": "error", "error": answer.json["error"], **NULLS}
    assert words in site.post(PATH, {"domain_name": NAME}, status=429).text


def test_nothing_is_ordered_where_it_is_off(site: Site) -> None:
    ready(site)
    site.settings.autocert_max_per_hour = 0
    assert "nothing is ordered" in asked(site, status=409)["error"]


def with_certificate(site: Site, *, is_valid: bool = True) -> None:
    stored(site)
    with site.writing() as rows:
        certificate = rows.db.get(model.CertificateSigned, 1)
        certificate.timestamp_not_before = datetime(2020, 1, 1, tzinfo=UTC)
        days = 1 if is_valid else -1
        certificate.timestamp_not_after = rows.ctx.now + timedelta(days=days)


@pytest.mark.parametrize("name", ["example.com", "EXAMPLE.com", "example.com."])
def test_existing_certificate_is_handed_out(site: Site, name: str) -> None:
    with_certificate(site)
    answer = asked(site, name)
    assert (answer.pop("result"), answer.pop("notes")) == ("success", "existing certificate(s)")
    assert answer == site.json("/domain/example.com/config.json")
    page = site.post(PATH, {"domain_name": name}, status=303)
    assert site.location(page) == "/domain/1?result=success&operation=api--domain--autocert"


def test_lost_pointer_is_found_again(site: Site) -> None:
    with_certificate(site)
    with site.writing() as rows:
        domain = rows.db.get(model.Domain, 1)
        domain.certificate_signed_id__latest_single = None
    answer = asked(site, "example.com")
    assert answer["notes"] == "existing certificate(s), updated recents"
    assert answer["certificate_signed__latest_single"]["id"] == "1"


def test_expired_certificate_is_none(site: Site) -> None:
    with_certificate(site, is_valid=False)
    assert "AcmeAccount" in refusal(site, {"domain_name": "example.com"})


@pytest.mark.service("redis")
def test_existing_certificate_is_primed(site: Site, redis_db: Redis) -> None:
    with_certificate(site)
    with_redis(site, redis_db.url)
    asked(site, "example.com")
    with redis_db.client() as client:
        assert client.hget("d1:example.com", "c") == "1"


@pytest.mark.parametrize("types", [{}, {"content_type": ""}], ids=["absent", "empty"])
def test_body_without_a_type_is_a_form(site: Site, types: dict[str, str]) -> None:
    """As the Lua module sends it."""
    with_certificate(site)
    request = {"CONTENT_TYPE": types.get("content_type")} if types else {}
    answer = site.http.request(
        f"/.well-known/admin{PATH}.json?openresty=1",
        method="POST",
        body=b"domain_name=example.com",
        environ={k: v for k, v in request.items() if v is not None},
    )
    assert answer.json["notes"] == "existing certificate(s)"


@pebble
def test_unknown_name_gets_its_certificate(ordering: Ordering) -> None:
    site, name = ordering.site, unused_name()
    default(ordering)
    answer = asked(site, name)
    number = answer.pop("AcmeOrder")["id"]
    assert (answer.pop("result"), answer.pop("notes")) == ("success", "new AcmeOrder, valid")
    assert answer == site.json(f"/domain/{name}/config.json")
    order = site.json(f"/acme-order/{number}.json")["AcmeOrder"]
    assert order["acme_order_type"] == "ACME Automated (New)"
    assert order["acme_order_processing_strategy"] == "process_single"
    assert order["private_key_strategy__requested"] == "deferred-associate"
    assert order["private_key_cycle__renewal"] == "account_key_default"
    assert asked(site, name)["notes"] == "existing certificate(s)"
    (run,) = runs(site)
    assert run.keys() == {
        *("id", "Domain", "timestamp_created", "timestamp_finished", "is_successful", "AcmeOrder")
    }
    assert (run["is_successful"], run["AcmeOrder"]) == (True, {"id": number})
    for page in ("/domain-autocerts", "/domain-autocert/1", f"/domain/{name}/domain-autocerts"):
        assert name in site.get(page).text


def default(ordering: Ordering) -> None:
    with ordering.changing(model.AcmeAccountProvider, 1) as provider:
        provider.is_default = True
    ordering.post(f"/acme-account/{ordering.account['id']}/mark", {"action": "global_default"})


@pebble
def test_html_leads_to_the_domain(ordering: Ordering) -> None:
    default(ordering)
    to = ordering.page(PATH, {"domain_name": unused_name()})
    assert to == "/domain/1?result=success&operation=api--domain--autocert"


@pebble
def test_failure_is_told_and_remembered(ordering: Ordering, dead_name: str) -> None:
    site = ordering.site
    default(ordering)
    answer = asked(site, dead_name, 502)
    assert answer.pop("error")
    assert answer == {"result": "error", **NULLS, "AcmeOrder": {"id": 1}}
    (run,) = runs(site)
    assert (run["is_successful"], run["AcmeOrder"]) == (False, {"id": 1})
    assert refusal(site, {"domain_name": dead_name})["domain_name"] == RECENT
    with ordering.changing(model.DomainAutocert, 1) as row:
        row.timestamp_created -= timedelta(minutes=30)
    assert refusal(site, {"domain_name": dead_name})["domain_name"] == RECENT
    assert orders(site) == 1


@pebble
def test_failure_in_html_leads_to_the_order(ordering: Ordering, dead_name: str) -> None:
    default(ordering)
    to = ordering.page(PATH, {"domain_name": dead_name})
    assert to.startswith("/acme-order/1?result=error&")


@pebble
def test_new_certificate_is_primed(ordering: Ordering, redis_db: Redis) -> None:
    with_redis(ordering.site, redis_db.url, style="2")
    default(ordering)
    name = unused_name()
    config = asked(ordering.site, name)["certificate_signed__latest_single"]
    with redis_db.client() as client:
        assert client.hget(f"d2:{name}", "p") == config["private_key"]["pem"]


@pebble
def test_ca_that_refuses_costs_no_order(ordering: Ordering, http01: Http01) -> None:
    site = ordering.site
    default(ordering)
    with site.writing() as rows:  # Pebble knows no such account
        rows.db.get(model.AcmeAccount, 1).account_url += "0"
    answer = asked(site, NAME, 502)
    assert answer.pop("error")
    assert answer == {"result": "error", **NULLS}
    assert (runs(site)[0]["is_successful"], runs(site)[0]["AcmeOrder"]) == (False, None)
    assert refusal(site, {"domain_name": NAME})["domain_name"] == RECENT
