from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peter_sslers.lib import names

# workflows.md section 1.1, to the letter
CONTRACT = re.compile(
    r"^(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+(?:[A-Z]{2,6}|[A-Z0-9-]{2,}(?<!-))$",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("EXAMPLE.com", "example.com"),
        (" foo.example.com\n", "foo.example.com"),
        ("test-1.example.com", "test-1.example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("a.xn--p1ai", "a.xn--p1ai"),
    ],
)
def test_name_is_normalised(typed: str, stored: str) -> None:
    assert names.normalise(typed) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("-example.com", "hyphen"),
        ("example.com-", "hyphen"),
        ("example.com.", "dot too many"),
        (".example.com", "dot too many"),
        ("test_1.example.com", "underscore"),
        ("localhost", "no dot"),
        ("a.*.example.com", "star"),
        ("x" * 64 + ".com", "63"),
        (".".join(["x" * 60] * 5), "253"),
        ("exa mple.com", "character"),
        ("example.com/../etc", "character"),
        ("example.1", "top-level"),
        ("example.12", "number"),
        ("1.2.3.256", "number"),
        ("a\x00.example.com", "character"),
        ("\u202e.example", "IDNA"),
        ("*.example.com", "wildcard"),
        ("192.0.2.1", "IP address"),
        ("[2001:db8::1]", "IP address"),
    ],
)
def test_bad_name_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(names.InvalidName, match=re.escape(reason)):
        names.normalise(typed)


def test_wildcard_where_it_is_allowed() -> None:
    assert names.normalise("*.Example.com", wildcard=True) == "*.example.com"
    with pytest.raises(names.InvalidName):
        names.normalise("*.*.example.com", wildcard=True)
    with pytest.raises(names.InvalidName):
        names.normalise("*.com", wildcard=True)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("[::1]", "::1")],
)
def test_ip_address_where_it_is_allowed(typed: str, stored: str) -> None:
    assert names.normalise(typed, ip=True) == stored


def test_list_is_split_lowered_and_has_nothing_twice() -> None:
    assert names.split(" B.com, a.com\nb.com,,") == ["b.com", "a.com"]


def test_a_long_bad_name_is_cut_in_the_message() -> None:
    with pytest.raises(names.InvalidName) as found:
        names.normalise("x" * 5_000)
    assert len(str(found.value)) < 200


@given(st.text(alphabet="aA1-._*:[]% \x00é", max_size=40))
def test_what_is_let_in_is_a_name_of_the_contract(text: str) -> None:
    try:
        name = names.normalise(text)
    except names.InvalidName:
        return
    assert CONTRACT.fullmatch(name)
    assert names.normalise(name) == name
