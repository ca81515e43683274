"""An account that comes in Certbot's three files."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import Upload

from .acme_site import Site
from .test_acme_account import PEM, certbot, refused


@pytest.fixture
def with_provider(site: Site) -> Site:
    with site.writing() as rows:
        rows.provider(is_default=True, server="ca.example.com")
    return site


def test_upload_of_certbots_files(with_provider: Site) -> None:
    found = with_provider.post("/acme-account/upload.json", certbot()).json["AcmeAccount"]
    assert found["contact"] == "ops@example.com"
    assert found["account_url"] == "https://ca.example.com/acct/7"
    assert found["private_key_cycle"] == "account_daily"
    assert found["AcmeAccountKey"]["key_pem"] == PEM


def test_certbots_files_without_contact_are_found_again(with_provider: Site) -> None:
    first = with_provider.post("/acme-account/upload.json", certbot(contact=None)).json
    assert (first["is_created"], first["AcmeAccount"]["contact"]) == (True, None)
    second = with_provider.post("/acme-account/upload.json", certbot(contact=None)).json
    assert second["is_existing"] is True


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"contact": "a" * 244 + "@example.com"}, "“contact” is longer than 255 characters"),
        ({"contact": "\0@example.com"}, "“contact” has characters that can not be printed"),
        ({"contact": "\ud800@example.com"}, "“contact” has characters that can not be printed"),
        ({"uri": "https://ca.example.com/" + "a" * 2026}, "“uri” is longer than 2,048 characters"),
        ({"uri": "https://ca.example.com/\0"}, "“uri” has characters that can not be printed"),
        ({"uri": "https://ca.example.com/\ud800"}, "“uri” has characters that can not be printed"),
        ({"uri": "https://ca.example.com/\u00e9"}, "“uri” is no URL"),
        ({"terms_of_service": "a" * 2049}, "“terms_of_service” is longer than 2,048 characters"),
        ({"terms_of_service": "\ud800"}, "“terms_of_service” has characters that can not be"),
        ({"terms_of_service": "\u00e9"}, "“terms_of_service” is no URL"),
        ({"uri": "https://CA.elsewhere.example/1"}, "The account is at “ca.elsewhere.example”"),
    ],
)
def test_what_certbot_says_and_no_column_holds_is_told(
    with_provider: Site, said: dict[str, Any], reason: str
) -> None:
    answer = with_provider.post("/acme-account/upload.json", certbot(**said), status=400)
    assert reason in refused(answer)["account_key_file_le_reg"]


@pytest.mark.parametrize("name", ["meta", "pkey", "reg"])
@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 50_000], ids=["lists", "objects"])
def test_json_that_is_nested_without_end_is_no_json(
    with_provider: Site, name: str, text: bytes
) -> None:
    field = f"account_key_file_le_{name}"
    fields = {**certbot(), field: Upload("deep.json", text)}
    answer = with_provider.post("/acme-account/upload.json", fields, status=400)
    assert refused(answer)[field] == "This is not a JSON file."
