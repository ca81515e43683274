"""Marks: what an operator says of an object by hand. Each kind has its words and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ...lib.context import Context
from ..resource import Button, Done

Word = TypeVar("Word", bound=str)


def marking(
    json_name: str, do: Callable[[Context, Any, Any], None]
) -> Callable[[Context, Any, dict[str, Any]], Done]:
    """The `run` of a kind's action `mark`: `do(ctx, object, word)`, and the answer of all kinds."""

    def run(ctx: Context, obj: Any, values: dict[str, Any]) -> Done:
        do(ctx, obj, values["action"])
        return Done({json_name: obj}, query=marked(values["action"]))

    return run


def marked(word: str) -> str:
    """The query string that tells of it."""
    return f"result=success&operation=mark&action={word}"


def button(
    refusal: Callable[[Any, Word], str | None],
    to: Word,
    label: str,
    about: str,
    *,
    danger: bool = False,
    form_id: str = "",
) -> Button:
    """One word as a button; `refusal(object, word)` says why it is not possible, or None."""
    return Button(
        label,
        about,
        hidden={"action": to},
        possible=lambda obj: refusal(obj, to),
        danger=danger,
        form_id=form_id or f"form-mark-{to}",
    )
