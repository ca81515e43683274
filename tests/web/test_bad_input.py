"""What people enter that is wrong: named in JSON, shown in HTML, and nothing is written.

No CA is needed: all of it is refused before a CA is asked.
"""

from __future__ import annotations

from typing import Any

import pytest

from peter_sslers.web.schemas import Choice, DomainName, Email, FormField, Integer, Pem

from .hostile import ACCOUNT_KEY, BLOCKED, FOREIGN_KEY, RETIRED_KEY, Target, data, target
from .whole import initialised

__all__ = ["initialised", "target"]

ORDER = "/acme-order/new/freeform"
HTTP, DNS = "domain_names_http01", "domain_names_dns01"
FORM_ERROR = "There was an error with your form."
LABEL = "a" * 63
LONG = ".".join([LABEL, LABEL, LABEL, "b" * 61])  # 253 characters: the most that DNS takes

# A name, and what is said of it. It is no name anywhere.
NO_NAMES = [
    ("exa_mple.example.com", "has an underscore"),
    (f"b{LONG}"[:254], "is longer than 253 characters"),
    (f"{LABEL}a.example.com", "has a part longer than 63 characters"),
    ("example.com.", "a dot too many"),
    ("example.com..", "a dot too many"),
    (".example.com", "a dot too many"),
    ("exa..mple.com", "a dot too many"),
    (".", "a dot too many"),
    ("example", "has no dot"),
    ("-a.example.com", "begins or ends with a hyphen"),
    ("a-.example.com", "begins or ends with a hyphen"),
    ("a.*.example.com", "has a star that is not its first part"),
    ("a*.example.com", "has a star that is not its first part"),
    ("*", "has no dot"),
    ("\u202emoc.elpmaxe", "is not a name that IDNA allows"),
    ("a\u00b7b.example.com", "is not a name that IDNA allows"),
    ("1.2.3", "does not end in a top-level domain"),
    ("192.0.2.256", "ends in a number"),
    ("10.0.0.0/8", "has a character"),
    ("[::1", "has no dot"),
    ("fe80::1%eth0", "has no dot"),
    ("https://example.com/", "has a character"),
    ("example.com:443", "has a character"),
    ("user@example.com", "has a character"),
    ("exam'ple.com", "has a character"),
    ("<script>alert(1)</script>.com", "has a character"),
]
# As a form's whole field.
NO_LISTS = [
    ("a.example.com\x00", "NUL"),
    ("a.example.com \ufffd.example.com", "UTF-8"),
    ("a." * 524_288, "at most"),
    ("good.example.com, bad_.example.com", "has an underscore"),
    ("good.example.com\r\nbad_.example.com", "has an underscore"),
]
NO_KEYS = [
    (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ""),
    (b"-----BEGIN PRIVATE KEY-----\n", ""),
    (data("keys/truncated.pem"), ""),
    (data("keys/rsa_damaged.pem"), ""),
    (data("keys/ec_mismatch.pem"), ""),
    (data("keys/ec_off_curve.pem"), ""),
    (data("keys/encrypted_pkcs8.pem"), "encrypted"),
    (data("keys/encrypted_traditional.pem"), "encrypted"),
    (data("keys/ed25519.pem"), ""),
    (data("keys/dsa2048.pem"), ""),
    (data("keys/secp256k1.pem"), ""),
    (data("keys/rsa1024.pem"), ""),
    (data("certificates/ec256.pem"), ""),
    (data("requests/ec256.pem"), ""),
    (data("keys/rsa2048.der"), "not a PEM file"),
    (b"\x7fELF" + bytes(1000), "not a PEM file"),
    (b" \r\n", "empty"),
    (b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 1_000_000, "larger"),
]
# Where a private key is due: the form, its field, and the rest of the form.
KEYS_ARE_DUE = [
    ("/private-key/upload", "private_key_file_pem", {}),
    (
        ORDER,
        "private_key_file_pem",
        {
            HTTP: "k.example.com",
            "account_key_option": "account_key_existing",
            "account_key_existing": ACCOUNT_KEY,
            "private_key_option": "private_key_file",
            "processing_strategy": "create_order",
        },
    ),
    (
        "/acme-account/upload",
        "account_key_file_pem",
        {
            "acme_account_provider_id": "1",
            "account__contact": "new@example.com",
            "account__private_key_cycle": "single_certificate",
        },
    ),
]


def order(**changes: Any) -> dict[str, Any]:
    """A form that is right but for the changes; None leaves a field out."""
    right = {
        HTTP: "n.example.com",
        "account_key_option": "account_key_existing",
        "account_key_existing": ACCOUNT_KEY,
        "private_key_option": "private_key_for_account_key",
        "processing_strategy": "create_order",
        **changes,
    }
    return {name: value for name, value in right.items() if value is not None}


def sample(field: FormField) -> Any:
    """What a field may be."""
    if isinstance(field, Choice):
        return next(iter(field.choices))
    if isinstance(field, Pem):
        return data("keys/ec256.pem")
    kinds = {Integer: "1", Email: "a@example.com", DomainName: "a.example.com"}
    return next((text for kind, text in kinds.items() if isinstance(field, kind)), "x")


def test_a_name_that_is_not_ascii_is_stored_in_its_ascii_form(target: Target) -> None:
    with pytest.raises(AssertionError, match="something was written"), target.untouched():
        answer = target.post("/domain/new.json", {"domain_name": "Bücher.example"})
    assert answer.json["Domain"]["domain_name"] == "xn--bcher-kva.example"


@pytest.mark.parametrize(("name", "reason"), NO_NAMES)
def test_what_is_no_name_is_refused_with_the_reason(target: Target, name: str, reason: str) -> None:
    for field in (HTTP, DNS):
        errors = target.refused(ORDER, order(**{HTTP: None, field: name}))
        assert reason in errors[field]
        assert errors["Error_Main"] == f"{FORM_ERROR} invalid domain names detected"
    errors = target.refused("/domain/new", {"domain_name": name})
    assert errors["domain_name"] == "invalid domain names detected"
    assert reason in errors["Error_Main"]


@pytest.mark.parametrize(("text", "reason"), NO_LISTS)
def test_lists_of_names_are_refused_with_the_reason(target: Target, text: str, reason: str) -> None:
    for field in (HTTP, DNS):
        assert reason in target.refused(ORDER, order(**{HTTP: None, field: text}))[field]
    assert set(target.refused("/domain/new", {"domain_name": text})) >= {"domain_name"}


def test_wildcards_are_for_dns_01(target: Target) -> None:
    errors = target.refused(ORDER, order(**{HTTP: "*.example.com"}))
    assert "only dns-01" in errors[HTTP]


@pytest.mark.parametrize("name", ["*.*.example.com", "*.a*.example.com", "*..example.com", "*.com"])
def test_a_wildcard_has_one_star_and_a_whole_name(target: Target, name: str) -> None:
    assert f"“{name}” has" in target.refused(ORDER, order(**{HTTP: None, DNS: name}))[DNS]


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "[2001:db8::1]"])
def test_addresses_are_for_http_01(target: Target, address: str) -> None:
    errors = target.refused(ORDER, order(**{HTTP: None, DNS: address}))
    assert "is an IP address" in errors[DNS]


@pytest.mark.parametrize("text", [",", " , ,, ", "\n", "\r\n\t ", ""])
def test_a_list_without_names_is_refused(target: Target, text: str) -> None:
    errors = target.refused(ORDER, order(**{HTTP: text}))
    assert HTTP in errors
    assert "domain_name" in target.refused("/domain/new", {"domain_name": text})


@pytest.mark.parametrize("other", ["n.example.com", "N.Example.COM", " n.example.com ,x.example"])
def test_a_name_in_both_lists_is_refused(target: Target, other: str) -> None:
    errors = target.refused(ORDER, order(**{DNS: other}))
    assert "only be associated to one challenge type" in errors["Error_Main"]


@pytest.mark.parametrize("field", [HTTP, DNS])
def test_more_names_than_a_certificate_holds_are_refused(target: Target, field: str) -> None:
    names = ",".join(f"n{n}.example.com" for n in range(101))
    assert "at most 100" in target.refused(ORDER, order(**{HTTP: None, field: names}))[field]


def test_a_name_that_is_given_twice_counts_once(target: Target) -> None:
    names = ",".join(f"n{n % 99}.example.com" for n in range(1_000))
    errors = target.refused(ORDER, order(**{HTTP: f"{names} {BLOCKED} {BLOCKED.upper()}"}))
    assert errors == {
        "Error_Main": f"{FORM_ERROR} The following Domains are blocklisted: {BLOCKED}"
    }


def test_blocklisted_names_are_refused(target: Target) -> None:
    errors = target.refused("/domain/new", {"domain_name": BLOCKED.upper()})
    assert "blocklisted" in errors["domain_name"]


@pytest.mark.parametrize(("content", "reason"), NO_KEYS)
@pytest.mark.parametrize(("path", "field", "rest"), KEYS_ARE_DUE, ids=lambda v: str(v)[:20])
def test_what_is_no_private_key_is_refused(
    target: Target, path: str, field: str, rest: dict[str, str], content: bytes, reason: str
) -> None:
    errors = target.refused(path, {**rest, field: content})
    assert set(errors) == {field, "Error_Main"}
    assert reason in errors[field]


@pytest.mark.parametrize(("path", "field", "rest"), KEYS_ARE_DUE, ids=lambda v: str(v)[:20])
def test_an_empty_file_is_none(target: Target, path: str, field: str, rest: dict[str, str]) -> None:
    assert target.refused(path, {**rest, field: b""})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account_key_existing": RETIRED_KEY}, "account_key_existing"),
        ({"account_key_existing": "' OR 1=1 --"}, "account_key_existing"),
        (
            {"private_key_option": "private_key_existing", "private_key_existing": FOREIGN_KEY},
            "private_key_option",
        ),
        (
            {"private_key_option": "private_key_existing", "private_key_existing": "placeholder"},
            "private_key_existing",
        ),
        (
            {"account_key_option": "account_key_file", "acme_account_provider_id": "999999"},
            None,
        ),
    ],
)
def test_keys_and_accounts_of_others_are_refused(
    target: Target, changes: dict[str, str], field: str | None
) -> None:
    errors = target.refused(ORDER, order(**changes))
    assert set(errors) == ({field, "Error_Main"} if field else {"Error_Main"})


@pytest.mark.parametrize("number", ["0", "-1", "999999", str(2**63), str(10**30), "x", "1.5", "٣"])
def test_a_ca_that_is_not_here_is_refused(target: Target, number: str) -> None:
    fields = {
        "acme_account_provider_id": number,
        "account__contact": "new@example.com",
        "account__private_key_cycle": "single_certificate",
        "account__private_key_technology": "EC",
    }
    assert "acme_account_provider_id" in target.refused("/acme-account/new", fields)


@pytest.mark.parametrize("word", ["nonsense", "ACTIVE ", "0", "<b>", "', DROP TABLE", "a\nb", "é"])
def test_unknown_words_are_answered_with_the_known_ones(target: Target, word: str) -> None:
    seen = 0
    for path, action in target.actions.items():
        path = path.replace("{id}", "1")
        for name, field in target.fields_of(path).items():
            if not isinstance(field, Choice) or word.strip() in field.choices:
                continue
            seen += 1
            text = target.refused(path, {name: word})[name]
            assert text.startswith("Value must be one of: "), (action.name, name)
    assert seen > 8


def test_forms_without_any_of_their_fields_are_refused(target: Target) -> None:
    for path in target.forms():
        for fields in ({}, {"no_field_of_it": "1"}):
            assert target.refused(path, fields) == {"Error_Main": "Nothing submitted."}, path


def test_each_required_field_is_missed(target: Target) -> None:
    for path in target.forms():
        declared = target.fields_of(path)
        right = {name: sample(field) for name, field in declared.items() if field.required}
        for name in right:
            rest = {n: value for n, value in right.items() if n != name}
            if rest:
                assert target.refused(path, rest)[name] == "Missing value", path
            errors = target.refused(path, {**rest, name: " "})
            assert errors[name].startswith("Please enter"), path
