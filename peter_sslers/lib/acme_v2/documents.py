"""Reading a server's JSON without trusting it: every member is asked for with its type."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .problems import BadAnswer, Problem

LONGEST = 2048  # characters of a text, URLs among them
MOST = 1000  # members of a list
RETRY_AFTER_CAP_S = 7 * 86400.0


@dataclass(frozen=True)
class Document:
    """One JSON object. `what` names it in errors; `own` lets only the server's own URLs pass."""

    data: Mapping[str, Any]
    what: str
    own: Callable[[str], str]
    retry_after_s: float | None = None

    def text(self, name: str) -> str:
        """A text that must be there. Raises BadAnswer, as all of these do."""
        value = self.data.get(name)
        if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
            raise BadAnswer(f"{self.what}: `{name}` is no text")
        return value

    def maybe_text(self, name: str) -> str | None:
        return self.text(name) if self.data.get(name) else None

    def url(self, name: str) -> str:
        return self.own(self.text(name))

    def maybe_url(self, name: str) -> str | None:
        return self.url(name) if self.data.get(name) else None

    def urls(self, name: str) -> tuple[str, ...]:
        return tuple(self.own(url) for url in self.texts(name))

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._list(name)
        if not all(isinstance(v, str) and len(v) <= LONGEST and v.isprintable() for v in value):
            raise BadAnswer(f"{self.what}: `{name}` is no list of texts")
        return tuple(value)

    def true(self, name: str) -> bool:
        return self.data.get(name) is True

    def moment(self, name: str) -> datetime | None:
        value = self.maybe_text(name)
        try:
            return moment(value) if value else None
        except (ValueError, OverflowError) as exc:
            raise BadAnswer(f"{self.what}: `{name}` is no time") from exc

    def problem(self, name: str) -> Problem | None:
        value = self.data.get(name)
        if not isinstance(value, dict):
            return None
        status = value.get("status")
        return Problem(status if isinstance(status, int) else 0, value)

    def inner(self, name: str) -> Document:
        value = self.data.get(name)
        if not isinstance(value, dict):
            raise BadAnswer(f"{self.what}: `{name}` is no object")
        return Document(value, f"{self.what}: {name}", self.own)

    def maybe_inner(self, name: str) -> Document:
        """The object, an empty one if it is missing."""
        return self.inner(name) if self.data.get(name) else Document({}, self.what, self.own)

    def inners(self, name: str) -> tuple[Document, ...]:
        value = self._list(name)
        if not all(isinstance(v, dict) for v in value):
            raise BadAnswer(f"{self.what}: `{name}` is no list of objects")
        return tuple(Document(v, f"{self.what}: {name}", self.own) for v in value)

    def _list(self, name: str) -> list[Any]:
        value = self.data.get(name)
        if not isinstance(value, list) or len(value) > MOST:
            raise BadAnswer(f"{self.what}: `{name}` is no list")
        return value


def moment(text: str) -> datetime | None:
    """RFC 3339, fractions of any length (cut to microseconds), in UTC.

    None for Go's zero time, by which some servers say "not yet". Raises ValueError, OverflowError.
    """
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?", text.strip()
    )
    if not match:
        raise ValueError(f"no time: {text!r}")
    date, time, fraction, zone = match.groups()
    offset = "+00:00" if zone is None or zone in "Zz" else zone
    micros = (fraction or ".0")[1:7].ljust(6, "0")
    when = datetime.fromisoformat(f"{date}T{time}.{micros}{offset}")
    return when.astimezone(UTC) if when.year > 1 else None


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110 section 10.2.3): a number or a date.

    Never below 0, at most a week. None if there is no header or it says neither.
    """
    if not header:
        return None
    if re.fullmatch(r"\d{1,12}", header.strip(), re.ASCII):
        return min(float(header), RETRY_AFTER_CAP_S)
    try:
        when = email.utils.parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now) / timedelta(seconds=1), 0.0), RETRY_AFTER_CAP_S)
