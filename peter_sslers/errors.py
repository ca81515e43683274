"""The errors we raise on purpose. Each message is fit to show an operator and names the object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SslersError(Exception):
    """The root of all of ours. `status` is the HTTP status of the answer that reports it.

    `retry_after_s`: seconds until it is worth while to try again, where that is known. `told`: what
    programs are told besides the message.
    """

    status = 400
    retry_after_s: float | None = None
    told: Mapping[str, Any] = {}


class NotFound(SslersError):
    status = 404


class InvalidTransition(SslersError):
    """The object is not in a state from which that can be done."""

    status = 409


class InvalidRequest(InvalidTransition):
    """The action is not allowed for this object now."""


class SwitchedOff(InvalidTransition):
    """The settings have a part of the application off: `no redis`, `no nginx`."""

    def __init__(self, part: str) -> None:
        super().__init__(f"no {part}")


class Conflict(SslersError):
    """Something else holds what was asked for: a name, a key, a challenge."""

    status = 409


class TryLater(SslersError):
    """Not now: the ACME server wants to be left alone, or a budget is used up. It was not asked."""

    status = 429

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class FieldErrors(SslersError):
    """One or more form fields are wrong: {field: text}. `main` is a sentence about the whole."""

    def __init__(self, errors: Mapping[str, str] | None = None, main: str = "") -> None:
        self.errors = dict(errors or {})
        self.main = main
        super().__init__("; ".join([*self.errors.values(), *([main] if main else [])]))


class SettingsError(SslersError):
    """The .ini is wrong. The message lists every wrong option, what it says and what it may say."""

    status = 500


class UpstreamError(SslersError):
    """An ACME server refused, answered nonsense, or could not be reached."""

    status = 502


class Failed(SslersError):
    """Something went wrong after an object had come into being; `obj` is that object."""

    def __init__(self, message: str, obj: Any, status: int = 502) -> None:
        super().__init__(message)
        self.obj = obj
        self.status = status
