from __future__ import annotations

from typing import Any

import pytest

from peter_sslers.enums import KeyTechnology
from peter_sslers.errors import FieldErrors
from peter_sslers.web import schemas
from peter_sslers.web.form_errors import form_errors


class Every(schemas.Form):
    technology = schemas.Choice(KeyTechnology, required=False)
    renamed = schemas.Choice(("file",), required=False, also={"file_pem": "file"})
    contact = schemas.Email(required=False)
    count = schemas.Integer(required=False, low=1, high=9)
    ids = schemas.Integers(required=False)
    flag = schemas.Flag()
    pem = schemas.Pem(required=False)
    name = schemas.DomainName(required=False)
    names = schemas.DomainNames(required=False, wildcard=True, ip=True, limit=3)


def read(**fields: Any) -> dict[str, Any]:
    return Every.read(fields)


def wrong(**fields: Any) -> dict[str, str]:
    with pytest.raises(FieldErrors) as found:
        Every.read(fields)
    return form_errors(found.value)


def test_optional_fields_are_none_when_absent_or_empty() -> None:
    assert set(read(technology="", unknown="x").values()) == {None}
    assert read(technology="", count=" ", ids=[""], names="")["count"] is None


def test_a_form_without_any_of_its_fields_is_none() -> None:
    assert wrong(unknown="x") == {"Error_Main": "Nothing submitted."}


def test_the_last_of_several_counts_where_one_is_wanted() -> None:
    assert read(contact=["x", "a@example.com"])["contact"] == "a@example.com"
    assert read(contact=[], pem=[], name=[None])["contact"] is None


def test_what_was_not_utf8_is_refused_by_name() -> None:
    assert "UTF-8" in wrong(contact="a@ex\ufffdmple.com")["contact"]


def test_an_address_is_as_long_as_what_keeps_it() -> None:
    domain = ".".join(["a" * 49] * 4) + ".example.com"
    fits = "o" * (254 - len(domain)) + "@" + domain
    assert read(contact=fits)["contact"] == fits
    assert wrong(contact=f"o{fits}")["contact"] == "Please enter at most 255 characters"


def test_values_have_their_types() -> None:
    values = read(technology="EC", count=" 7 ", ids=["1", "3,2"], flag="on", names="A.com *.b.com")
    assert values["technology"] is KeyTechnology.EC
    assert (values["count"], values["ids"], values["flag"]) == (7, [1, 3, 2], True)
    assert values["names"] == ["a.com", "*.b.com"]


def test_old_word_of_a_choice_is_taken() -> None:
    assert read(renamed="file_pem")["renamed"] == "file"


@pytest.mark.parametrize("number", ["x", "1.5", "٣", "", "0x1", "9" * 30])
def test_what_is_no_integer(number: str) -> None:
    if number:
        assert wrong(count=number)["count"] == "Please enter an integer value"


def test_integer_has_bounds() -> None:
    assert wrong(count="10")["count"] == "Please enter a number from 1 to 9"


@pytest.mark.parametrize("address", ["ops", "@example.com", "a b@example.com", "a@b"])
def test_bad_email_is_refused(address: str) -> None:
    assert "mail" in wrong(contact=address)["contact"]


@pytest.mark.parametrize("text", ["x", "\x7fELF", "-----BEGIN é"])
def test_what_is_no_pem_is_refused(text: str) -> None:
    assert "not a PEM file" in wrong(pem=text)["pem"]


def test_bad_name_has_the_contracts_words_and_the_reason() -> None:
    errors = wrong(names="a_b.com")
    assert errors["names"] == "invalid domain names detected"
    assert errors["Error_Main"].startswith("There was an error with your form. “a_b.com” has")


def test_single_name_and_limits() -> None:
    assert wrong(name="a.com,b.com")["name"] == "Only 1 domain accepted here."
    assert "at most 3" in wrong(names="a.com,b.com,c.com,d.com")["names"]


def test_file_in_a_field_for_text_is_refused() -> None:
    assert wrong(contact=object())["contact"] == "Please enter a text, not a file"
