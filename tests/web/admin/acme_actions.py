"""Every action of the ACME kinds as the contract has it: what it answers, and what it refuses.

Data for test_every_acme_action. `{name}` stands for an object of `world`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ORDER_GET = "result=error&operation={}&message=HTTP+POST+required"
ACCOUNT_GET = "result=error&error=post+required&operation={}"
PEBBLE = "test_every_acme_action_against_pebble.py::test_each_action_succeeds_on_page_and_in_json"
EMPTY = "Please enter a value"
MISSING = "Missing value"
NO_MATCH = "This does not match the active account key"
MD5 = "0" * 32

Fields = Mapping[str, str]


@dataclass(frozen=True)
class No:
    """A refusal. `said`: the JSON's `error`, or what follows in `Error_Main` when `form` is set."""

    on: str = ""
    said: str = ""
    fields: Fields = field(default_factory=dict)
    form: Fields | None = None  # the other form errors; None: it is no form's error
    status: int = 409


@dataclass(frozen=True)
class Yes:
    """A success that needs no CA."""

    to: str  # where the page leads, from the admin's root
    keys: str  # of the JSON
    on: str = ""
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """`words`: the `operation` of redirects, `operation` that of the JSON."""

    on: str  # an object that it may be done to; "" for what is done to none
    docs: str  # the form_fields of its help
    operation: str = ""
    words: str = ""
    words_of_failure: str = ""
    get: str = ""  # the query of the redirect that a GET of the page gets; "": a form
    back: str = ""  # where the page leads after a failure, if not to the object
    right: Fields = field(default_factory=dict)  # as far as the form is concerned
    yes: tuple[Yes, ...] = ()
    no: tuple[No, ...] = ()
    asks: bool = True  # a CA
    proofs: tuple[str, ...] = ()  # tests of what a CA is needed for


def form(*, status: int = 400, said: str = "", on: str = "", **errors: str) -> No:
    """A field is wrong because of what is sent: `field="what is sent: what is said"`."""
    sent = {name: text.partition(": ")[0] for name, text in errors.items()}
    told = {name: text.partition(": ")[2] for name, text in errors.items()}
    return No(on, said, sent, told, status)


def order(
    operation: str,
    on: str,
    refusal: No,
    *,
    words: str = "",
    words_of_failure: str = "",
    more: tuple[No, ...] = (),
) -> Deed:
    """An action on an order without fields."""
    words = words or operation.replace("/", "+").replace("-", "+")
    return Deed(
        on,
        "",
        operation=operation,
        words=words,
        words_of_failure=words_of_failure,
        get=ORDER_GET.format(words),
        no=(refusal, *more),
        proofs=(PEBBLE,),
    )


def wrong_word(words: str) -> str:
    return f"nonsense: Value must be one of: {words} (not 'nonsense')"


CYCLES = "single_certificate; account_daily; global_daily; account_weekly; global_weekly"
ACCOUNT = {
    "account__private_key_cycle": "account_daily",
    "account__private_key_technology": "EC",
}
NEW_ACCOUNT = {
    **ACCOUNT,
    "acme_account_provider_id": "{default provider}",
    "account__contact": "new@example.com",
}
UPLOAD = {**NEW_ACCOUNT, "account_key_file_pem": "{a key}"}
del UPLOAD["account__private_key_technology"]  # RSA without it
FILES = "account_key_file_pem acme_account_provider_id account_key_file_le_meta"
FILES += " account_key_file_le_pkey account_key_file_le_reg account__contact"
FILES += " account__private_key_cycle account__private_key_technology"
BINDING = " eab_kid eab_hmac_key"
SELECTED = {
    "account_key_option": "account_key_existing",
    "account_key_existing": "{md5}",
    "private_key_option": "private_key_for_account_key",
    "processing_strategy": "create_order",
}
SELECT = f"{FILES} account_key_option account_key_global_default account_key_existing"
SELECT += " private_key_option private_key_existing private_key_file_pem"
SELECT += " processing_strategy private_key_cycle__renewal profile"
STRATEGIES = "create_order; process_single; process_multi"
MARKED = "result=success&operation=mark&action="

ACCOUNTS = {
    "/acme-account/new": Deed(
        "",
        f"acme_account_provider_id account__contact account__profile account__key_technology"
        f" account__private_key_cycle account__private_key_technology{BINDING}",
        words="new",
        right=NEW_ACCOUNT,
        no=(
            form(account__contact=f": {EMPTY.replace('a value', 'an email address')}"),
            form(account__contact="nobody: An email address must contain a single @"),
            form(acme_account_provider_id="one: Please enter an integer value"),
            form(account__private_key_cycle=wrong_word(CYCLES)),
            form(account__private_key_technology=wrong_word("RSA; EC")),
            form(account__private_key_technology=f": {EMPTY}"),
        ),
        proofs=("test_acme_against_pebble.py::test_new_account_is_registered", PEBBLE),
    ),
    "/acme-account/upload": Deed(
        "",
        FILES + BINDING,
        words="upload",
        right=UPLOAD,
        asks=False,
        yes=(
            Yes(
                "/acme-account/{next account}?result=success&operation=upload&is_created=1",
                "result AcmeAccount is_created is_existing",
                fields=UPLOAD,
            ),
            Yes(
                "/acme-account/{default account}?result=success&operation=upload&is_existing=1",
                "result AcmeAccount is_created is_existing",
                fields={**UPLOAD, "account_key_file_pem": "{key}", "account__contact": "{contact}"},
            ),
        ),
        no=(
            form(acme_account_provider_id="x: Please enter an integer value"),
            form(account__contact="nobody: An email address must contain a single @"),
            form(account__private_key_cycle=wrong_word(CYCLES)),
            form(account__private_key_technology=wrong_word("RSA; EC")),
            No(
                said="The submitted AcmeAccountProvider and contact info is already associated "
                "with another AcmeAccountKey.",
                fields={"account__contact": "{contact}"},
                form={},
                status=400,
            ),
        ),
    ),
    "/acme-account/{id}/edit": Deed(
        "default account",
        f"account__private_key_cycle account__private_key_technology account__profile{BINDING}",
        words="edit",
        right=ACCOUNT,
        asks=False,
        yes=(
            Yes(
                "/acme-account/{default account}?result=success&operation=edit",
                "result AcmeAccount",
                "default account",
                ACCOUNT,
            ),
        ),
        no=(
            form(account__private_key_cycle=wrong_word(CYCLES)),
            form(account__private_key_cycle=f": {EMPTY}"),
            form(account__private_key_technology=wrong_word("RSA; EC")),
            form(
                account__private_key_cycle=wrong_word(CYCLES),
                account__private_key_technology=wrong_word("RSA; EC"),
            ),
        ),
    ),
    "/acme-account/{id}/mark": Deed(
        "default account",
        "action",
        words="mark",
        get=ACCOUNT_GET.format("mark"),
        asks=False,
        yes=tuple(
            Yes(f"/acme-account/{{{on}}}?{MARKED}{to}", "result AcmeAccount", on, {"action": to})
            for on, to in (
                ("spare account", "global_default"),
                ("spare account", "inactive"),
                ("inactive account", "active"),
            )
        ),
        no=(
            *(
                No(on, said, {"action": to}, {}, 400)
                for on, to, said in (
                    ("default account", "active", "Already activated."),
                    ("inactive account", "inactive", "Already deactivated."),
                    ("default account", "global_default", "Already global default."),
                    (
                        "default account",
                        "inactive",
                        "This is the global default: make another account the default first.",
                    ),
                    (
                        "ended account",
                        "active",
                        "This AcmeAccount was deactivated at its CA, which is final.",
                    ),
                    (
                        "account elsewhere",
                        "global_default",
                        "Only an AcmeAccount of the default AcmeAccountProvider can be the global"
                        " default.",
                    ),
                    (
                        "inactive account",
                        "global_default",
                        "Only an active AcmeAccount with an active key can be the global default.",
                    ),
                )
            ),
            No(
                "default account",
                "",
                {"action": "x"},
                {"action": "Value must be one of: global_default; active; inactive (not 'x')"},
                400,
            ),
        ),
    ),
    **{
        f"/acme-account/{{id}}/acme-server/{name}": Deed(
            "default account",
            "",
            words=f"acme-server--{name}",
            get=ACCOUNT_GET.format(f"acme-server--{name}"),
            no=(No("old account", "This AcmeAccount can not Authenticate"),),
            proofs=(PEBBLE,),
        )
        for name in ("authenticate", "check")
    },
    "/acme-account/{id}/acme-server/update-contact": Deed(
        "default account",
        "account__contact",
        words="acme-server--update-contact",
        right={"account__contact": "other@example.com"},
        no=(
            form(account__contact=": Please enter an email address"),
            form(account__contact="nobody: An email address must contain a single @"),
        ),
        proofs=(PEBBLE,),
    ),
    "/acme-account/{id}/acme-server/deactivate": Deed(
        "default account",
        "key_pem",
        words="acme-server--deactivate",
        right={"key_pem": "{md5}"},
        no=(
            form(key_pem=f": {EMPTY}"),
            form(key_pem=f"{MD5}: {NO_MATCH}"),
            No("inactive account", "This AcmeAccount can not be deactivated", {"key_pem": "x"}),
        ),
        proofs=(PEBBLE,),
    ),
    "/acme-account/{id}/acme-server/key-change": Deed(
        "default account",
        "key_pem_existing account__key_technology",
        words="acme-server--key-change",
        right={"key_pem_existing": "{md5}"},
        no=(
            form(key_pem_existing=f": {EMPTY}"),
            form(key_pem_existing=f"{MD5}: {NO_MATCH}"),
            form(account__key_technology=wrong_word("RSA; EC")),
            No(
                "inactive account",
                "This AcmeAccount can not be key changed",
                {"key_pem_existing": "x"},
            ),
        ),
        proofs=(PEBBLE,),
    ),
    "/acme-account/{id}/acme-server/deactivate-pending-authorizations": Deed(
        "default account",
        "acme_authorization_id authorization_id _select_all",
        words="acme-server--deactivate-pending-authorizations",
        get="status=active&" + ACCOUNT_GET.format("acme-server--deactivate-pending-authorizations"),
        back="/acme-account/{id}/acme-authorizations?status=active&",
        asks=False,  # here; it tells of each id what became of it
        yes=(
            Yes(
                "/acme-account/{default account}/acme-authorizations?status=active"
                "&result=success&operation=acme-server--deactivate-pending-authorizations",
                "result results AcmeAccount",
                "default account",
                {"acme_authorization_id": "{proved authorization}, 999"},
            ),
        ),
        no=(
            No(
                "default account",
                "Choose at least one AcmeAuthorization.",
                {"acme_authorization_id": ""},
                {},
                400,
            ),
            No(
                "old account",
                "This AcmeAccount can not Authenticate",
                {"acme_authorization_id": "1"},
            ),
        ),
        proofs=(PEBBLE,),
    ),
}
