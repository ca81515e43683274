"""An account that Certbot has made goes on with Peter."""

from __future__ import annotations

import pytest

from .certbot import CONTACT, FILES, Certbot
from .peter import StartPeter, unused_name

pytestmark = [pytest.mark.service("certbot"), pytest.mark.service("pebble")]

FIELDS = ("account_key_file_le_meta", "account_key_file_le_pkey", "account_key_file_le_reg")


def test_an_account_of_certbot_is_taken_over(certbot: Certbot, start_peter: StartPeter) -> None:
    pebble = certbot.pebble
    peter = start_peter(pebble, server={"public_listen": f"127.0.0.1:{pebble.challenge_port}"})
    files = {
        field: (name, (certbot.account / name).read_bytes())
        for field, name in zip(FIELDS, FILES, strict=True)
    }
    answer = peter.http.post(
        f"{peter.url}/acme-account/upload.json",
        data={"account__private_key_cycle": "single_certificate", "account__contact": CONTACT},
        files=files,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    account = answer.json()["AcmeAccount"]
    peter.posted(f"/acme-account/{account['id']}/mark", action="global_default")
    with pebble.counting() as asked:
        order = peter.order([unused_name()])
    assert order["acme_status_order"] == "valid"
    assert order["AcmeAccount"]["id"] == account["id"]
    assert ("POST", "/sign-me-up") not in asked, "a second account"
