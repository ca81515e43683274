"""The admin of the ACME kinds over an empty database, and rows for it."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import create_mock_engine
from webtest import TestApp

from peter_sslers import model
from peter_sslers.enums import (
    AccountKeySource,
    AcmeEvent,
    AuthorizationStatus,
    ChallengeStatus,
    ChallengeType,
    KeyTechnology,
    OperationsEventType,
    OrderStatus,
    OrderType,
    PrivateKeyCycle,
    PrivateKeySource,
    PrivateKeyStrategy,
    PrivateKeyType,
    ProcessingStatus,
    ProcessingStrategy,
)
from peter_sslers.lib import x509
from peter_sslers.lib.acme_v2 import Servers
from peter_sslers.lib.context import Context
from peter_sslers.lib.database import Database
from peter_sslers.lib.edge import Edge
from peter_sslers.lib.store import events, unique_fqdn_sets
from peter_sslers.lib.x509.pem import md5_hex
from peter_sslers.web import admin, failures
from peter_sslers.web.register import begin

ROOT = "/.well-known/admin"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SETTINGS = SimpleNamespace(
    aia_private_addresses=False,
    autocert_domains=(),
    autocert_known_only=False,
    autocert_max_per_hour=60,
    autocert_max_per_hour_per_domain=5,
    block_competing_challenges=True,
    cleanup_pending_authorizations=True,
    acme_http01_self_check=False,
    acme_wait_s=20.0,
    certificate_authority="",
    certificate_authorities_enable=(),
    certificate_authority_ca_bundle="",
    certificate_authority_testing=False,
    expiring_days=30,
    queue_domains_max_per_cert=100,
    queue_domains_min_per_cert=1,
)


@functools.cache
def _tables() -> str:
    """The statements that make all tables: worked out once, run for each test."""
    statements: list[str] = []
    engine = create_mock_engine(
        "sqlite://",
        lambda sql, *_, **__: statements.append(str(sql.compile(dialect=engine.dialect))),
    )
    model.Base.metadata.create_all(engine, checkfirst=False)
    return ";\n".join(["PRAGMA synchronous=OFF", "BEGIN", *statements, "COMMIT"])


def _make_tables(database: Database) -> None:
    connection = database.engine.raw_connection()
    connection.executescript(_tables())  # type: ignore[attr-defined]
    connection.close()


@functools.cache
def _application() -> Any:
    """One for all tests: the site of a request stands in its environment."""

    def pages(config: Configurator) -> None:
        begin(config)
        config.include(admin)

    def context(request: Request) -> Context:
        site: Site = request.environ["tests.site"]
        session = site.database.session()
        request.add_finished_callback(lambda _: session.close())
        return site.context(session)

    config = Configurator()
    config.add_request_method(context, "ctx", reify=True)
    config.add_request_method(lambda r: r.environ["tests.site"].database, "database", property=True)
    config.add_request_method(lambda r: r.environ["tests.site"].edge, "edge", property=True)
    config.include(pages, route_prefix=ROOT)
    failures.add_views(config)
    return config.make_wsgi_app()


class Site:
    """A client of the admin, and its database. `http://localhost` is its host."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.database = Database.from_settings(
            {"sqlalchemy.url": f"sqlite:///{folder / 'acme.sqlite'}"}
        )
        _make_tables(self.database)
        self.x509 = x509.choose()
        self.servers = Servers()
        self.edge: Edge | None = None
        self.settings = SimpleNamespace(**{**vars(SETTINGS), **settings})
        self.http = TestApp(_application(), extra_environ={"tests.site": self})

    def context(self, session: Any) -> Context:
        settings: Any = self.settings
        return Context(self.database, session, settings, self.x509, self.servers, edge=self.edge)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Rows]:
        with self.database.session() as session:
            ctx = self.context(session)
            with ctx.commit():
                yield Rows(ctx)

    def get(self, path: str, **kw: Any) -> Any:
        return self.http.get(ROOT + path, **kw)

    def json(self, path: str, **kw: Any) -> Any:
        return self.get(path, **kw).json

    def post(self, path: str, fields: Any = "", **kw: Any) -> Any:
        return self.http.post(ROOT + path, fields, **kw)

    @staticmethod
    def location(answer: Any) -> str:
        return str(answer.headers["Location"]).removeprefix(f"http://localhost{ROOT}")

    def close(self) -> None:
        self.servers.close()
        self.database.close_connections()


class Rows:
    """Makes rows; inside a commit."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.db = ctx.db
        self._number = itertools.count(1)

    def add(self, row: Any) -> Any:
        self.db.add(row)
        self.db.flush()
        return row

    def event(self) -> model.OperationsEvent:
        return events.record(self.ctx, OperationsEventType.ACME_ACCOUNT_INSERT)

    def provider(self, **facts: Any) -> model.AcmeAccountProvider:
        n = next(self._number)
        return self.add(
            model.AcmeAccountProvider(
                **{
                    "timestamp_created": NOW,
                    "name": f"ca{n}",
                    "directory": f"https://ca{n}.example.com/dir",
                    "server": f"ca{n}.example.com",
                    "protocol": "acme-v2",
                    "is_enabled": True,
                    "is_default": None,
                    **facts,
                }
            )
        )

    def account(
        self, provider: model.AcmeAccountProvider | None = None, pem: str = "", **facts: Any
    ) -> model.AcmeAccount:
        """With an active key; without a PEM it is none that signs."""
        n = next(self._number)
        account = self.add(
            model.AcmeAccount(
                **{
                    "timestamp_created": NOW,
                    "contact": f"ops{n}@example.com",
                    "is_active": True,
                    "acme_account_provider": provider or self.provider(),
                    "private_key_cycle": PrivateKeyCycle.SINGLE_CERTIFICATE,
                    "private_key_technology": KeyTechnology.RSA,
                    "operations_event__created": self.event(),
                    **facts,
                }
            )
        )
        self.account_key(account, pem or f"-----BEGIN PRIVATE KEY-----\nkey {n}\n")
        return account

    def account_key(
        self, account: model.AcmeAccount, pem: str, **facts: Any
    ) -> model.AcmeAccountKey:
        key = self.add(
            model.AcmeAccountKey(
                **{
                    "acme_account_id": account.id,
                    "is_active": True,
                    "timestamp_created": NOW,
                    "key_technology": KeyTechnology.RSA,
                    "key_pem": pem,
                    "key_pem_md5": md5_hex(pem),
                    "spki_sha256": md5_hex(pem).upper() * 2,
                    "acme_account_key_source": AccountKeySource.IMPORTED,
                    "operations_event__created": self.event(),
                    **facts,
                }
            )
        )
        self.db.expire(account)
        return key

    def placeholder(self) -> model.PrivateKey:
        found = self.db.get(model.PrivateKey, 0)
        return found or self.add(
            model.PrivateKey(
                id=0,
                timestamp_created=NOW,
                key_technology=KeyTechnology.RSA,
                key_pem="*placeholder-key*",
                key_pem_md5="placeholder",
                spki_sha256="placeholder",
                private_key_source=PrivateKeySource.PLACEHOLDER,
                private_key_type=PrivateKeyType.PLACEHOLDER,
                operations_event__created=self.event(),
            )
        )

    def order(
        self, account: model.AcmeAccount | None = None, *names: str, **facts: Any
    ) -> model.AcmeOrder:
        """Made at its CA and pending, its authorizations not read yet."""
        n = next(self._number)
        names = names or (f"n{n}.example.com",)
        order = self.add(
            model.AcmeOrder(
                **{
                    "timestamp_created": NOW,
                    "timestamp_expires": NOW + timedelta(days=7),
                    "acme_order_type": OrderType.NEW,
                    "acme_status_order": OrderStatus.PENDING,
                    "acme_order_processing_strategy": ProcessingStrategy.CREATE_ORDER,
                    "acme_order_processing_status": ProcessingStatus.CREATED_ACME,
                    "order_url": f"https://ca.example.com/order/{n}",
                    "finalize_url": f"https://ca.example.com/order/{n}/finalize",
                    "acme_account": account or self.account(),
                    "private_key__requested": self.placeholder(),
                    "private_key": self.placeholder(),
                    "private_key_strategy__requested": PrivateKeyStrategy.DEFERRED_ASSOCIATE,
                    "unique_fqdn_set": unique_fqdn_sets.get_or_create(self.ctx, names),
                    **facts,
                }
            )
        )
        self.db.refresh(order)
        return order

    def authorization(
        self, order: model.AcmeOrder, name: str = "", **facts: Any
    ) -> model.AcmeAuthorization:
        """As yet unread, or with a name pending with a challenge of each usual type."""
        n = next(self._number)
        domain = next((d for d in order.unique_fqdn_set.domains if d.domain_name == name), None)
        status = AuthorizationStatus.PENDING if name else AuthorizationStatus.DISCOVERED
        authorization = self.add(
            model.AcmeAuthorization(
                **{
                    "authorization_url": f"https://ca.example.com/authz/{n}",
                    "timestamp_created": NOW,
                    "acme_status_authorization": status,
                    "acme_order_created": order,
                    "domain": domain,
                    **facts,
                }
            )
        )
        self.add(
            model.AcmeOrder2AcmeAuthorization(acme_order=order, acme_authorization=authorization)
        )
        for kind in (ChallengeType.HTTP_01, ChallengeType.DNS_01) if domain else ():
            self.challenge(authorization, kind)
        return authorization

    def challenge(
        self, authorization: model.AcmeAuthorization, kind: ChallengeType, **facts: Any
    ) -> model.AcmeChallenge:
        n = next(self._number)
        return self.add(
            model.AcmeChallenge(
                **{
                    "acme_authorization": authorization,
                    "domain": authorization.domain,
                    "acme_challenge_type": kind,
                    "acme_status_challenge": ChallengeStatus.PENDING,
                    "challenge_url": f"https://ca.example.com/chall/{n}",
                    "timestamp_created": NOW,
                    "token": f"token{n}",
                    "keyauthorization": f"token{n}.thumbprint",
                    **facts,
                }
            )
        )

    def certificate(self, order: model.AcmeOrder) -> model.CertificateSigned:
        """Of an order; it is none that parses."""
        digest = f"{next(self._number):064X}"
        certificate = self.add(
            model.CertificateSigned(
                timestamp_created=NOW,
                timestamp_not_before=NOW,
                timestamp_not_after=NOW + timedelta(days=90),
                is_single_domain_cert=True,
                key_technology=KeyTechnology.RSA,
                cert_pem=f"-----BEGIN CERTIFICATE-----\n{digest}\n",
                cert_pem_md5=digest[-32:],
                spki_sha256=digest,
                fingerprint_sha1=digest[-40:],
                fingerprint_sha256=digest,
                serial=digest,
                cert_subject="CN=a",
                cert_issuer="CN=b",
                unique_fqdn_set=order.unique_fqdn_set,
                private_key=order.private_key,
                operations_event__created=self.event(),
            )
        )
        order.certificate_signed = certificate
        order.acme_status_order = OrderStatus.VALID
        return certificate

    def address(self, text: str = "192.0.2.1") -> model.RemoteIpAddress:
        return self.add(model.RemoteIpAddress(remote_ip_address=text, timestamp_created=NOW))

    def log(self, kind: AcmeEvent, **facts: Any) -> model.AcmeEventLog:
        return self.add(model.AcmeEventLog(timestamp_event=NOW, acme_event=kind, **facts))
