"""What can go wrong with an ACME server: it refuses, is out of reach, or talks nonsense."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UpstreamError

DETAIL = 1000  # characters that are kept of a problem's text
SUBPROBLEMS = 20
ABOUT_A_SUBPROBLEM = 300
UNSAID_S = 60.0  # the pause after a limit, if the server does not say how long


class Unreachable(UpstreamError):
    """No answer: no connection, no time left, or nobody at home behind the CA's gateway (5xx).

    Whether the server has acted on the request is not known.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class BadAnswer(UpstreamError):
    """The server's answer is not what RFC 8555 says, or not safe to follow."""


@dataclass(frozen=True)
class Subproblem:
    """Section 6.7.1: which of an order's identifiers the server refuses, and why."""

    type: str
    detail: str
    identifier: str | None

    def __str__(self) -> str:
        return f"{self.identifier or 'order'}: {_said(self.type, self.detail) or 'refused'}"


class Problem(UpstreamError):
    """The server refused, or tells why something failed: RFC 7807 with the types of section 6.7.

    `code` is the HTTP status that the server gave (what we answer to our caller is `status`),
    `type` the last part of the URN ("badNonce"); texts are cleaned of control characters and cut,
    so that they can be shown and logged.
    """

    def __init__(
        self, code: int, document: Mapping[str, Any], retry_after_s: float | None = None
    ) -> None:
        self.code = code
        self.type = _type(document)
        self.detail = clean(_words(document), DETAIL)
        self.instance = clean(document.get("instance"), 500) or None
        self.subproblems = _subproblems(document.get("subproblems"))
        self.retry_after_s = retry_after_s
        super().__init__(self._text())

    @property
    def is_no(self) -> bool:
        """Whether it was not done, and is not going to be. After any other 5xx nobody knows.

        501 is what a server says of a part of RFC 8555 that it does not have (Caddy's keyChange).
        """
        return self.code < 500 or self.code == 501

    def _text(self) -> str:
        text = _said(self.type, self.detail) or f"HTTP {self.code}"
        if self.subproblems:
            text += f" [{'; '.join(map(str, self.subproblems))}]"
        if self.retry_after_s is not None:
            text += f" (retry after {self.retry_after_s:.0f} s)"
        return text


class BadNonce(Problem):
    """Section 6.5: sign again with the nonce that came along."""


class RateLimited(Problem):
    """Section 6.6; `retry_after_s` says when there is a next time, if the server told."""

    status = 429


class Gone(Problem):
    """HTTP 404: the server does not know the URL, or knows it no more."""


def refusal(code: int, document: Mapping[str, Any], retry_after_s: float | None = None) -> Problem:
    """The Problem of an answer with HTTP status 400 and more."""
    kind = Problem
    match _type(document):
        case "badNonce":
            kind = BadNonce
        case "rateLimited":
            kind = RateLimited
        case _ if code == 404:
            kind = Gone
        case _ if code == 429:
            kind = RateLimited
    return kind(code, document, retry_after_s)


def pause(error: BaseException | None) -> float | None:
    """For how many seconds the server wants to be left alone; None if it is no such answer."""
    match error:
        case RateLimited(retry_after_s=told):
            return UNSAID_S if told is None else told
        case Problem(code=503, retry_after_s=told) | Unreachable(retry_after_s=told):
            return told
    return None


def clean(text: object, limit: int) -> str:
    """A stranger's text on one line, without control, format and direction characters."""
    if not isinstance(text, str):
        return ""
    cut = text[: limit + 1]
    cut = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in cut)
    return cut if len(cut) <= limit else f"{cut[:limit]}…"


def _type(document: Mapping[str, Any]) -> str:
    kind = str(document.get("type") or "").rpartition(":")[2]
    return kind if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", kind) and kind != "blank" else ""


def _words(document: Mapping[str, Any]) -> object:
    """What is said for people. Some servers (acme2certifier) say it where the type belongs."""
    kind = document.get("type")
    misplaced = kind if isinstance(kind, str) and " " in kind else ""
    return document.get("detail") or document.get("title") or misplaced


def _said(kind: str, detail: str) -> str:
    return ": ".join(part for part in (kind, detail) if part)


def _subproblems(value: object) -> tuple[Subproblem, ...]:
    if not isinstance(value, list):
        return ()
    documents = [d for d in value if isinstance(d, dict)][:SUBPROBLEMS]
    return tuple(
        Subproblem(_type(d), clean(d.get("detail"), ABOUT_A_SUBPROBLEM), _identifier(d))
        for d in documents
    )


def _identifier(document: Mapping[str, Any]) -> str | None:
    identifier = document.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return clean(value, 255) or None
