"""What a form's page is made of, worked out from the action and what was submitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .api_docs import form_fields
from .form_errors import FORM_ERROR
from .resource import Action, Button
from .schemas import Form, FormField
from .shown import FormPage


def confirmed(page: FormPage) -> dict[str, str]:
    """Fields that are settled before: those of the button that led here, sent on unseen."""
    button = button_of(page)
    hidden = {**page.action.hidden, **(button.hidden if button else {})}
    return {name: str(value) for name, value in hidden.items()}


def button_of(page: FormPage) -> Button | None:
    """The button whose hidden values the form has."""
    for button in page.action.buttons:
        if all(str(page.values.get(n)) == str(v) for n, v in button.hidden.items()):
            return button
    return None


def is_danger(page: FormPage) -> bool:
    button = button_of(page)
    return page.action.danger or bool(button and button.danger)


def words(page: FormPage) -> str:
    """On the form's button."""
    button = button_of(page)
    return button.label if button else page.action.button or page.action.label


def groups(action: Action, fields: Mapping[str, FormField]) -> list[tuple[str, list[str]]]:
    """(legend, names) of the form's parts; one without legend for what is in none."""
    declared = action.schema.groups if issubclass(action.schema, Form) else ()
    found = [(legend, [n for n in names if n in fields]) for legend, names in declared]
    grouped = {name for _, names in found for name in names}
    rest = [name for name in fields if name not in grouped]
    return [group for group in [*found, ("", rest)] if group[1]]


def is_radio(field: FormField, words: Mapping[str, str]) -> bool:
    """Whether a field is shown with all its words at once."""
    return bool(words) and field.required and len(words) <= 5


def inside(
    names: Iterable[str], fields: Mapping[str, FormField], choices: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """{field: word} of those fields that stand below a word of a choice, and begin with it."""
    words = [w for n in names if is_radio(fields[n], choices[n]) for w in choices[n]]
    found = {}
    for name in names:
        if word := next((w for w in words if name == w or name.startswith(f"{w}_")), ""):
            found[name] = word
    return found


def by_word(found: Mapping[str, str]) -> dict[str, list[str]]:
    """{word: its fields}"""
    return {word: [n for n, w in found.items() if w == word] for word in found.values()}


def told(errors: Mapping[str, str]) -> dict[str, str]:
    """The errors of the fields, which the main one only sums up; without any, the main one."""
    of_fields = {name: text for name, text in errors.items() if name != "Error_Main"}
    return of_fields or {name: _sentence(text) for name, text in errors.items()}


def _sentence(text: str) -> str:
    """Without the words that every form's error begins with."""
    return text.removeprefix(FORM_ERROR).strip() or text


def is_folded(page: FormPage, legend: str, names: list[str]) -> bool:
    """Whether a part waits behind its legend; never while something in it is wrong."""
    schema = page.action.schema
    folded = schema.folded if issubclass(schema, Form) else ()
    return legend in folded and not any(name in page.errors for name in names)


def value(field: FormField, submitted: Any) -> str:
    """What a control shows: what was submitted or preset, else the default.

    Never a file, nor a secret.
    """
    if field.secret:
        return ""
    if isinstance(submitted, list):
        submitted = ", ".join(str(v) for v in submitted if isinstance(v, str | int))
    if submitted is None:
        return field.default
    return str(submitted) if isinstance(submitted, str | int) else ""


def optional(field: FormField) -> str:
    return "" if field.is_needed else " (optional)"


def back(page: FormPage) -> str:
    """Where Cancel leads."""
    if page.resource is None:
        return "/api"
    if page.obj is None:
        return page.resource.many
    return f"/{page.resource.path}/{page.obj.id}"


def curl_values(page: FormPage) -> dict[str, str]:
    """What was entered and is right, for the call from a script."""
    shown = {**page.values, **confirmed(page)}
    return {
        name: value(field, shown.get(name))
        for name, field in form_fields(page.action).items()
        if name not in page.errors
    }
