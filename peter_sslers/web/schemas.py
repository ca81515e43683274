"""The fields that forms are made of, each with its words for what is wrong."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

from ..lib import names
from .form_errors import Explained, NothingSubmitted, of_validation

MISSING = "Missing value"
EMPTY = "Please enter a value"
MAX_TEXT = 8_192
MAX_NAMES = 65_536
MAX_FILE = 262_144


class Form(Schema):
    """The base of every form. `check` is run when each field by itself is right."""

    may_be_empty: ClassVar[bool] = False  # a POST without any field is all right
    # (legend, names) of the parts that the form's page has
    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()
    folded: ClassVar[tuple[str, ...]] = ()  # legends of the parts that are shown on demand

    class Meta:
        unknown = EXCLUDE

    def check(self, values: dict[str, Any]) -> None:
        """Raise FieldErrors for what is wrong between fields."""

    @classmethod
    def read(cls, submitted: Mapping[str, Any]) -> dict[str, Any]:
        """The fields' values, None where an optional one was not given. Raises FieldErrors.

        `submitted` is {name: text, uploaded file, or a list of either}.
        """
        form = _one_of(cls)
        if form.fields and form.fields.keys().isdisjoint(submitted) and not cls.may_be_empty:
            raise NothingSubmitted
        try:
            values: dict[str, Any] = form.load(submitted)
        except ValidationError as exc:
            raise of_validation(exc) from None
        form.check(values)
        return values


@cache
def _one_of(kind: type[Form]) -> Form:
    """It keeps nothing of what it reads; to make one takes longer than to read with it."""
    return kind()


class FormField(fields.Field[Any]):
    """A field of a form, with all that its page and its help show.

    `label` and `hint` are for people; `kind` is the control's type in HTML; `choices` are the
    words it may have; `default` is what a form that was not filled in yet shows. An optional field
    that is absent or empty becomes None.
    """

    kind = "text"
    max_length = MAX_TEXT
    if_empty = EMPTY
    takes_many = False  # it may be given more than once; else the last one counts
    secret = False  # what was entered is never sent back

    def __init__(
        self,
        hint: str = "",
        *,
        label: str = "",
        required: bool = True,
        default: str = "",
        is_needed: bool | None = None,
    ) -> None:
        super().__init__(
            required=required,
            allow_none=not required,
            load_default=missing if required else None,
            error_messages={"required": MISSING},
        )
        self.hint = hint
        self._label = label
        self.default = default
        # What people are told: some fields are asked for by the action, in words of its own.
        self.is_needed = required if is_needed is None else is_needed
        self.choices: dict[str, str] = {}

    @property
    def label(self) -> str:
        return self._label or str(self.name).replace("__", " ").replace("_", " ").capitalize()

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kw: Any
    ) -> Any:
        if isinstance(value, list) and not self.takes_many:
            value = self._one_of(value)
        if self._is_blank(value):
            if self.required:
                raise ValidationError(self.if_empty)
            return None
        return super().deserialize(value, attr, data, **kw)

    def _one_of(self, values: list[Any]) -> Any:
        if self.kind == "file":  # none may be lost in silence
            values = [v for v in values if not self._is_blank(v)]
            if len(values) > 1:
                raise ValidationError(f"There are {len(values)} files where one is wanted")
        return values[-1] if values else None

    def _is_blank(self, value: Any) -> bool:
        return all(v is None or (isinstance(v, str) and not v.strip()) for v in _listed(value))

    def _text(self, value: Any) -> str:
        if isinstance(value, bool | int | float):
            value = str(value)
        if not isinstance(value, str):
            raise ValidationError("Please enter a text, not a file")
        return self._checked(value)

    def _checked(self, text: str) -> str:
        if "\x00" in text:
            raise ValidationError("A NUL character is not allowed here")
        if "\ufffd" in text:  # what webob makes of bytes that are not UTF-8
            raise ValidationError("This is not UTF-8")
        if len(text) > self.max_length:
            raise ValidationError(f"Please enter at most {self.max_length:,} characters")
        return text

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        return self._text(value).strip()


class Text(FormField):
    """One line of text, stripped."""


class LongText(FormField):
    """Several lines of text, stripped."""

    kind = "textarea"
    max_length = MAX_FILE


class Secret(FormField):
    """A text that is not shown again."""

    kind = "password"
    secret = True


class SecretLines(LongText):
    """A text of several lines that is not shown again."""

    secret = True


class Email(FormField):
    kind = "email"
    max_length = 255  # that are kept
    if_empty = "Please enter an email address"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> str:
        text = self._text(value).strip()
        local, at, domain = text.rpartition("@")
        if not at or not local or any(c.isspace() or not c.isprintable() for c in text):
            raise ValidationError("An email address must contain a single @")
        try:
            names.normalise(domain)
        except names.InvalidName:
            raise ValidationError("The domain part of the email address is invalid") from None
        return text


class Choice(FormField):
    """One of a list of words. An enum's member comes out where an enum went in.

    `explain` gives the words that a person reads beside a word; `also` words that are taken, for
    the sake of old clients, as another.
    """

    kind = "radio"

    def __init__(
        self,
        words: type[enum.StrEnum] | Sequence[str],
        hint: str = "",
        *,
        explain: Mapping[str, str] | None = None,
        also: Mapping[str, str] | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(hint, **kw)
        self.choices = {str(word): (explain or {}).get(str(word), "") for word in words}
        self._members = {str(word): word for word in words}
        self._also = dict(also or {})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> str:
        word = self._text(value).strip()
        word = self._also.get(word, word)
        if word not in self._members:
            words = "; ".join(self._members)
            raise ValidationError(f"Value must be one of: {words} (not {_quoted(word)})")
        return self._members[word]


class Integer(FormField):
    kind = "number"

    def __init__(self, hint: str = "", *, low: int = 0, high: int = 2**63 - 1, **kw: Any) -> None:
        super().__init__(hint, **kw)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        return self._number(self._text(value))

    def _number(self, text: str) -> int:
        text = text.strip()
        if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 20:
            raise ValidationError("Please enter an integer value")
        number = int(text)
        if not self.low <= number <= self.high:
            raise ValidationError(f"Please enter a number from {self.low} to {self.high}")
        return number


class Integers(Integer):
    """A field that may be given more than once; also `1,2,3` in one."""

    kind = "text"
    takes_many = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> list[int]:
        texts = [part for v in _given(value) for part in self._text(v).split(",")]
        return list(dict.fromkeys(self._number(text) for text in texts if text.strip()))


class Flag(FormField):
    """A check box: yes, or not there."""

    kind = "checkbox"

    def __init__(self, hint: str = "", **kw: Any) -> None:
        super().__init__(hint, required=False, **kw)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> bool:
        return self._text(value).strip().lower() in {"1", "true", "yes", "on"}


class File(FormField):
    """An uploaded file, or the same in a text field, as bytes."""

    kind = "file"
    max_length = MAX_FILE

    def _is_blank(self, value: Any) -> bool:
        # A browser sends an empty, nameless part where no file was chosen; webob makes it b"".
        return super()._is_blank(value) or value == b""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        content = self._content(value)
        if len(content) > self.max_length:
            raise ValidationError(f"The file is larger than {self.max_length // 1024} KiB")
        if not content.strip():
            raise ValidationError("The file is empty")
        return content

    def _content(self, value: Any) -> bytes:
        if isinstance(value, str):
            return value.encode()
        stream = getattr(value, "file", None)
        if stream is None:
            raise ValidationError("Please choose a file")
        stream.seek(0)
        content = stream.read(self.max_length + 1)
        return content if isinstance(content, bytes) else str(content).encode()


class Pem(File):
    """A PEM file, as text. What it holds is for the x509 backend to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> str:
        content: bytes = super()._deserialize(value, attr, data, **kw)
        try:
            text = content.decode("ascii")
        except UnicodeDecodeError:
            text = ""
        if "-----BEGIN " not in text:
            raise ValidationError("This is not a PEM file: it has no line -----BEGIN …")
        return text.strip() + "\n"


class DomainName(FormField):
    """One domain name, as `names.normalise` leaves it."""

    max_length = 1_024
    only_one = "Only 1 domain accepted here."

    def __init__(
        self, hint: str = "", *, wildcard: bool = False, ip: bool = False, **kw: Any
    ) -> None:
        super().__init__(hint, **kw)
        self.wildcard, self.ip = wildcard, ip

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        given = names.split(self._text(value))
        if len(given) > 1:
            raise ValidationError(self.only_one)
        return self._normalised(given)[0]

    def _normalised(self, given: list[str]) -> list[str]:
        if not given:
            raise ValidationError("no domain names submitted")
        try:
            return names.normalise_all(given, wildcard=self.wildcard, ip=self.ip)
        except names.InvalidName as exc:
            raise ValidationError([self._refusal(exc)]) from None

    def _refusal(self, error: names.InvalidName) -> str:
        return Explained.of("invalid domain names detected", f"{error}.")


class DomainNames(DomainName):
    """Domain names, separated by commas or white space.

    `about_all` says "invalid domain names detected" of the whole form, not of the field: what
    clients of order forms look for.
    """

    kind = "textarea"
    max_length = MAX_NAMES
    takes_many = True

    def __init__(
        self, hint: str = "", *, about_all: bool = False, limit: int = 0, **kw: Any
    ) -> None:
        super().__init__(hint, **kw)
        self.about_all = about_all
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> list[str]:
        given = names.split(",".join(self._text(v) for v in _given(value)))
        if not given and self.about_all:
            main = "no domain names submitted"
            raise ValidationError([Explained.of("There is no name in this list", main)])
        found = self._normalised(given)
        if self.limit and len(found) > self.limit:
            raise ValidationError(f"Please give at most {self.limit} names at a time")
        return found

    def _refusal(self, error: names.InvalidName) -> str:
        if self.about_all:
            return Explained.of(str(error), "invalid domain names detected")
        return super()._refusal(error)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _given(value: Any) -> list[Any]:
    """Without what JSON calls null."""
    return [v for v in _listed(value) if v is not None]


def _quoted(word: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in word)
    return repr(printable if len(printable) <= 80 else printable[:79] + "…")
