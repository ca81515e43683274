"""The form of a new order: what it wants, and what it says is wrong. No CA is reached."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from peter_sslers import model

from .acme_site import Site

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
