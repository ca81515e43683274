"""What is wrong with a form, in words for its page and for its JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from ..errors import FieldErrors

FORM_ERROR = "There was an error with your form."


class NothingSubmitted(FieldErrors):
    """A form that has fields was posted without any of them."""

    def __init__(self) -> None:
        super().__init__({}, "Nothing submitted.")


class Explained(str):
    """A field's error with a sentence for the form as a whole."""

    main: str = ""

    @classmethod
    def of(cls, text: str, main: str) -> Explained:
        explained = cls(text)
        explained.main = main
        return explained


def form_errors(error: FieldErrors) -> dict[str, str]:
    """The `form_errors` of an answer: each field's text and `Error_Main`."""
    if isinstance(error, NothingSubmitted):
        return {"Error_Main": error.main}
    return {**error.errors, "Error_Main": f"{FORM_ERROR} {error.main}".rstrip()}


def of_validation(error: ValidationError) -> FieldErrors:
    """With the sentences of all `Explained` ones for the form as a whole."""
    found: dict[str, str] = {}
    main: list[str] = []
    messages: Any = error.messages
    for name, texts in messages.items():
        listed = texts if isinstance(texts, list) else [str(texts)]
        found[name] = " ".join(listed)
        main += [text.main for text in listed if isinstance(text, Explained)]
    return FieldErrors(found, " ".join(dict.fromkeys(main)))
