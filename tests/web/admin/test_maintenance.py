"""What scripts run every day, its log, and the root stores."""

from __future__ import annotations

from datetime import timedelta

import pytest

from peter_sslers import model
from peter_sslers.lib.context import utc_now

from ... import factories
from .acme_site import Site
from .certificate_rows import pem, stored

DAILY = ("update-recents", "deactivate-expired", "reconcile-cas")


@pytest.mark.parametrize("name", DAILY)
def test_each_answers_with_its_event(site: Site, name: str) -> None:
    found = site.post(f"/api/{name}.json").json
    assert found["result"] == "success"
    shown = site.json(f"/operations/log/item/{found['operations_event']}.json")
    assert name.replace("-", "_") in shown["OperationsEvent"]["operations_event_type"]


@pytest.mark.parametrize("name", DAILY)
def test_html_leads_to_the_log_that_has_the_buttons(site: Site, name: str) -> None:
    answer = site.post(f"/api/{name}", status=303)
    start = f"/operations/log?result=success&operation=api--{name}&event.id="
    assert site.location(answer).startswith(start)
    log = answer.follow(headers={"Host": "localhost"})
    assert log.html.select_one(".flash.ok")
    actions = [form["action"] for form in log.html.select(".acts form")]
    assert f"/.well-known/admin/api/{name}" in actions


def test_expired_certificates_are_counted(site: Site) -> None:
    with site.writing() as rows:
        for days in (-1, -1, 1):
            when = utc_now() + timedelta(days=days)
            factories.certificate(rows.db, timestamp_not_after=when)
    found = site.post("/api/deactivate-expired.json").json
    assert found["CertificateSigned"] == {"expired": 2}
    assert site.json("/certificate-signeds/active.json")["pagination"]["total_items"] == 1


def test_update_recents_corrects_the_domains(site: Site) -> None:
    stored(site)
    with site.writing() as rows:
        rows.db.query(model.Domain).one().certificate_signed_id__latest_single = None
    site.post("/api/update-recents.json")
    assert site.json("/domain/1.json")["Domain"]["certificate__latest_single"]["id"] == 1


def test_reconciling_tells_what_it_could_not_find(site: Site) -> None:
    with site.writing() as rows:
        factories.certificate_ca(
            rows.db,
            cert_pem=pem("chains/root"),
            cert_issuer_uri="http://127.0.0.1:9/ca.der",
            timestamp_not_after=utc_now() + timedelta(days=1),
        )
    found = site.post("/api/reconcile-cas.json").json["CertificateCA"]
    assert found["reconciled"] == []
    assert list(found["failed"]) == ["1"]


def test_the_log_can_be_narrowed(site: Site) -> None:
    stored(site)
    site.post("/api/update-recents.json")
    path = "/operations/log.json?operations_event_type=operations__update_recents__global"
    (event,) = site.json(path)["OperationsEvents"].values()
    assert event["event_payload"] == {"v": 1}
    path = "/operations/object-log.json?kind=domain"
    (change,) = site.json(path)["OperationsObjectEvents"].values()
    assert change["domain_id"] == 1
    assert change["operations_object_event_status"] == "Domain__insert"


def test_an_event_shows_its_parts_and_objects(site: Site) -> None:
    stored(site)
    first = min(map(int, site.json("/operations/log.json")["OperationsEvents"]))
    children = site.json(f"/operations/log/item/{first}/children.json")["OperationsEvents"]
    assert all(c["operations_event_id__child_of"] == first for c in children.values())
    assert children
    assert site.json(f"/operations/log/item/{first}/object-log.json")["OperationsObjectEvents"]
    page = site.get("/operations/object-log")
    assert page.html.select('a[href="/.well-known/admin/domain/1"]')
    site.get("/operations/object-log/item/1")


def test_operations_lead_to_the_log(site: Site) -> None:
    assert site.location(site.get("/operations", status=302)) == "/operations/log"


@pytest.fixture
def stores(site: Site) -> Site:
    with site.writing() as rows:
        ca = factories.certificate_ca(rows.db, cert_subject="CN=Root")
        store = rows.add(model.RootStore(name="Debian", timestamp_created=utc_now()))
        version = model.RootStoreVersion(
            root_store=store, version_string=">= 8", timestamp_created=utc_now()
        )
        rows.add(version)
        rows.add(
            model.RootStoreVersion_2_CertificateCA(root_store_version=version, certificate_ca=ca)
        )
    return site


def test_root_stores_lead_to_the_roots_and_back(stores: Site) -> None:
    version = {"id": 1, "name": "Debian", "version_string": ">= 8"}
    store = {"id": 1, "name": "Debian", "versions": [version]}
    assert stores.json("/root-stores.json")["RootStores"] == {"1": store}
    assert stores.json("/root-store/1.json") == {"RootStore": store}
    assert stores.json("/root-store-version/1.json") == {"RootStoreVersion": version}
    assert list(stores.json("/root-store-version/1/certificate-cas.json")["CertificateCAs"]) == [
        "1"
    ]
    found = stores.json("/certificate-ca/1/root-store-versions.json")["RootStoreVersions"]
    assert found == {"1": version}
    for path in ("/root-stores", "/root-store/1", "/root-store-version/1", "/root-store-versions"):
        assert "Debian" in stores.get(path).text
