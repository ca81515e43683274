"""Orders: the form's checks, marks, what the page and the JSON say. None of it needs a CA."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import (
    AcmeEvent,
    AuthorizationStatus,
    ChallengeType,
    OperationsEventType,
    OrderStatus,
)

from .acme_site import NOW, ROOT, Site

FORM_ERROR = "There was an error with your form."
FORM = "/acme-order/new/freeform"


def fields(**changes: Any) -> dict[str, Any]:
    """A form that is right but for the changes; None leaves a field out."""
    right = {
        "domain_names_http01": "a.example.com",
        "account_key_option": "account_key_existing",
        "account_key_existing": KEY_MD5,
        "private_key_option": "private_key_for_account_key",
        "processing_strategy": "create_order",
        **changes,
    }
    return {name: value for name, value in right.items() if value is not None}


KEY_MD5 = "0123456789abcdef0123456789abcdef"
PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


@pytest.fixture
def ready(site: Site) -> Site:
    """With an account at a CA that nobody can reach, and what every installation has."""
    with site.writing() as rows:
        account = rows.account(rows.provider(directory="http://127.0.0.1:9/dir"), PEM)
        account.acme_account_key.key_pem_md5 = KEY_MD5
        account.account_url = "http://127.0.0.1:9/account/1"
        rows.placeholder()
    return site


def refused(site: Site, **changes: Any) -> dict[str, str]:
    answer = site.post(f"{FORM}.json", fields(**changes), status=400).json
    assert answer["result"] == "error"
    errors: dict[str, str] = answer["form_errors"]
    assert errors["Error_Main"].startswith(FORM_ERROR)
    return errors


def test_nothing_submitted(ready: Site) -> None:
    answer = ready.post(f"{FORM}.json", status=400).json
    assert answer["form_errors"] == {"Error_Main": "Nothing submitted."}


@pytest.mark.parametrize(
    "missing", ["account_key_option", "private_key_option", "processing_strategy"]
)
def test_required_field_is_missed(ready: Site, missing: str) -> None:
    assert refused(ready, **{missing: None}) == {missing: "Missing value", "Error_Main": FORM_ERROR}


def test_fields_that_can_be_derived_are_not_needed(ready: Site) -> None:
    answer = ready.post(f"{FORM}.json", fields(), status=502)
    assert "form_errors" not in answer.json


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("processing_strategy", "x", "create_order; process_single; process_multi"),
        (
            "account_key_option",
            "account_key_reuse",
            "account_key_global_default; account_key_existing; account_key_file",
        ),
        ("private_key_option", "private_key_reuse", "private_key_generate; private_key_existing"),
        ("private_key_cycle__renewal", "x", "account_key_default"),
        ("account__private_key_cycle", "account_key_default", "single_certificate"),
    ],
)
def test_wrong_word_is_answered_with_the_right_ones(
    ready: Site, field: str, value: str, words: str
) -> None:
    text = refused(ready, **{field: value})[field]
    assert text.startswith("Value must be one of: ")
    assert words in text
    assert text.endswith(f"(not '{value}')")


@pytest.mark.parametrize(
    ("changes", "field", "main"),
    [
        ({"domain_names_http01": None}, "domain_names_http01", ""),
        ({"domain_names_http01": ""}, "domain_names_http01", ""),
        ({"domain_names_http01": " , "}, None, "no domain names submitted"),
        ({"domain_names_http01": "a_b.example.com"}, None, "invalid domain names detected"),
        ({"domain_names_http01": "*.example.com"}, None, "invalid domain names detected"),
        ({"domain_names_http01": None, "domain_names_dns01": "a"}, None, "invalid domain names"),
        (
            {"domain_names_dns01": "A.example.com"},
            None,
            "a domain name can only be associated to one challenge type",
        ),
    ],
)
def test_names_that_are_none(
    ready: Site, changes: dict[str, Any], field: str | None, main: str
) -> None:
    errors = refused(ready, **changes)
    assert main in errors["Error_Main"]
    if field:
        assert errors[field] == "Please enter a value"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account_key_existing": None}, "account_key_existing"),
        ({"account_key_existing": "0" * 32}, "account_key_existing"),
        (
            {"account_key_option": "account_key_global_default"},
            "account_key_global_default",
        ),
        (
            {
                "account_key_option": "account_key_global_default",
                "account_key_global_default": KEY_MD5,
            },
            "account_key_global_default",
        ),
        ({"account_key_option": "account_key_file"}, None),
        ({"private_key_option": "private_key_existing"}, "private_key_existing"),
        (
            {"private_key_option": "private_key_existing", "private_key_existing": "0" * 32},
            "private_key_existing",
        ),
        ({"private_key_option": "private_key_file"}, "private_key_file_pem"),
        ({"private_key_option": "private_key_file_pem"}, "private_key_file_pem"),
        (
            {"private_key_option": "private_key_file", "private_key_file_pem": "x"},
            "private_key_file_pem",
        ),
    ],
)
def test_account_and_key_that_are_not_here(
    ready: Site, changes: dict[str, Any], field: str | None
) -> None:
    errors = refused(ready, **changes)
    assert set(errors) == ({field, "Error_Main"} if field else {"Error_Main"})


def test_inactive_account_is_not_taken(ready: Site) -> None:
    with ready.writing() as rows:
        rows.db.get(model.AcmeAccount, 1).is_active = False
    assert "account_key_existing" in refused(ready)


def test_blocklisted_names_are_told(ready: Site) -> None:
    with ready.writing() as rows:
        rows.add(model.DomainBlocklisted(domain_name="a.example.com"))
    assert refused(ready)["Error_Main"] == (
        f"{FORM_ERROR} The following Domains are blocklisted: a.example.com"
    )


def test_names_for_dns_01_need_an_acme_dns_server(ready: Site) -> None:
    errors = refused(ready, domain_names_http01=None, domain_names_dns01="*.example.com")
    assert errors["Error_Main"] == (
        f"{FORM_ERROR} The following Domains are not configured with ACME-DNS: example.com"
    )


def test_name_with_an_active_challenge_is_a_conflict(ready: Site) -> None:
    with ready.writing() as rows:
        order = rows.order(rows.db.get(model.AcmeAccount, 1), "a.example.com")
        rows.authorization(order, "a.example.com")
    text = (
        "One or more domains already have active challenges: "
        "`a.example.com` (dns-01), `a.example.com` (http-01)."
    )
    assert ready.post(f"{FORM}.json", fields(), status=409).json == {
        "result": "error",
        "error": text,
    }
    page = ready.post(FORM, fields(), status=409)
    assert page.form["domain_names_http01"].value == "a.example.com"
    assert "already have active challenges" in page


def test_setting_lets_challenges_compete(ready: Site) -> None:
    ready.settings.block_competing_challenges = False
    with ready.writing() as rows:
        order = rows.order(rows.db.get(model.AcmeAccount, 1), "a.example.com")
        rows.authorization(order, "a.example.com")
    ready.post(f"{FORM}.json", fields(), status=502)


def test_ca_out_of_reach_leads_to_the_order_that_was_stored(ready: Site) -> None:
    answer = ready.post(f"{FORM}.json", fields(), status=502).json
    assert answer["result"] == "error"
    assert answer["AcmeOrder"]["order_url"] is None
    assert answer["AcmeOrder"]["error"] == answer["error"]
    page = ready.post(FORM, fields(domain_names_http01="b.example.com"), status=303)
    at = ready.location(page)
    assert at.startswith("/acme-order/2?result=error&error=")
    assert at.endswith("&operation=new+freeform")


def test_form_is_filled_from_the_query_and_has_safe_defaults(ready: Site) -> None:
    form = ready.get(f"{FORM}?domain_names_http01=a.example.com&domain_names_dns01=b.example").form
    assert form["domain_names_http01"].value == "a.example.com"
    assert form["domain_names_dns01"].value == "b.example"
    assert form["processing_strategy"].value == "create_order"
    assert form["private_key_option"].value == "private_key_for_account_key"
    assert form["account_key_option"].value == "account_key_existing"


def test_form_offers_the_global_default(ready: Site) -> None:
    with ready.writing() as rows:
        rows.db.get(model.AcmeAccount, 1).is_global_default = True
    form = ready.get(FORM).form
    assert form["account_key_option"].value == "account_key_global_default"
    assert form["account_key_global_default"].value == KEY_MD5


def test_form_keeps_what_was_entered(ready: Site) -> None:
    page = ready.post(FORM, fields(domain_names_http01="a_b.example.com"), status=400)
    assert page.form["domain_names_http01"].value == "a_b.example.com"
    assert page.form["account_key_existing"].value == KEY_MD5


def test_help_has_every_field_and_no_private_key(ready: Site) -> None:
    with ready.writing() as rows:
        rows.db.get(model.AcmeAccount, 1).is_global_default = True
    answer = ready.get(f"{FORM}.json")
    assert "PRIVATE KEY" not in answer
    document = answer.json
    assert set(document["form_fields"]) >= {
        "domain_names_http01",
        "domain_names_dns01",
        "processing_strategy",
        "account_key_option",
        "account_key_global_default",
        "account_key_existing",
        "account_key_file_pem",
        "acme_account_provider_id",
        "account_key_file_le_meta",
        "account_key_file_le_pkey",
        "account_key_file_le_reg",
        "account__contact",
        "account__private_key_cycle",
        "private_key_option",
        "private_key_existing",
        "private_key_file_pem",
        "private_key_cycle__renewal",
    }
    options = document["valid_options"]
    default = options["AcmeAccount_GlobalDefault"]
    assert default["AcmeAccountKey"]["key_pem_md5"] == KEY_MD5
    assert options["processing_strategy"] == ["create_order", "process_single", "process_multi"]
    assert document["form_fields_related"][1] == ["domain_names_http01", "domain_names_dns01"]
    assert document["requirements"]
    assert document["example"]


def pending(site: Site, **facts: Any) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com", "b.example.com", **facts)
        rows.authorization(order, "a.example.com")
        rows.authorization(order)
        rows.log(AcmeEvent.NEW_ORDER, acme_order_id=order.id)


def shown(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.json("/acme-order/1.json")["AcmeOrder"]
    return found


def test_pending_order_tells_what_is_left(site: Site) -> None:
    pending(site)
    order = shown(site)
    steps = order["acme_process_steps"]
    assert [is_open for is_open, _ in steps["authorizations"]] == [True, True]
    assert steps["authorizations"][0][1]["domain"]["domain_name"] == "a.example.com"
    assert steps["authorizations_remaining"] == 2
    assert (steps["finalize"], steps["download"], steps["next_step"]) == (True, None, "challenge")
    assert order["PrivateKey"] == {"id": 0, "key_pem_md5": None}
    assert order["private_key_strategy__final"] == ""
    assert order["domains_challenged"] == {
        "http-01": ["a.example.com", "b.example.com"],
        "dns-01": None,
        "tls-alpn-01": None,
    }
    at = f"http://localhost{ROOT}/acme-order/1"
    assert order["url_acme_server_sync"] == f"{at}/acme-server/sync.json"
    assert order["url_acme_process"] == f"{at}/acme-process.json"
    assert order["url_acme_certificate_signed_download"] is None


def test_order_of_an_account_without_key_is_shown(site: Site) -> None:
    with site.writing() as rows:
        account = rows.account()
        account.acme_account_key.is_active = None
        rows.order(account)
    assert shown(site)["AcmeAccount"] == {"id": 1, "key_pem_md5": None}


def test_name_proved_by_dns_01_is_listed_so(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com", "b.example.com")
        authorization = rows.authorization(order, "b.example.com")
        rows.add(
            model.AcmeOrder2AcmeChallengeTypeSpecific(
                acme_order=order,
                domain=authorization.domain,
                acme_challenge_type=ChallengeType.DNS_01,
            )
        )
    assert shown(site)["domains_challenged"]["dns-01"] == ["b.example.com"]
    specifics = site.json("/acme-authorization/1.json")["AcmeOrder2AcmeChallengeTypeSpecifics"]
    assert [(s["acme_order_id"], s["acme_challenge_type"]) for s in specifics] == [(1, "dns-01")]


def test_audit_tells_all_of_an_order(site: Site) -> None:
    pending(site)
    document = site.json("/acme-order/1/audit.json")
    report = document["AuditReport"]
    assert document["result"] == "success"
    assert report["AcmeOrder"]["domains"] == ["a.example.com", "b.example.com"]
    assert report["AcmeOrder"]["is_processing"] is True
    read, unread = report["AcmeAuthorizations"]
    assert read["Domain"] == {"id": 1, "domain_name": "a.example.com"}
    assert set(read["AcmeChallenges"]) == {"http-01", "dns-01"}
    assert (unread["Domain"], unread["AcmeChallenges"]) == (None, {})
    assert "a.example.com" in site.get("/acme-order/1/audit")


@pytest.mark.parametrize(
    ("facts", "states", "title"),
    [
        ({}, ["done", "done", "now", "", ""], "Next step: prove control of"),
        ({"order_url": None}, ["done", "now", "", "", ""], "Next step: send the order"),
        ({"acme_status_order": OrderStatus.READY}, ["done"] * 3 + ["now", ""], "finalize"),
        ({"acme_status_order": OrderStatus.PROCESSING}, ["done"] * 4 + ["now"], "wait for"),
        (
            {"acme_status_order": OrderStatus.VALID, "certificate_url": "https://ca/1"},
            ["done"] * 4 + ["now"],
            "download",
        ),
        (
            {"acme_status_order": OrderStatus.INVALID, "error": "dns: no A record"},
            ["done", "done", "failed", "", ""],
            "dns: no A record",
        ),
    ],
)
def test_page_tells_where_the_order_stands(
    site: Site, facts: dict[str, Any], states: list[str], title: str
) -> None:
    pending(site, **facts)
    page = site.get("/acme-order/1")
    steps = page.html.select("ol.steps li") if hasattr(page, "html") else []
    assert title in page.text
    assert [" ".join(step.get("class", [])) for step in steps] == states


@pytest.mark.parametrize(
    ("action", "facts", "changed"),
    [
        ("invalid", {}, {"acme_status_order": "invalid", "is_processing": False}),
        ("deactivate", {}, {"is_processing": False}),
        ("renew_manual", {}, {"is_auto_renew": False}),
        ("renew_auto", {"is_auto_renew": False}, {"is_auto_renew": True}),
    ],
)
def test_mark(site: Site, action: str, facts: dict[str, Any], changed: dict[str, Any]) -> None:
    pending(site, **facts)
    answer = site.post("/acme-order/1/mark.json", {"action": action}).json
    assert list(answer) == ["result", "operation", "action", "AcmeOrder"]
    assert (answer["result"], answer["operation"], answer["action"]) == ("success", "mark", action)
    assert {key: answer["AcmeOrder"][key] for key in changed} == changed


def test_mark_takes_its_action_from_the_query(site: Site) -> None:
    pending(site)
    assert site.post("/acme-order/1/mark.json?action=deactivate").json["result"] == "success"
    answer = site.post("/acme-order/1/mark?action=renew_manual", status=303)
    assert site.location(answer) == (
        "/acme-order/1?result=success&operation=mark&action=renew_manual"
    )


@pytest.mark.parametrize(
    ("action", "facts", "text", "status"),
    [
        (
            "invalid",
            {"acme_status_order": OrderStatus.VALID},
            "Can not mark this order as 'invalid'.",
            409,
        ),
        ("deactivate", {"is_processing": None}, "This `AcmeOrder` is not processing.", 409),
        ("renew_auto", {}, "Can not mark this `AcmeOrder` for renewal.", 409),
        (
            "renew_manual",
            {"is_auto_renew": False},
            "Can not unmark this `AcmeOrder` for renewal.",
            409,
        ),
        ("nonsense", {}, "invalid `action`", 400),
        (None, {}, "invalid `action`", 400),
    ],
)
def test_mark_refused(
    site: Site, action: str | None, facts: dict[str, Any], text: str, status: int
) -> None:
    with site.writing() as rows:
        rows.order(None, **facts)
        if facts.get("is_processing", True) is None:  # the column's default stands for a null
            rows.db.get(model.AcmeOrder, 1).is_processing = None
    body = {"action": action} if action else ""
    answer = site.post("/acme-order/1/mark.json", body, status=status).json
    assert answer == {"result": "error", "operation": "mark", "error": text}
    at = site.location(site.post("/acme-order/1/mark", body, status=303))
    said = text.replace(" ", "+")
    assert at.removeprefix(f"/acme-order/1?result=error&error={said}&operation=mark") == (
        f"&action={action}" if action else ""
    )


def test_renewal_marks_are_logged(site: Site) -> None:
    pending(site)
    site.post("/acme-order/1/mark.json", {"action": "renew_manual"})
    with site.database.session() as db:
        words = db.scalars(select(model.OperationsEvent.operations_event_type)).all()
    assert OperationsEventType.ACME_ORDER_MARK_RENEW_MANUAL in words


@pytest.mark.parametrize(
    ("path", "operation", "text"),
    [
        ("acme-process", "acme-process", "ACME Process is not allowed for this AcmeOrder"),
        ("acme-finalize", "finalize-order", "ACME Finalize is not allowed for this AcmeOrder"),
        (
            "acme-server/sync",
            "acme-server/sync",
            "ACME Server Sync is not allowed for this AcmeOrder",
        ),
        (
            "acme-server/download-certificate",
            "acme-server/download-certificate",
            "This AcmeOrder is not eligible for download",
        ),
    ],
)
def test_action_out_of_season(site: Site, path: str, operation: str, text: str) -> None:
    with site.writing() as rows:
        rows.order(order_url=None, acme_status_order=OrderStatus.INVALID)
    answer = site.post(f"/acme-order/1/{path}.json", status=409).json
    assert answer == {"result": "error", "operation": operation, "error": text}
    page = site.location(site.post(f"/acme-order/1/{path}", status=303))
    words = {"acme-process": "process+order"}.get(path, path.replace("/", "+").replace("-", "+"))
    said = text.replace(" ", "+")
    assert page == f"/acme-order/1?result=error&error={said}&operation={words}"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("acme-process", "acme+process"),
        ("acme-finalize", "acme+finalize"),
        ("acme-server/sync", "acme+server+sync"),
        ("acme-server/download-certificate", "acme+server+download+certificate"),
        ("mark", "mark"),
    ],
)
def test_get_of_an_action_explains_it(site: Site, path: str, words: str) -> None:
    pending(site)
    answer = site.get(f"/acme-order/1/{path}", status=303)
    assert site.location(answer) == (
        f"/acme-order/1?result=error&operation={words}&message=HTTP+POST+required"
    )
    document = site.json(f"/acme-order/1/{path}.json")
    assert document["instructions"][-1] == "HTTP POST required"
    assert document["example"]


def test_mark_names_its_words(site: Site) -> None:
    pending(site)
    options = site.json("/acme-order/1/mark.json")["valid_options"]
    assert options == {"action": ["invalid", "deactivate", "renew_auto", "renew_manual"]}


def test_unknown_order_is_not_found(site: Site) -> None:
    for path in ("/acme-order/7", "/acme-order/7/audit"):
        assert site.get(f"{path}.json", status=404).json["code"] == "404 Not Found"


def test_authorization_that_expired_is_listed_with_the_order(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "a.example.com")
        rows.authorization(
            order,
            "a.example.com",
            acme_status_authorization=AuthorizationStatus.EXPIRED,
            timestamp_expires=NOW - timedelta(days=1),
        )
    found = site.json("/acme-order/1/acme-authorizations.json")["AcmeAuthorizations"]
    assert found["1"]["acme_status_authorization"] == "expired"
