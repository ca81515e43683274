"""Orders over the admin's pages at a real CA, in this process: a test can look into the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import select

from peter_sslers import model
from peter_sslers.lib import acme_v2
from peter_sslers.lib.actions.acme import client_of

from ...services.http01 import Http01
from ...services.pebble import Pebble
from .acme_site import Site

Row = TypeVar("Row")


class Answers(dict[str, str]):
    """The answers to challenges, as the public side gives them."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def get(self, token: str, default: Any = None) -> Any:
        query = select(model.AcmeChallenge.keyauthorization).where(
            model.AcmeChallenge.token == token
        )
        with self.site.database.session() as db:
            return db.scalar(query) or default


class Ordering:
    """A site with an account at a Pebble."""

    def __init__(self, site: Site, ca: Pebble, http01: Http01) -> None:
        self.site = site
        self.ca = ca
        http01.tokens = Answers(site)
        with site.writing() as rows:
            rows.placeholder()
            rows.provider(directory=ca.directory_url, ca_bundle_pem=ca.ca_file.read_text())
        self.account = site.post(
            "/acme-account/new.json",
            {
                "acme_account_provider_id": "1",
                "account__contact": "ops@example.com",
                "account__private_key_cycle": "single_certificate",
                "account__private_key_technology": "EC",
            },
        ).json["AcmeAccount"]

    @property
    def account_md5(self) -> str:
        return str(self.account["AcmeAccountKey"]["key_pem_md5"])

    def fields(self, *names: str, **more: str) -> dict[str, str]:
        return {
            "domain_names_http01": ",".join(names),
            "account_key_option": "account_key_existing",
            "account_key_existing": self.account_md5,
            "private_key_option": "private_key_for_account_key",
            "processing_strategy": "create_order",
            **more,
        }

    def order(self, *names: str, status: int = 200, **more: str) -> dict[str, Any]:
        fields = self.fields(*names, **more)
        answer = self.site.post("/acme-order/new/freeform.json", fields, status=status)
        order: dict[str, Any] = answer.json["AcmeOrder"]
        return order

    def post(self, path: str, fields: Any = "", status: int = 200) -> Any:
        return self.site.post(f"{path}.json", fields, status=status).json

    def page(self, path: str, fields: Any = "") -> str:
        """Where the HTML face of an action leads."""
        return self.site.location(self.site.post(path, fields, status=303))

    def do(self, order: dict[str, Any], action: str, fields: Any = "", status: int = 200) -> Any:
        return self.post(f"/acme-order/{order['id']}/{action}", fields, status)

    def shown(self, kind: str, number: int) -> dict[str, Any]:
        document = self.site.json(f"/{kind}/{number}.json")
        found: dict[str, Any] = next(v for k, v in document.items() if k.startswith("Acme"))
        return found

    def authorizations(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        ids = self.shown("acme-order", order["id"])["acme_authorization_ids"]
        return [self.shown("acme-authorization", number) for number in ids]

    def challenge(self, order: dict[str, Any], kind: str = "http_01") -> dict[str, Any]:
        """Of an order of one name, once its authorization was read."""
        self.do(order, "acme-server/sync-authorizations")
        (found,) = self.authorizations(order)
        return self.shown("acme-challenge", found[f"acme_challenge_{kind}_id"])

    @contextmanager
    def changing(self, kind: type[Row], number: int) -> Iterator[Row]:
        """As if it had come to be so."""
        with self.site.writing() as rows:
            row = rows.db.get(kind, number)
            assert row is not None
            yield row

    def forget_proofs(self, order: dict[str, Any]) -> None:
        """At the CA alone. Else Pebble takes one for the next order in one case of a hundred."""
        with self.site.database.session() as db:
            row = db.get(model.AcmeOrder, order["id"])
            assert row is not None
            client = client_of(self.site.context(db), row.acme_account)
            for authorization in row.acme_authorizations:
                acme_v2.authorizations.deactivate(client, authorization.authorization_url or "")

    def look(self, question: Callable[[Any], Any]) -> Any:
        with self.site.database.session() as db:
            return question(db)


def lost(url: str | None) -> str:
    """A URL of the same CA that it does not know."""
    return f"{(url or '').rpartition('/')[0]}/lost"
