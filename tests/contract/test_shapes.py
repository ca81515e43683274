"""The comparison itself: what it lets pass, and what it finds."""

from __future__ import annotations

from typing import Any

import pytest

from .shapes import Observed

SEEN = {
    "Things": {"<id>": {"id": "int", "name": "str", "at": "timestamp", "of": {"id": "digits"}}},
    "form_fields": ["action"],
    "result": "success",
}
OTHER = {"name": "null", "of": {}}
GOOD = {"id": 1, "name": "a", "at": "2026-11-24T07:00:00", "of": {"id": "7"}}


def faults(thing: dict[str, Any], **more: Any) -> list[str]:
    answer = {"Things": {"1": thing}, "form_fields": {"action": "x"}, "result": "success", **more}
    return list(Observed(SEEN, OTHER).faults(SEEN, answer))


@pytest.mark.parametrize("change", [{}, {"more": 1}, {"name": None}, {"of": {}}])
def test_what_fits_passes(change: dict[str, Any]) -> None:
    assert faults(GOOD | change) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"},
        {"id": True},
        {"id": None},
        {"name": 7},
        {"at": "2026-11-24T07:00:00+00:00"},
        {"of": {"id": 7}},
        {"of": []},
    ],
)
def test_another_type_is_found(change: dict[str, Any]) -> None:
    assert len(faults(GOOD | change)) == 1


def test_missing_members_are_found() -> None:
    assert faults({k: v for k, v in GOOD.items() if k != "id"}) == [".Things.1.id: is missing"]
    assert faults(GOOD, form_fields={}) == [".form_fields.action: is missing"]


def test_another_word_is_found() -> None:
    assert len(faults(GOOD, result="error")) == 1
