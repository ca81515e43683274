"""Forms with many fields: each refusal of the contract that hangs on more than one of them.

On the page and in the JSON it is the same, and nothing is stored. What is refused for one field
alone is in the table of test_every_acme_action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from peter_sslers import model
from peter_sslers.enums import KeyTechnology, PrivateKeySource, PrivateKeyType
from peter_sslers.lib.x509.pem import clean_pem, md5_hex

from .acme_order_actions import NAMES
from .acme_site import NOW, Site
from .certificate_rows import EC256
from .world import KEY, World

MAIN = "Error_Main"
FORM_ERROR = "There was an error with your form."
NONE = "0" * 32
NO_VALUE = "Please enter a value"
NO_FILES = "Upload either one PEM file or all three files of Certbot."
NO_PROVIDER = "This is no enabled AcmeAccountProvider."
NO_KEY = "The selected PrivateKey is not enrolled in this system, or not active."
NO_PEM = "This is not a PEM file: it has no line -----BEGIN …"
COMPROMISED = "PrivateKey 1 is compromised: it is never used again."
OTHER_KEY = (
    "The submitted AcmeAccountProvider and contact info is already associated with another"
    " AcmeAccountKey."
)
ACCOUNT = {
    "account__private_key_cycle": "account_daily",
    "account__private_key_technology": "EC",
}
ORDER = {
    **ACCOUNT,
    "account_key_option": "account_key_existing",
    "account_key_existing": "{md5}",
    "private_key_option": "private_key_for_account_key",
    "private_key_cycle__renewal": "account_key_default",
    "processing_strategy": "create_order",
}
FREEFORM = {**ORDER, NAMES: "new.example.com"}
FILE = {
    "account_key_file_pem": "{a key}",
    "acme_account_provider_id": "{default provider}",
    "account__contact": "new@example.com",
}
BY_FILE = {"account_key_option": "account_key_file", **FILE}
CERTBOT = {
    "account_key_file_le_meta": "[]",
    "account_key_file_le_pkey": "[]",
    "account_key_file_le_reg": "[]",
}
HAND = "private_key_existing"


def with_key(option: str, **fields: str) -> dict[str, str]:
    return {"private_key_option": option, **fields}


def one_of(words: str, given: str) -> str:
    return f"Value must be one of: {words} (not '{given}')"


ACCOUNT_OPTIONS = "account_key_global_default; account_key_existing; account_key_file"
KEY_OPTIONS = (
    "private_key_for_account_key; private_key_generate; private_key_existing; private_key_file"
)
KEYS = (
    (with_key(HAND), {HAND: NO_VALUE}),
    (with_key(HAND, private_key_existing=NONE), {HAND: NO_KEY}),
    (with_key(HAND, private_key_existing="{inactive key}"), {HAND: NO_KEY}),
    (with_key(HAND, private_key_existing="{compromised key}"), {HAND: COMPROMISED}),
    (
        with_key(HAND, private_key_existing="{other's key}"),
        {"private_key_option": "PrivateKey 3 belongs to AcmeAccount {spare account}"},
    ),
    (with_key("private_key_file"), {"private_key_file_pem": NO_VALUE}),
    (
        with_key("private_key_file", private_key_file_pem="junk"),
        {"private_key_file_pem": NO_PEM},
    ),
    (
        with_key("private_key_file_pem", private_key_file_pem="junk"),  # as old forms have it
        {"private_key_file_pem": NO_PEM},
    ),
)
ACCOUNTS = (
    (
        {"account_key_option": "account_key_global_default"},
        {"account_key_global_default": NO_VALUE},
    ),
    (
        {
            "account_key_option": "account_key_global_default",
            "account_key_global_default": "{spare md5}",
        },
        {"account_key_global_default": "This is not the key of the global default AcmeAccount."},
    ),
    ({"account_key_existing": "{inactive md5}"}, {"account_key_existing": "*"}),
    ({"account_key_option": "account_key_file"}, {MAIN: NO_FILES}),
    ({**BY_FILE, "account_key_file_pem": "junk"}, {"account_key_file_pem": NO_PEM}),
    ({**BY_FILE, "account__contact": ""}, {"account__contact": "*"}),
    ({**BY_FILE, "acme_account_provider_id": ""}, {"acme_account_provider_id": "*"}),
    (
        {**BY_FILE, "acme_account_provider_id": "{disabled provider}"},
        {"acme_account_provider_id": NO_PROVIDER},
    ),
    ({**BY_FILE, "account__contact": "{contact}"}, {MAIN: OTHER_KEY}),
)
FORMS: dict[str, tuple[Mapping[str, str], Any]] = {
    "/acme-order/new/freeform": (
        FREEFORM,
        (
            *KEYS,
            *ACCOUNTS,
            (
                {"account_key_option": "account_key_reuse"},
                {"account_key_option": one_of(ACCOUNT_OPTIONS, "account_key_reuse")},
            ),
            (
                {"account_key_option": "none"},
                {"account_key_option": one_of(ACCOUNT_OPTIONS, "none")},
            ),
            (
                with_key("private_key_reuse"),
                {"private_key_option": one_of(KEY_OPTIONS, "private_key_reuse")},
            ),
            ({NAMES: ", ,"}, {MAIN: "no domain names submitted", NAMES: "*"}),
            ({NAMES: "a_b.example.com"}, {MAIN: "invalid domain names detected", NAMES: "*"}),
        ),
    ),
    "/acme-order/{issued order}/renew/custom": (
        ORDER,
        (
            *KEYS,
            *ACCOUNTS,
            ({"account_key_option": "account_key_reuse"}, {"account_key_reuse": NO_VALUE}),
            (
                {"account_key_option": "account_key_reuse", "account_key_reuse": NONE},
                {"account_key_reuse": "*"},
            ),
            (with_key("private_key_reuse"), {"private_key_reuse": NO_VALUE}),
            (with_key("private_key_reuse", private_key_reuse=NONE), {"private_key_reuse": NO_KEY}),
        ),
    ),
    "/acme-account/new": (
        {**ACCOUNT, "account__contact": "new@example.com", "acme_account_provider_id": "1"},
        (
            ({"acme_account_provider_id": "99"}, {"acme_account_provider_id": NO_PROVIDER}),
            (
                {"acme_account_provider_id": "{disabled provider}"},
                {"acme_account_provider_id": NO_PROVIDER},
            ),
            (
                {
                    "acme_account_provider_id": "{default provider}",
                    "account__contact": "{CONTACT}",
                },
                {"account__contact": OTHER_KEY},
            ),
        ),
    ),
    "/acme-account/upload": (
        {**ACCOUNT, **FILE},
        (
            ({"account_key_file_pem": ""}, {MAIN: NO_FILES}),
            ({"account_key_file_le_meta": "{}"}, {MAIN: NO_FILES}),
            ({"account_key_file_pem": "", **CERTBOT}, {"account_key_file_le_meta": "*"}),
            ({"acme_account_provider_id": "99"}, {"acme_account_provider_id": NO_PROVIDER}),
            (
                {"acme_account_provider_id": "{disabled provider}"},
                {"acme_account_provider_id": NO_PROVIDER},
            ),
            ({"acme_account_provider_id": ""}, {"acme_account_provider_id": "*"}),
            ({"account__contact": ""}, {"account__contact": "*"}),
            ({"account_key_file_pem": "{compromised pem}"}, {"account_key_file_pem": COMPROMISED}),
            ({"account_key_file_pem": "{key}"}, {MAIN: "*"}),  # another account's
        ),
    ),
}
CASES = [
    pytest.param(path, {**right, **wrong}, errors, id=f"{path} {number}")
    for path, (right, cases) in FORMS.items()
    for number, (wrong, errors) in enumerate(cases)
]
STORED = (model.AcmeAccount, model.AcmeAccountKey, model.AcmeOrder, model.PrivateKey)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    site = Site(tmp_path_factory.mktemp("world"))
    world = World(site)
    with site.writing() as rows:

        def key(name: str, pem: str, number: int, **facts: Any) -> None:
            added = rows.add(
                model.PrivateKey(
                    timestamp_created=NOW,
                    key_technology=KeyTechnology.EC,
                    key_pem=pem,
                    key_pem_md5=md5_hex(pem),
                    spki_sha256=facts.pop("spki", f"{number:064d}"),
                    private_key_source=PrivateKeySource.IMPORTED,
                    private_key_type=PrivateKeyType.STANDARD,
                    operations_event__created=rows.event(),
                    **facts,
                )
            )
            world.ids[name] = added.key_pem_md5

        lost = clean_pem(EC256)
        spki = rows.ctx.x509.key(lost).spki_sha256
        key("compromised key", lost, 1, is_active=False, is_compromised=True, spki=spki)
        key("inactive key", "inactive", 2, is_active=False)
        key("other's key", "other", 3, acme_account_id__owner=world.ids["spare account"])
        world.ids["compromised pem"] = lost
        # A key that nobody has: for whatever is refused after the files were read.
        world.ids["a key"] = rows.ctx.x509.new_key(KeyTechnology.EC, 256)
        world.ids["CONTACT"] = world.ids["contact"].upper()
        for name in ("spare", "inactive"):
            account = rows.db.get(model.AcmeAccount, world.ids[f"{name} account"])
            world.ids[f"{name} md5"] = account.acme_account_key.key_pem_md5
    yield world
    site.close()


def stored(site: Site) -> list[int]:
    with site.database.session() as db:
        return [db.scalar(select(func.count()).select_from(kind)) or 0 for kind in STORED]


@pytest.mark.parametrize(("path", "fields", "errors"), CASES)
def test_both_faces_say_the_same(
    world: World, path: str, fields: dict[str, str], errors: dict[str, str]
) -> None:
    site, where = world.site, world.told(path)
    sent = {name: world.told(text) if text != "{}" else text for name, text in fields.items()}
    before = stored(site)
    answer = site.post(f"{where}.json", sent, status=400)
    page = site.post(where, sent, status=400)
    assert stored(site) == before
    assert answer.json["result"] == "error"
    told = answer.json["form_errors"]
    assert told.keys() == {MAIN, *errors}
    for name, text in errors.items():
        said = told[name].removeprefix(FORM_ERROR).strip()
        assert said == world.told(text) or (text == "*" and said)
        if name != MAIN:
            assert f"<!-- for: {name} -->" in page
        if name != MAIN or len(errors) == 1:  # the page says what is more exact alone
            assert said in page.html.text
    kept = page.html.select_one("input[name=account__contact]")
    assert kept is None or kept.get("value", "") == sent.get("account__contact", "")
    assert KEY not in page.text
