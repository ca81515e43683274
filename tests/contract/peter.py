"""The whole application over a database that has some of everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from webtest import TestApp

from peter_sslers import main, model
from peter_sslers.enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeStatus,
    CoverageAssuranceEventStatus,
    CoverageAssuranceEventType,
    OrderStatus,
    PrivateKeyStrategy,
    ProcessingStatus,
)
from peter_sslers.lib import schema
from peter_sslers.lib.actions import setup
from peter_sslers.lib.context import Context
from peter_sslers.settings import Settings
from peter_sslers.web.app import App

from .. import factories
from ..web.admin.acme_site import Rows
from ..web.admin.certificate_rows import CHAIN, CROSS_CHAIN, EC256, RSA2048, pem, request, store

ADMIN = "/.well-known/admin"
OBSERVED = Path(__file__).parent / "observed"
NAME = "example.com"  # the domain of the certificate
NOW = datetime.now(UTC)


def observed(name: str) -> Any:
    return json.loads((OBSERVED / f"{name}.json").read_text())


class Peter:
    """A client, and the ids of what the database has, by the kind's word in paths."""

    def __init__(self, folder: Path, **options: str) -> None:
        raw = {
            "sqlalchemy.url": f"sqlite:///{folder / 'ssl_minnow.sqlite'}",
            "enable_views_public": "true",
            "enable_views_admin": "true",
            "certificate_authority": "pebble",
            "certificate_authority_directory": "https://0.0.0.0:14000/dir",
            "certificate_authority_protocol": "acme-v2",
            **options,
        }
        self.app = App.make(Settings.from_ini(raw), raw)
        schema.upgrade(self.app.database.engine)
        ctx = self.app.context()
        setup.initialize(ctx)
        self.ids = fill(ctx)
        ctx.db.close()
        self.http = TestApp(main({}, **raw), extra_environ={"HTTP_HOST": "localhost"})

    def close(self) -> None:
        self.app.database.close_connections()
        self.app.servers.close()


def fill(ctx: Context) -> Mapping[str, int]:
    certificate = store(ctx, [CHAIN, CROSS_CHAIN], EC256)
    store(ctx, [pem("certificates/wildcard") + pem("chains/intermediate")], RSA2048)
    with ctx.commit():
        rows = Rows(ctx)
        pebble = rows.db.get(model.AcmeAccountProvider, 1)
        account = rows.account(
            pebble, RSA2048, is_global_default=True, account_url="https://ca.example.com/1"
        )
        other = rows.account(pebble, pem("keys/rsa3072"), account_url="https://ca.example.com/2")
        asked = request(rows, certificate.private_key, certificate.unique_fqdn_set)
        order = valid_order(rows, account, certificate, asked)
        challenge = pending_challenge(rows, account)
        unknown_poll(rows)
        soon_over(rows, certificate)
        return {
            "acme-account": account.id,
            "acme-authorization": challenge.acme_authorization_id or 0,
            "acme-challenge": challenge.id,
            "acme-event-log": 1,
            "acme-order": order.id,
            "certificate-ca": certificate.certificate_cas__upchain[0].id,
            "certificate-ca-chain": certificate.certificate_ca_chain_ids[0],
            "certificate-request": asked.id,
            "certificate-signed": certificate.id,
            "coverage-assurance-event": lost(rows, certificate).id,
            "domain": certificate.unique_fqdn_set.domains[0].id,
            "other account": other.id,
            "pending order": challenge.acme_authorization.acme_order_created.id,
            "private-key": certificate.private_key_id,
            "unique-fqdn-set": certificate.unique_fqdn_set_id,
        }


def unknown_poll(rows: Rows) -> None:
    rows.add(
        model.AcmeChallengeUnknownPoll(
            domain=NAME,
            challenge="none",
            timestamp_polled=NOW,
            timestamp_first=NOW,
            remote_ip_address=rows.address("192.0.2.9"),
        )
    )


def valid_order(
    rows: Rows,
    account: model.AcmeAccount,
    certificate: model.CertificateSigned,
    asked: model.CertificateRequest,
) -> model.AcmeOrder:
    """As it stands when its certificate was downloaded."""
    order = rows.order(
        account,
        NAME,
        acme_status_order=OrderStatus.VALID,
        acme_order_processing_status=ProcessingStatus.CERTIFICATE_DOWNLOADED,
        certificate_url="https://ca/certificate/1",
        certificate_request=asked,
        certificate_signed=certificate,
        private_key=certificate.private_key,
        private_key_strategy__final=PrivateKeyStrategy.DEFERRED_ASSOCIATE,
        timestamp_updated=NOW,
        is_auto_renew=True,
    )
    order.is_processing = None
    authorization = rows.authorization(
        order, NAME, acme_status_authorization=AuthorizationStatus.VALID, timestamp_updated=NOW
    )
    challenge = authorization.acme_challenges[0]
    challenge.acme_status_challenge = ChallengeStatus.VALID
    challenge.timestamp_updated = NOW
    rows.log(AcmeEvent.NEW_ORDER, acme_account_id=account.id, acme_order_id=order.id)
    rows.add(
        model.AcmeChallengePoll(
            acme_challenge=challenge, timestamp_polled=NOW, remote_ip_address=rows.address()
        )
    )
    return order


def pending_challenge(rows: Rows, account: model.AcmeAccount) -> Any:
    """The challenge of an order that waits for it."""
    order = rows.order(account, "pending.example.com", timestamp_updated=NOW, is_processing=True)
    return rows.authorization(order, "pending.example.com").acme_challenges[0]


def lost(rows: Rows, certificate: model.CertificateSigned) -> model.CoverageAssuranceEvent:
    """A report on it."""
    return rows.add(
        model.CoverageAssuranceEvent(
            timestamp_created=NOW,
            coverage_assurance_event_type=CoverageAssuranceEventType.CERTIFICATE_SIGNED_REVOKED_MARK,
            coverage_assurance_event_status=CoverageAssuranceEventStatus.REPORTED,
            private_key=certificate.private_key,
            certificate_signed=certificate,
        )
    )


def soon_over(rows: Rows, certificate: model.CertificateSigned) -> None:
    """One more certificate, active and about to run out, and one that is neither."""
    names, key = certificate.unique_fqdn_set, certificate.private_key
    for is_active in (True, False):
        factories.certificate(
            rows.db,
            unique_fqdn_set=names,
            private_key=key,
            certificate_signed_chains=[
                model.CertificateSignedChain(
                    certificate_ca_chain=certificate.certificate_ca_chains[0]
                )
            ],
            is_active=is_active,
            timestamp_not_after=NOW + timedelta(days=5),
        )
