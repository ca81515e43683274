"""Accounts: made, brought along, marked, shown."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import select
from webtest import Upload

from peter_sslers import model
from peter_sslers.enums import OperationsEventType

from .acme_site import NOW, ROOT, Site

FORM_ERROR = "There was an error with your form."
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def upload(**changes: Any) -> dict[str, Any]:
    fields = {
        "account_key_file_pem": Upload("key.pem", PEM.encode()),
        "acme_account_provider_id": "1",
        "account__contact": "ops@example.com",
        "account__private_key_cycle": "single_certificate",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def refused(answer: Any) -> dict[str, str]:
    assert answer.json["result"] == "error"
    errors: dict[str, str] = answer.json["form_errors"]
    return errors


def number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


def certbot(contact: str | None = "ops@example.com", **said: Any) -> dict[str, Any]:
    private = KEY.private_numbers()
    public = private.public_numbers
    jwk = {
        "kty": "RSA",
        "n": public.n,
        "e": public.e,
        "d": private.d,
        "p": private.p,
        "q": private.q,
        "dp": private.dmp1,
        "dq": private.dmq1,
        "qi": private.iqmp,
    }
    texts = {k: v if isinstance(v, str) else number(v).rstrip("=") for k, v in jwk.items()}
    registration = {
        "body": {"contact": [f"mailto:{contact}"]} if contact else {},
        "uri": "https://ca.example.com/acct/7",
        "terms_of_service": "https://ca.example.com/terms",
        **said,
    }
    return {
        "account_key_file_le_meta": Upload("meta.json", b"{}"),
        "account_key_file_le_pkey": Upload("private_key.json", json.dumps(texts).encode()),
        "account_key_file_le_reg": Upload("regr.json", json.dumps(registration).encode()),
        "account__private_key_cycle": "account_daily",
    }


@pytest.fixture
def with_provider(site: Site) -> Site:
    with site.writing() as rows:
        rows.provider(is_default=True, server="ca.example.com")
        rows.provider(is_enabled=False)
    return site


def test_account_says_whose_it_is_and_where_its_files_are(site: Site) -> None:
    with site.writing() as rows:
        rows.account(contact="ops@example.com")
    found = site.json("/acme-account/1.json")
    account = found["AcmeAccount"]
    assert account["contact"] == "ops@example.com"
    assert account["is_deactivated"] is False
    assert account["acme_account_provider_url"] == "https://ca2.example.com/dir"
    assert account["AcmeAccountKey"]["is_active"] is True
    base = f"http://localhost{ROOT}/acme-account/1/key"
    assert found["raw"] == {
        "pem.txt": f"{base}.pem.txt",
        "pem": f"{base}.pem",
        "der": f"{base}.key",
    }
    assert site.json("/acme-account/1/parse.json") == {"AcmeAccount": account}


def test_deactivated_account_tells_when(site: Site) -> None:
    with site.writing() as rows:
        rows.account(timestamp_deactivated=NOW, is_active=False)
    found = site.json("/acme-account/1.json")["AcmeAccount"]
    assert found["is_deactivated"] == "2026-11-24T12:00:00"


def test_key_is_handed_out_in_each_format(site: Site) -> None:
    with site.writing() as rows:
        rows.account(pem=PEM)
    pem = site.get("/acme-account/1/key.pem")
    assert (pem.content_type, pem.text) == ("application/x-pem-file", PEM)
    assert pem.headers["Cache-Control"] == "no-store"
    assert site.get("/acme-account/1/key.pem.txt").content_type == "text/plain"
    der = site.get("/acme-account/1/key.key")
    assert der.content_type == "application/pkcs8"
    assert load_der_private_key(der.body, None).private_numbers() == KEY.private_numbers()  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", ["pem", "pem.txt", "key"])
def test_account_without_active_key_has_no_files(site: Site, suffix: str) -> None:
    with site.writing() as rows:
        account = rows.account()
        account.acme_account_key.is_active = None
    site.get(f"/acme-account/1/key.{suffix}", status=404)
    assert site.json("/acme-account/1.json")["AcmeAccount"]["AcmeAccountKey"] is None


def test_page_shows_no_private_key(site: Site) -> None:
    with site.writing() as rows:
        rows.account(pem=PEM)
    assert "PRIVATE KEY" not in site.get("/acme-account/1")
    assert "PRIVATE KEY" not in site.get("/acme-account/1/acme-account-keys")


def test_upload_stores_an_account_once(with_provider: Site) -> None:
    first = with_provider.post("/acme-account/upload.json", upload()).json
    assert (first["result"], first["is_created"], first["is_existing"]) == ("success", True, False)
    assert first["AcmeAccount"]["account_url"] is None
    assert first["AcmeAccount"]["AcmeAccountKey"]["acme_account_key_source"] == "imported"
    again = upload(account__contact="OPS@example.com")
    second = with_provider.post("/acme-account/upload.json", again).json
    assert (second["is_created"], second["AcmeAccount"]["id"]) == (False, 1)


def test_upload_leads_to_the_account(with_provider: Site) -> None:
    first = with_provider.post("/acme-account/upload", upload(), status=303)
    at = "/acme-account/1?result=success&operation=upload"
    assert with_provider.location(first) == f"{at}&is_created=1"
    second = with_provider.post("/acme-account/upload", upload(), status=303)
    assert with_provider.location(second) == f"{at}&is_existing=1"


def test_uploads_key_may_come_as_text_and_as_elliptic_curve(with_provider: Site) -> None:
    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        .decode()
    )
    found = with_provider.post("/acme-account/upload.json", upload(account_key_file_pem=pem)).json
    assert found["AcmeAccount"]["AcmeAccountKey"]["key_technology"] == "EC"


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [
        ({"account__private_key_cycle": None}, "account__private_key_cycle"),
        ({"account__private_key_cycle": "hourly"}, "account__private_key_cycle"),
        ({"account__contact": None}, "account__contact"),
        ({"account__contact": "nobody"}, "account__contact"),
        ({"acme_account_provider_id": None}, "acme_account_provider_id"),
        ({"acme_account_provider_id": "2"}, "acme_account_provider_id"),
        ({"acme_account_provider_id": "99"}, "acme_account_provider_id"),
        ({"acme_account_provider_id": "one"}, "acme_account_provider_id"),
        ({"account_key_file_pem": "no pem"}, "account_key_file_pem"),
        (
            {"account_key_file_pem": PEM.replace("MII", "AAA")},
            "account_key_file_pem",
        ),
        ({"account_key_file_pem": None}, None),
        (certbot(), None),
        ({"account_key_file_pem": None, "account_key_file_le_meta": "{}"}, None),
        (
            {**certbot(), "account_key_file_pem": None, "account_key_file_le_meta": "{"},
            "account_key_file_le_meta",
        ),
        (
            {**certbot(), "account_key_file_pem": None, "account_key_file_le_pkey": "{}"},
            "account_key_file_le_pkey",
        ),
        (
            {
                **certbot(),
                "account_key_file_pem": None,
                "account_key_file_le_reg": '{"uri": "https://elsewhere.example.com/1"}',
            },
            "account_key_file_le_reg",
        ),
    ],
)
def test_upload_says_what_is_wrong(
    with_provider: Site, changes: dict[str, Any], at_fault: str | None
) -> None:
    answer = with_provider.post("/acme-account/upload.json", upload(**changes), status=400)
    errors = refused(answer)
    assert errors["Error_Main"].startswith(FORM_ERROR)
    assert set(errors) - {"Error_Main"} == ({at_fault} if at_fault else set())


@pytest.mark.parametrize(
    "changes",
    [
        {"account_key_file_pem": None, **certbot(), "account_key_file_pem_": None},
        {"account__contact": "other@example.com"},
    ],
)
def test_known_key_of_another_account_is_a_conflict(
    with_provider: Site, changes: dict[str, Any]
) -> None:
    with_provider.post("/acme-account/upload.json", upload(account__contact="first@example.com"))
    answer = with_provider.post("/acme-account/upload.json", upload(**changes), status=400)
    assert "already associated with another AcmeAccount" in refused(answer)["Error_Main"]


def test_known_contact_with_another_key_is_a_conflict(with_provider: Site) -> None:
    with_provider.post("/acme-account/upload.json", upload())
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    answer = with_provider.post(
        "/acme-account/upload.json", upload(account_key_file_pem=other.decode()), status=400
    )
    assert refused(answer)["Error_Main"] == (
        f"{FORM_ERROR} The submitted AcmeAccountProvider and contact info is already associated "
        "with another AcmeAccountKey."
    )


@pytest.mark.parametrize("page", ["new", "upload"])
def test_help_names_the_enabled_providers(with_provider: Site, page: str) -> None:
    options = with_provider.json(f"/acme-account/{page}.json")["valid_options"]
    assert options["acme_account_provider_id"] == {"1": "ca1 (https://ca1.example.com/dir)"}
    assert options["account__private_key_cycle"][0] == "single_certificate"
    assert with_provider.get(f"/acme-account/{page}").forms


def test_new_account_without_any_field(with_provider: Site) -> None:
    answer = with_provider.post("/acme-account/new.json", status=400)
    assert refused(answer) == {"Error_Main": "Nothing submitted."}


@pytest.mark.parametrize("field", ["acme_account_provider_id", "account__contact"])
def test_new_account_names_the_missing_field(with_provider: Site, field: str) -> None:
    fields = {
        "acme_account_provider_id": "1",
        "account__contact": "ops@example.com",
        "account__private_key_cycle": "single_certificate",
        "account__private_key_technology": "RSA",
    }
    del fields[field]
    answer = with_provider.post("/acme-account/new.json", fields, status=400)
    assert set(refused(answer)) == {field, "Error_Main"}


def test_new_account_at_a_ca_that_is_out_of_reach_stores_nothing(site: Site) -> None:
    with site.writing() as rows:
        rows.provider(directory="http://127.0.0.1:9/dir")
    fields = {
        "acme_account_provider_id": "1",
        "account__contact": "ops@example.com",
        "account__private_key_cycle": "single_certificate",
        "account__private_key_technology": "RSA",
    }
    answer = site.post("/acme-account/new.json", fields, status=502)
    assert answer.json["result"] == "error"
    assert site.json("/acme-accounts.json")["AcmeAccounts"] == {}


class TestMark:
    @pytest.fixture
    def marked(self, site: Site) -> Site:
        with site.writing() as rows:
            provider = rows.provider(is_default=True)
            rows.account(provider, is_global_default=True)
            rows.account(provider)
            rows.account(rows.provider())
            rows.account(provider, is_active=False, timestamp_deactivated=NOW)
        return site

    def test_default_moves(self, marked: Site) -> None:
        found = marked.post("/acme-account/2/mark.json", {"action": "global_default"}).json
        assert found["AcmeAccount"]["is_global_default"] is True
        assert marked.json("/acme-account/1.json")["AcmeAccount"]["is_global_default"] is False

    def test_default_is_logged_with_the_former_one(self, marked: Site) -> None:
        marked.post("/acme-account/2/mark.json", {"action": "global_default"})
        kind = OperationsEventType.ACME_ACCOUNT_MARK
        with marked.database.session() as db:
            event = db.scalar(
                select(model.OperationsEvent).where(
                    model.OperationsEvent.operations_event_type == kind
                )
            )
            assert event is not None
            assert event.event_payload_json["acme_account_id.former_default"] == 1
            words = {row.operations_object_event_status for row in event.object_events}
        assert words == {"AcmeAccount__mark__default", "AcmeAccount__mark__notdefault"}

    def test_inactive_and_active_again(self, marked: Site) -> None:
        found = marked.post("/acme-account/2/mark.json", {"action": "inactive"}).json
        assert found["AcmeAccount"]["is_active"] is False
        answer = marked.post("/acme-account/2/mark", {"action": "active"}, status=303)
        assert marked.location(answer) == (
            "/acme-account/2?result=success&operation=mark&action=active"
        )

    @pytest.mark.parametrize(
        ("number", "action", "text"),
        [
            (1, "active", "Already activated."),
            (4, "inactive", "Already deactivated."),
            (1, "global_default", "Already global default."),
            (1, "inactive", None),
            (4, "active", None),
            (3, "global_default", None),
            (4, "global_default", None),
        ],
    )
    def test_refusals(self, marked: Site, number: int, action: str, text: str | None) -> None:
        path = f"/acme-account/{number}/mark.json"
        main = refused(marked.post(path, {"action": action}, status=400))["Error_Main"]
        assert main.startswith(FORM_ERROR)
        assert text is None or main == f"{FORM_ERROR} {text}"

    def test_refusal_on_the_page(self, marked: Site) -> None:
        answer = marked.post("/acme-account/1/mark", {"action": "active"}, status=303)
        assert marked.location(answer) == (
            "/acme-account/1?result=error&error=Error_Main--There+was+an+error+with+your+form."
            "+Already+activated.&operation=mark&action=active"
        )

    def test_get_explains(self, marked: Site) -> None:
        assert marked.location(marked.get("/acme-account/1/mark", status=303)) == (
            "/acme-account/1?result=error&error=post+required&operation=mark"
        )
        options = marked.json("/acme-account/1/mark.json")["valid_options"]
        assert options == {"action": ["global_default", "active", "inactive"]}

    def test_wrong_word(self, marked: Site) -> None:
        answer = marked.post("/acme-account/1/mark.json", {"action": "x"}, status=400)
        assert refused(answer)["action"] == (
            "Value must be one of: global_default; active; inactive (not 'x')"
        )


def test_account_of_an_old_protocol_can_not_authenticate(site: Site) -> None:
    with site.writing() as rows:
        provider = rows.provider(
            protocol="acme-v1", directory=None, endpoint="https://v1.example.com"
        )
        rows.account(provider)
    path = "/acme-account/1/acme-server/authenticate"
    text = "This AcmeAccount can not Authenticate"
    assert site.get(f"{path}.json", status=409).json["error"] == text
    assert site.post(f"{path}.json", status=409).json["error"] == text
    assert site.location(site.get(path, status=303)) == (
        "/acme-account/1?result=error&error=This+AcmeAccount+can+not+Authenticate"
        "&operation=acme-server--authenticate"
    )
