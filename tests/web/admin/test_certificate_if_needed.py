"""`api/domain/certificate-if-needed`: what it finds, orders, refuses, and writes into the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from peter_sslers import model

from ...contract.peter import observed
from ...services.http01 import Http01
from ...services.peter import unused_name
from .acme_site import Site
from .certificate_rows import stored
from .ordering import Ordering

PATH = "/api/domain/certificate-if-needed"
NAME = "needed.example.com"
MAIN = "There was an error with your form."
pebble = pytest.mark.service("pebble")


def fields(md5: str, name: str, **more: str) -> dict[str, str]:
    return {
        "domain_name": name,
        "account_key_option": "account_key_existing",
        "account_key_existing": md5,
        "private_key_option": "private_key_for_account_key",
        **more,
    }


def asked(at: Ordering, name: str, **more: str) -> dict[str, Any]:
    """What is told of the name."""
    answer = at.site.post(f"{PATH}.json", fields(at.account_md5, name, **more)).json
    assert answer.keys() == {"result", "domain_results"}
    assert (answer["result"], list(answer["domain_results"])) == ("success", [name])
    found: dict[str, Any] = answer["domain_results"][name]
    return found


def told(
    domain: tuple[str, int | None],
    certificate: tuple[str, int | None] | tuple[None, None] = (None, None),
    order: int | None = None,
) -> dict[str, Any]:
    return {
        "domain.status": domain[0],
        "domain.id": domain[1],
        "certificate_signed.status": certificate[0],
        "certificate_signed.id": certificate[1],
        "acme_order.id": order,
    }


def log(site: Site) -> list[str]:
    """What the last call did to which objects."""
    prefix = "ApiDomains__certificate_if_needed"
    with site.database.session() as db:
        event = db.scalar(
            select(model.OperationsEvent)
            .where(model.OperationsEvent.operations_event_type == prefix)
            .order_by(model.OperationsEvent.id.desc())
            .limit(1)
        )
        assert event is not None
        rows = event.object_events
        kinds = [str(row.operations_object_event_status) for row in rows]
        return [kind.removeprefix(f"{prefix}__") for kind in kinds]


def results(site: Site) -> Any:
    """As the log has them."""
    query = (
        select(model.OperationsEvent.event_payload)
        .where(model.OperationsEvent.operations_event_type == "ApiDomains__certificate_if_needed")
        .order_by(model.OperationsEvent.id.desc())
        .limit(1)
    )
    with site.database.session() as db:
        return json.loads(db.scalar(query) or "{}")["results"]


def count(site: Site, kind: type[model.Base]) -> int:
    with site.database.session() as db:
        return db.scalar(select(func.count()).select_from(kind)) or 0


def with_account(site: Site) -> str:
    """The MD5 of its key; its CA is nowhere."""
    with site.writing() as rows:
        if rows.db.get(model.PrivateKey, 0) is None:
            rows.placeholder()
        return str(rows.account(is_global_default=True).acme_account_key.key_pem_md5)


def call(site: Site, sent: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = site.post(f"{PATH}.json", sent).json
    assert answer["result"] == "success"
    found: dict[str, Any] = answer["domain_results"][sent["domain_name"]]
    return found


def test_help_has_all_fields_and_no_private_key(site: Site) -> None:
    with_account(site)
    for path in (PATH, f"{PATH}.json"):
        said = site.json(path)
        assert {"domain_name", "account_key_option", "private_key_option"} <= set(
            said["form_fields"]
        )
        assert said["valid_options"]["processing_strategy"] == ["process_single"]
        assert "PRIVATE KEY-----" not in json.dumps(said)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"domain_name": ""}, "domain_name", "Please enter a value"),
        ({"domain_name": "a.example.com b.example.com"}, "domain_name", "Only 1 domain accepted"),
        ({"domain_name": "a_b.example.com"}, "domain_name", "invalid domain names detected"),
        ({"domain_name": "*.example.com"}, "domain_name", "invalid domain names detected"),
        ({"account_key_existing": "0" * 32}, "account_key_existing", "is not enrolled"),
        ({"private_key_option": "private_key_existing"}, "private_key_existing", "enter a value"),
        ({"processing_strategy": "create_order"}, "processing_strategy", "must be one of"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_form_stores_nothing(
    site: Site, changed: dict[str, str], field: str, words: str
) -> None:
    sent = {**fields(with_account(site), NAME), **changed}
    for path in (PATH, f"{PATH}.json"):
        errors = site.post(path, sent, status=400).json["form_errors"]
        assert words in errors[field]
        assert errors["Error_Main"].startswith(MAIN)
    assert count(site, model.Domain) == 0
    nothing = site.post(f"{PATH}.json", status=400).json["form_errors"]
    assert nothing == {"Error_Main": "Nothing submitted."}


def test_a_blocklisted_name_is_told_and_left_alone(site: Site) -> None:
    md5 = with_account(site)
    with site.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name=NAME))
    assert call(site, fields(md5, NAME)) == told(("blocklisted", None))
    assert (count(site, model.Domain), log(site)) == (0, [])
    assert results(site) == {NAME: told(("blocklisted", None))}


def valid_until(site: Site, days: int) -> None:
    with site.writing() as rows:
        certificate = rows.db.get(model.CertificateSigned, 1)
        certificate.timestamp_not_before = datetime(2020, 1, 1, tzinfo=UTC)
        certificate.timestamp_not_after = rows.ctx.now + timedelta(days=days)


@pytest.mark.parametrize("is_active", [True, False], ids=["active", "inactive"])
def test_what_has_a_certificate_needs_none(site: Site, is_active: bool) -> None:
    stored(site)
    valid_until(site, 1)
    md5 = with_account(site)
    with site.writing() as rows:
        rows.db.get(model.Domain, 1).is_active = is_active
    status = "existing.active" if is_active else "existing.activated"
    wanted = told((status, 1), ("exists", 1))
    assert call(site, fields(md5, "example.com")) == wanted
    changed = ["domain_exists"] if is_active else ["Domain__mark__active", "domain_activate"]
    assert log(site) == [*changed, "certificate_exists"]
    assert results(site) == {"example.com": wanted}
    assert site.json("/domain/1.json")["Domain"]["is_active"] is True
    assert count(site, model.AcmeOrder) == 0


def test_a_failure_before_there_is_an_order_is_told_of_the_domain(site: Site) -> None:
    """The account's key can not be read. An expired certificate is none."""
    stored(site)
    valid_until(site, -1)
    md5 = with_account(site)
    answer = call(site, fields(md5, "example.com"))
    assert answer.pop("error").startswith("Could not process AcmeOrder, ")
    assert answer == told(("existing.active", 1), ("fail", None))
    assert log(site) == ["domain_exists", "certificate_new_fail"]
    assert count(site, model.AcmeOrder) == 0


@pebble
def test_a_new_name_gets_one_and_only_one(ordering: Ordering) -> None:
    site, name = ordering.site, unused_name()
    site.post("/api/domain/enable.json", {"domain_names": name})  # it waits for a certificate
    assert asked(ordering, name) == told(("new", 1), ("new", 1), 1)
    assert log(site) == [
        *("domain_new", "QueueDomain__mark__already_processed", "certificate_new_success")
    ]
    again = told(("existing.active", 1), ("exists", 1))
    assert asked(ordering, name) == again
    assert results(site) == {name: again}
    order = site.json("/acme-order/1.json")["AcmeOrder"]
    assert order["acme_order_type"] == "ACME Automated (New - Certificate if Needed)"
    assert order["acme_order_processing_strategy"] == "process_single"
    assert order["private_key_strategy__requested"] == "deferred-associate"
    assert count(site, model.AcmeOrder) == 1
    domain = site.json(f"/domain/{name}.json")["Domain"]
    assert domain["certificate__latest_single"]["id"] == 1


@pebble
def test_the_answers_are_like_those_observed(ordering: Ordering) -> None:
    name = unused_name()
    seen = [post for post in observed("post") if post["path"].endswith(PATH)]
    assert [post["case"] for post in seen] == ["new name", "existing"]
    for post in seen:
        (was,) = post["json"]["domain_results"].values()
        answer = asked(ordering, name)
        assert answer.keys() == was.keys()
        assert [type(answer[key]) for key in was] == [type(value) for value in was.values()]
        assert {k: v for k, v in answer.items() if k.endswith("status")} == {
            k: v for k, v in was.items() if k.endswith("status")
        }


@pebble
def test_a_key_of_ones_own_is_taken(ordering: Ordering) -> None:
    """0.5 refused `private_key_existing` here."""
    generated = ordering.post("/private-key/new", {"key_technology": "EC", "bits": "256"})
    md5 = generated["PrivateKey"]["key_pem_md5"]
    name = unused_name()
    own = {"private_key_option": "private_key_existing", "private_key_existing": md5}
    assert asked(ordering, name, **own)["certificate_signed.status"] == "new"
    with ordering.site.database.session() as db:
        certificate = db.get(model.CertificateSigned, 1)
        assert certificate is not None
        assert certificate.private_key_id == generated["PrivateKey"]["id"]


@pebble
def test_a_name_that_leads_nowhere_fails_with_its_order(
    ordering: Ordering, dead_name: str, http01: Http01
) -> None:
    site = ordering.site
    answer = asked(ordering, dead_name)
    assert answer.pop("error").startswith("Could not process AcmeOrder, ")
    assert answer == told(("new", 1), ("fail", None), 1)
    assert log(site) == ["domain_new", "certificate_new_fail"]
    assert results(site)[dead_name]["error"]
    assert site.json("/acme-order/1.json")["AcmeOrder"]["acme_status_order"] == "invalid"
