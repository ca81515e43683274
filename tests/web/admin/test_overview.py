from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from peter_sslers import model
from peter_sslers.enums import (
    KeyTechnology,
    OrderStatus,
    PrivateKeySource,
    PrivateKeyType,
)
from peter_sslers.lib.store import overview, unique_fqdn_sets
from peter_sslers.lib.store.overview import Day
from peter_sslers.settings import Settings
from peter_sslers.web.admin import index

from ..queries import recorded
from .acme_site import NOW, Rows, Site


def certificate(rows: Rows, name: str, days: float, **facts: Any) -> model.CertificateSigned:
    """Ends in `days` from NOW."""
    digest = sha256(name.encode()).hexdigest()
    key = rows.add(
        model.PrivateKey(
            timestamp_created=NOW,
            key_technology=KeyTechnology.EC,
            key_pem=name,
            key_pem_md5=digest[:32],
            spki_sha256=digest,
            private_key_source=PrivateKeySource.GENERATED,
            private_key_type=PrivateKeyType.STANDARD,
            operations_event__created=rows.event(),
        )
    )
    found: model.CertificateSigned = rows.add(
        model.CertificateSigned(
            **{
                "timestamp_created": NOW,
                "timestamp_not_before": NOW - timedelta(days=60),
                "timestamp_not_after": NOW + timedelta(days=days),
                "key_technology": KeyTechnology.EC,
                "cert_pem": name,
                "cert_pem_md5": digest[:32],
                "spki_sha256": digest,
                "fingerprint_sha1": digest[:40],
                "fingerprint_sha256": digest,
                "serial": digest[:32],
                "cert_subject": f"CN={name}",
                "cert_issuer": "CN=E7",
                "unique_fqdn_set": unique_fqdn_sets.get_or_create(rows.ctx, [name]),
                "private_key": key,
                "operations_event__created": rows.event(),
                **facts,
            }
        )
    )
    return found


def test_figures_count_what_they_say(site: Site) -> None:
    with site.writing() as rows:
        certificate(rows, "a.example.com", 3)
        certificate(rows, "b.example.com", 20)
        certificate(rows, "c.example.com", -1)
        certificate(rows, "d.example.com", 3, is_active=False)
        renewed = certificate(rows, "e.example.com", 5)
        rows.order(None, "e.example.com", certificate_signed=renewed)
        rows.order(None, acme_status_order=OrderStatus.INVALID)
        found = overview.figures(rows.db, NOW, 30)
    assert (found.active, found.expired, found.soon, found.soon_by_hand) == (4, 1, 2, 1)
    assert (found.expiring, found.orders_open, found.orders_failed) == (4, 1, 1)


def test_expiry_by_day_starts_today_and_tells_planned_from_by_hand(site: Site) -> None:
    with site.writing() as rows:
        certificate(rows, "a.example.com", 0.1)
        planned = certificate(rows, "b.example.com", 2)
        rows.order(None, "b.example.com", certificate_signed=planned, is_auto_renew=True)
        found = overview.expiring_by_day(rows.db, NOW, 4)
    assert found == [Day(0, 1), Day(), Day(1, 0), Day()]


def test_overview_of_an_empty_database(site: Site) -> None:
    found = site.json("/index.json")
    assert found["figures"]["active"] == 0
    assert [need["word"] for need in found["needs"]] == ["limit"]
    assert "1 thing needs you" in site.get("").text


def test_overview_costs_a_bounded_number_of_queries(site: Site) -> None:
    with site.writing() as rows:
        for n in range(20):
            found = certificate(rows, f"n{n}.example.com", n)
            rows.order(None, f"n{n}.example.com", certificate_signed=found)
    with recorded(site.database.engine) as statements:
        site.get("")
    assert len([s for s in statements if s.lstrip("(").startswith("SELECT")]) <= 20


def test_what_needs_you_is_counted_in_words() -> None:
    zero = dict.fromkeys(overview.Figures.__dataclass_fields__, 0)
    found = overview.Figures(**{**zero, "expired": 1, "orders_failed": 2_000})
    texts = [need.text for need in index.what_needs_you(found)]
    assert texts[0] == "1 certificate in use is over already."
    assert texts[1] == "2,000 orders failed in the last 24 hours."


def test_scale_of_the_chart_is_round_and_nothing_is_invisible() -> None:
    assert [index.nice_top([Day(n)]) for n in (0, 10, 11, 21, 99, 101, 4_999)] == [
        10,
        10,
        20,
        50,
        100,
        200,
        5_000,
    ]
    assert index.chart([Day(1_000, 1)], NOW)[0].by_hand == 2.5


INI = {
    "certificate_authority": "pebble",
    "certificate_authority_protocol": "acme-v2",
    "sqlalchemy.url": "postgresql://peter:hunter2@db/peter",
}


def test_settings_page_masks_secrets(tmp_path: Path) -> None:
    site = Site(tmp_path)
    settings: Any = Settings.from_ini(INI, {})
    site.settings = settings
    assert "hunter2" not in site.get("/settings").text
    found = site.json("/settings.json")["settings"]["sqlalchemy.url"]
    assert "hunter2" not in found["value"]
    assert found["help"]
    site.close()


def test_settings_page_says_what_was_found_at_the_start(site: Site) -> None:
    settings: Any = Settings.from_ini(INI, {})
    site.settings = settings
    found = site.json("/settings.json")["runtime"]
    assert found["x509_backend"] == "cryptography"
    assert found["database"] == "sqlite"
    assert "cryptography" in site.get("/settings").text


def test_every_kind_and_action_is_in_the_help(site: Site) -> None:
    assert "AcmeOrder" in site.json("/help.json")["kinds"]
    endpoints = site.json("/api.json")["endpoints"]
    assert "/acme-order/{id}/acme-process.json" in endpoints
    paths = site.json("/api/openapi.json")["paths"]
    assert set(endpoints) <= set(paths)
    assert site.get("/api").status_int == site.get("/help").status_int == 200
