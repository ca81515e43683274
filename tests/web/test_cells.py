from __future__ import annotations

import enum
from datetime import UTC, datetime

import pytest

from peter_sslers import enums
from peter_sslers.web import cells

STATUS_ENUMS = (
    enums.OrderStatus,
    enums.AuthorizationStatus,
    enums.ChallengeStatus,
    enums.ProcessingStatus,
    enums.ChallengeFailType,
    enums.CoverageAssuranceEventStatus,
    enums.CoverageAssuranceResolution,
)


@pytest.mark.parametrize("words", STATUS_ENUMS)
def test_every_status_word_has_its_sign(words: type[enum.StrEnum]) -> None:
    known = {word for text in cells.STATUS.values() for word in text.split()}
    assert {str(word) for word in words} <= known


def test_every_word_of_every_enum_has_a_class_that_the_stylesheet_knows() -> None:
    for kind in vars(enums).values():
        if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
            assert {cells.status_class(str(word)) for word in kind} <= {"", *cells.STATUS}


@pytest.mark.parametrize(
    ("word", "css"),
    [
        ("valid", "ok"),
        ("ready", "run"),
        ("by hand", "warn"),
        ("renewal fails", "bad"),
        ("inactive (expired)", ""),
        ("whatever", ""),
    ],
)
def test_class_of_a_word(word: str, css: str) -> None:
    assert cells.status_class(word) == css


def test_what_the_ca_calls_a_status_is_escaped() -> None:
    assert "<b>" not in cells.status("<b>")


def test_time_is_utc_and_says_so_to_machines() -> None:
    shown = cells.time(datetime(2026, 11, 4, 7, 40, 31, tzinfo=UTC))
    assert shown == '<time datetime="2026-11-04T07:40:31Z">4 Nov 2026, 07:40:31</time>'


def test_names_say_how_many_more_there_are() -> None:
    assert cells.names(["a.com"]) == "a.com"
    assert cells.names(["a.com", "b.com"]).endswith("+1 name</span>")
    assert cells.names(["a.com", "b.com", "c.com"]).endswith("+2 names</span>")


def test_text_in_backticks_is_code() -> None:
    assert cells.coded("use `<x>` now") == "use <code>&lt;x&gt;</code> now"


def test_a_call_of_curl_has_a_line_for_each_part() -> None:
    assert cells.folded("curl --form 'a=b c' http://x/y.json") == (
        "curl \\\n  --form 'a=b c' \\\n  http://x/y.json"
    )
    assert cells.folded("curl http://x/y.json") == "curl http://x/y.json"
