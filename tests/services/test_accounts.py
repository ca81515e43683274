"""Accounts over HTTP with real CAs: key rollover, and two CAs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .pebble import Options, Pebble, StartPebble
from .peter import Peter, StartPeter, unused_name

pytestmark = pytest.mark.service("pebble")


@pytest.fixture
def peter(start_peter: StartPeter, pebble: Pebble) -> Iterator[Peter]:
    started = start_peter(pebble)
    yield started
    started.stop()


def ordered_with(peter: Peter, account: dict[str, Any]) -> dict[str, Any]:
    """An order of that account, not of the default one, carried through."""
    fields = {
        "domain_names_http01": unused_name(),
        "account_key_option": "account_key_existing",
        "account_key_existing": account["AcmeAccountKey"]["key_pem_md5"],
        "private_key_option": "private_key_for_account_key",
        "processing_strategy": "process_single",
    }
    placed: dict[str, Any] = peter.posted("/acme-order/new/freeform", **fields)["AcmeOrder"]
    return placed


def test_new_key_orders_after_a_rollover(
    start_peter: StartPeter, pebble: Pebble, any_database: str
) -> None:
    peter = start_peter(pebble, any_database)
    account = peter.account()
    old = account["AcmeAccountKey"]["key_pem_md5"]
    path = f"/acme-account/{account['id']}/acme-server/key-change"
    changed = peter.posted(path, key_pem_existing=old)["AcmeAccount"]
    order = ordered_with(peter, changed)
    assert order["acme_status_order"] == "valid"
    refused = peter.post(path, key_pem_existing=old)
    assert refused.status_code == 400
    assert refused.json()["form_errors"]["key_pem_existing"] == (
        "This does not match the active account key"
    )


def test_order_that_waits_is_proved_with_the_new_key(peter: Peter) -> None:
    account = peter.account()
    order = peter.order([unused_name()], "create_order")
    authorization = order["acme_authorization_ids"][0]
    peter.posted(f"/acme-authorization/{authorization}/acme-server/sync")
    peter.posted(
        f"/acme-account/{account['id']}/acme-server/key-change",
        key_pem_existing=account["AcmeAccountKey"]["key_pem_md5"],
    )
    assert peter.process_to_the_end(order)["acme_status_order"] == "valid"


def test_two_cas_side_by_side(peter: Peter, pebble: Pebble, start_pebble: StartPebble) -> None:
    second = start_pebble(Options(nonce_reject_percent=5))
    first_account = peter.account()
    answer = peter.http.post(
        f"{peter.url}/acme-account-provider/new.json",
        data={"name": "second", "directory": second.directory_url},
        files={"ca_bundle_pem": ("ca.pem", second.ca_file.read_bytes())},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    provider = answer.json()["AcmeAccountProvider"]
    second_account = peter.posted(
        "/acme-account/new",
        acme_account_provider_id=str(provider["id"]),
        account__contact=first_account["contact"],
        account__private_key_cycle="single_certificate",
        account__private_key_technology="EC",
        account__key_technology="EC",
    )["AcmeAccount"]
    for ca, account in ((pebble, first_account), (second, second_account)):
        assert account["account_url"].startswith(ca.directory_url.removesuffix("/dir"))
        with ca.counting() as asked:
            assert ordered_with(peter, account)["acme_status_order"] == "valid"
        assert asked
