"""A real CA as a site's provider, and an account at it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peter_sslers import model

from ...services.pebble import Pebble
from .acme_site import Rows, Site

NEW_ACCOUNT = {
    "acme_account_provider_id": "1",
    "account__contact": "ops@example.com",
    "account__private_key_cycle": "single_certificate",
    "account__private_key_technology": "RSA",
}


def know(site: Site, ca: Pebble) -> None:
    """As the next provider, which is the first with the id 1."""
    with site.writing() as rows:
        rows.provider(
            directory=ca.directory_url,
            server=f"127.0.0.1:{ca.port}",
            name=f"pebble-{ca.port}",
            ca_bundle_pem=ca.ca_file.read_text(),
        )


def registered(site: Site, status: int = 200, **fields: str) -> Any:
    """The account of NEW_ACCOUNT as JSON; with another status, the whole answer."""
    answer = site.post("/acme-account/new.json", {**NEW_ACCOUNT, **fields}, status=status).json
    return answer["AcmeAccount"] if status == 200 else answer


def account(db: Session, number: int = 1) -> model.AcmeAccount:
    found = db.get(model.AcmeAccount, number)
    assert found is not None
    return found


def authorization(rows: Rows, order: model.AcmeOrder, url: str = "", **facts: Any) -> Any:
    """A pending one, at `url` if it is one that the CA has."""
    if url:
        facts["authorization_url"] = url
    return rows.authorization(order, order.domains_as_list[0], **facts)


def events_of(site: Site, word: str) -> list[dict[str, Any]]:
    """The payloads of the operations log, the oldest first, without their version."""
    with site.database.session() as db:
        query = select(model.OperationsEvent).order_by(model.OperationsEvent.id)
        found = [e for e in db.scalars(query) if e.operations_event_type == word]
        payloads = [json.loads(e.event_payload) for e in found]
    return [{k: v for k, v in payload.items() if k != "v"} for payload in payloads]


def objects_of(site: Site, word: str) -> set[str]:
    """What events of that type did to objects."""
    with site.database.session() as db:
        query = select(model.OperationsEvent)
        found = [e for e in db.scalars(query) if e.operations_event_type == word]
        return {str(row.operations_object_event_status) for e in found for row in e.object_events}


def words_logged(site: Site) -> set[str]:
    """The words of the AcmeEventLog."""
    with site.database.session() as db:
        return set(map(str, db.scalars(select(model.AcmeEventLog.acme_event))))
