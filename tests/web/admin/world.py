"""A site that has one of each kind in each state that decides what may be done to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from peter_sslers import model
from peter_sslers.enums import (
    AuthorizationStatus,
    ChallengeStatus,
    ChallengeType,
    OrderStatus,
    ProcessingStatus,
)
from peter_sslers.lib.x509.pem import clean_pem, md5_hex

from .acme_site import NOW, Rows, Site
from .certificate_rows import EC256, RSA2048

NOBODY = "http://127.0.0.1:9"  # nothing listens there
KEY = clean_pem(RSA2048)


class World:
    """`ids` by name: numbers, and the texts that forms want."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids: dict[str, Any] = {"key": KEY, "md5": md5_hex(KEY), "a key": EC256}
        with site.writing() as rows:
            rows.placeholder()
            rows.add(model.DomainBlocklisted(domain_name="blocked.example.com"))
            made = {**self._accounts(rows)}
            made |= self._orders(rows, made["default account"])
            made |= self._parts(rows, made["pending order"])
            rows.db.flush()
            self.ids |= {name: row.id for name, row in made.items()}
            self.ids["contact"] = made["default account"].contact
            for kind in ("account", "provider"):
                found = [row.id for name, row in made.items() if kind in name.split()]
                self.ids[f"next {kind}"] = max(found) + 1

    def _accounts(self, rows: Rows) -> dict[str, Any]:
        here = rows.provider(is_default=True, directory=f"{NOBODY}/dir")
        other = rows.provider()
        old = {"protocol": "acme-v1", "directory": None, "endpoint": "https://v1.example.com"}
        found: dict[str, Any] = {
            "default provider": here,
            "other provider": other,
            "disabled provider": rows.provider(is_enabled=False),
            "old provider": rows.provider(**old),
            "default account": rows.account(
                here, KEY, is_global_default=True, account_url=f"{NOBODY}/account/1"
            ),
            "spare account": rows.account(here),
            "inactive account": rows.account(here, is_active=False),
            "ended account": rows.account(here, is_active=False, timestamp_deactivated=NOW),
            "account elsewhere": rows.account(other),
        }
        found["old account"] = rows.account(found["old provider"])
        key = found["default account"].acme_account_key
        key.spki_sha256 = self.site.x509.key(KEY).spki_sha256
        return found

    def _orders(self, rows: Rows, account: model.AcmeAccount) -> dict[str, Any]:
        def order(name: str, status: OrderStatus, **facts: Any) -> model.AcmeOrder:
            at = f"{NOBODY}/order/{name}"
            given = {"order_url": at, "finalize_url": f"{at}/finalize", **facts}
            return rows.order(account, f"{name}.example.com", acme_status_order=status, **given)

        failed = order("failed", OrderStatus.INVALID, is_auto_renew=False, is_processing=False)
        issued = order("issued", OrderStatus.VALID, is_processing=False)
        rows.certificate(issued)
        return {
            "pending order": order("pending", OrderStatus.PENDING),
            "ready order": order("ready", OrderStatus.READY),
            "valid order": order(
                "valid",
                OrderStatus.VALID,
                certificate_url=f"{NOBODY}/certificate/1",
                acme_order_processing_status=ProcessingStatus.ORDER_FINALIZED,
            ),
            "failed order": failed,
            "unsent order": order("unsent", OrderStatus.INVALID, order_url=None),
            "issued order": issued,
        }

    def _parts(self, rows: Rows, order: model.AcmeOrder) -> dict[str, Any]:
        name = order.domains_as_list[0]
        pending = rows.authorization(order, name, authorization_url=f"{NOBODY}/authz/1")
        proved = rows.authorization(
            order, name, acme_status_authorization=AuthorizationStatus.VALID
        )
        rows.db.refresh(pending)
        by_type = {c.acme_challenge_type: c for c in pending.acme_challenges}
        http_01 = by_type[ChallengeType.HTTP_01]
        http_01.challenge_url = f"{NOBODY}/chall/1"
        done = {"acme_status_challenge": ChallengeStatus.VALID}
        return {
            "pending authorization": pending,
            "proved authorization": proved,
            "authorization without URL": rows.authorization(order, authorization_url=""),
            "pending challenge": http_01,
            "dns-01 challenge": by_type[ChallengeType.DNS_01],
            "proved challenge": rows.challenge(proved, ChallengeType.TLS_ALPN_01, **done),
            "challenge without URL": rows.challenge(
                proved, ChallengeType.TLS_ALPN_01, challenge_url=None
            ),
        }

    def told(self, text: str) -> str:
        """The text with what its `{names}` stand for."""
        return re.sub(r"{([^}]+)}", lambda match: str(self.ids[match[1]]), text)

    def fields(self, *given: Mapping[str, str]) -> dict[str, str]:
        return {name: self.told(text) for fields in given for name, text in fields.items()}
