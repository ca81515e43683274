"""A whole application with a row of each kind, and requests that nobody well-meaning sends."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from peter_sslers import enums, model
from peter_sslers.web.api_docs import form_fields
from peter_sslers.web.resource import Action
from peter_sslers.web.schemas import FormField

from .. import factories
from .whole import ADMIN, Whole, options

TEST_DATA = Path(__file__).parents[2] / "test_data"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
JSON = "application/json"

ACCOUNT_KEY = "a" * 32  # MD5 of the key of an account that may order
RETIRED_KEY = "b" * 32  # of one that is not active
FOREIGN_KEY = "c" * 32  # of a private key that is another account's own
BLOCKED = "blocked.example.com"

# What stands in a pattern for each part of a path.
PARTS = {"format": "pem", "json": "", "page": "1", "name": "peter.css", "challenge": "token"}

# All their fields are optional: an empty form is one that they act on.
ACT_WITHOUT_FIELDS = ("/acme-server/trigger", "/acme-server/revoke")


def data(name: str) -> bytes:
    """`keys/ed25519.pem`"""
    return (TEST_DATA / name).read_bytes()


class Target:
    """`whole` behind raw requests: bodies and headers go as they are."""

    def __init__(self, whole: Whole, folder: Path) -> None:
        self.whole = whole
        # Another connection's: it changes with every commit that changes anything.
        self._watch = sqlite3.connect(folder / "ssl_minnow.sqlite")
        self.actions: dict[str, Action] = {
            path: action for path, (_, action) in whole.wsgi.registry.resources.actions.items()
        }

    def close(self) -> None:
        self._watch.close()

    def send(
        self,
        path: str,
        body: bytes = b"",
        content_type: str = URLENCODED,
        method: str = "POST",
        **headers: str,
    ) -> Any:
        """`path` is below the admin root."""
        if body:
            headers["Content-Type"] = content_type
        sent = {"Host": "localhost", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.whole.client.request(
            f"{ADMIN}{path}", method=method, body=body, headers=sent, status="*"
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send(path, method="GET", **headers)

    def post(self, path: str, fields: Mapping[str, Any], **headers: str) -> Any:
        """A value in bytes goes as a file."""
        if any(isinstance(value, bytes) for value in fields.values()):
            files = [(n, "f", v) for n, v in fields.items() if isinstance(v, bytes)]
            texts = [(n, v) for n, v in fields.items() if not isinstance(v, bytes)]
            kind, body = self.whole.client.encode_multipart(texts, files)
            return self.send(path, body, kind, **headers)
        return self.send(path, urllib.parse.urlencode(fields, doseq=True).encode(), **headers)

    def refused(self, path: str, fields: Mapping[str, Any]) -> dict[str, str]:
        """The `form_errors`; both faces refuse the form, and nothing is written."""
        with self.untouched():
            told = self.post(f"{path}.json", fields)
            page = self.post(path, fields)
        assert told.status_code == 400, told.text
        assert told.json["result"] == "error"
        errors: dict[str, str] = told.json.get("form_errors") or {"Error_Main": told.json["error"]}
        assert errors["Error_Main"]
        if page.status_code == 303:  # an action without a page of its own
            page = self.get(
                page.location.partition(ADMIN)[2], Cookie=page.headers["Set-Cookie"].split(";")[0]
            )
            assert page.html.select(".flash.bad"), page.text
            return errors
        assert page.status_code == 400
        if self.actions[self.pattern_of(path)].always_json:
            assert page.json == told.json
            return errors
        assert page.html.select("#errors")
        assert_shown(page, errors)
        assert_kept(page, self.fields_of(path), fields)
        return errors

    def fields_of(self, path: str) -> dict[str, FormField]:
        if path.endswith(ACT_WITHOUT_FIELDS):
            return {}
        return form_fields(self.actions[self.pattern_of(path)])

    @staticmethod
    def pattern_of(path: str) -> str:
        return re.sub(r"/1(?=/|$)", "/{id}", path)

    def forms(self) -> list[str]:
        """The paths of actions that do nothing without at least one field."""
        return [
            pattern.replace("{id}", "1")
            for pattern, action in self.actions.items()
            if form_fields(action) and not getattr(action.schema, "may_be_empty", False)
        ]

    @contextlib.contextmanager
    def untouched(self) -> Iterator[None]:
        """No row of any table is written meanwhile."""
        before = self._version()
        yield
        assert self._version() == before, "something was written"

    def _version(self) -> int:
        (version,) = self._watch.execute("PRAGMA data_version").fetchone()
        return int(version)

    def patterns(self) -> list[str]:
        """Of every route below the admin root."""
        routes = self.whole.wsgi.routes_mapper.get_routes(include_static=True)
        found = ["/" + route.pattern.lstrip("/") for route in routes]
        return [p.removeprefix(ADMIN) for p in found if p.startswith(ADMIN)]


def path_of(pattern: str, **parts: str) -> str:
    """A path of a route; `id` is 1 where nothing else is said."""
    given = {**PARTS, **parts}
    return re.sub(
        r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}",
        lambda found: given.get(found[1], given.get("id", "1")),
        pattern,
    )


def assert_shown(page: Any, errors: Mapping[str, str]) -> None:
    """Each field's error stands in the page."""
    told = " ".join(page.html.get_text().split())
    for name, text in errors.items():
        if name != "Error_Main":
            assert " ".join(text.split()) in told, text


def assert_kept(page: Any, declared: Mapping[str, FormField], submitted: Mapping[str, Any]) -> None:
    """What was entered stands in the form, but for files, secrets and words that it has not."""
    form = page.forms[0]
    for name, value in submitted.items():
        field = declared.get(name)
        if field is None or field.kind in {"file", "password"} or not isinstance(value, str):
            continue
        control = form[name]
        words = [option[0] for option in getattr(control, "options", ())]
        if not words or value in words:
            assert visible(control.value) == visible(value), name


def visible(text: str) -> str:
    """Without what a parser of HTML takes away."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def fill(db: Session) -> None:
    """A row of each kind that pages show, each the first of its table."""
    provider = factories.provider(db, directory="http://127.0.0.1:9/dir")
    account = factories.account(db, acme_account_provider=provider, with_key=False)
    factories.account_key(db, acme_account=account, key_pem_md5=ACCOUNT_KEY)
    retired = factories.account(db, acme_account_provider=provider, with_key=False, is_active=False)
    factories.account_key(db, acme_account=retired, key_pem_md5=RETIRED_KEY)
    db.add(model.DomainBlocklisted(domain_name=BLOCKED))
    fqdns = factories.fqdns(db, "a.example.com")
    key = factories.private_key(db, key_pem=data("keys/ec256.pem").decode())
    factories.private_key(db, key_pem_md5=FOREIGN_KEY, acme_account__owner=retired)
    ca = factories.certificate_ca(db, cert_pem=data("chains/intermediate.pem").decode())
    factories.chain(db, ca)
    certificate = factories.certificate(
        db, cert_pem=data("chains/leaf.pem").decode(), private_key=key, unique_fqdn_set=fqdns
    )
    csr = data("requests/ec256.pem").decode()
    factories.certificate_request(db, private_key=key, unique_fqdn_set=fqdns, csr_pem=csr)
    order = factories.order(
        db, acme_account=account, unique_fqdn_set=fqdns, certificate_signed=certificate
    )
    factories.challenge(db, acme_authorization=factories.authorization(db, order))
    factories.challenge(db, acme_orderless=factories.orderless(db), domain=fqdns.domains[0])
    factories.acme_dns_server_account(db, domain=fqdns.domains[0])
    factories.queue_certificate(db, acme_account=account, unique_fqdn_set=fqdns)
    factories.queue_domain(db)
    db.add(
        model.CoverageAssuranceEvent(
            timestamp_created=factories.NOW,
            private_key=key,
            coverage_assurance_event_type=enums.CoverageAssuranceEventType.PRIVATE_KEY_COMPROMISED_MARK,
            coverage_assurance_event_status=enums.CoverageAssuranceEventStatus.REPORTED,
        )
    )


@pytest.fixture(scope="module")
def target(initialised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One for all tests of a module: who is refused changes nothing."""
    folder = tmp_path_factory.mktemp("target")
    shutil.copy(initialised, folder / "ssl_minnow.sqlite")
    whole = Whole(options(folder))
    with whole.app.database.session() as db, whole.app.database.writing(db):
        fill(db)
    found = Target(whole, folder)
    yield found
    found.close()
    whole.dispose()
