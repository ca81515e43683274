"""The types of value that options have: what is allowed, and how it is read."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from .option import Kind, Parse, Refused


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError


def _text(text: str) -> str:
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for item in re.split(r"[,\s]+", text) if item))


def _names(text: str) -> tuple[str, ...]:
    found = tuple(item.removeprefix("*.").strip(".") for item in _list(text.lower()))
    if not all(re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", name) for name in found):
        raise ValueError
    return found


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    parts.port  # noqa: B018  # raises for what is no port
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise Refused("nothing but scheme, host and port")
    return text.rstrip("/")


def _base_urls(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_base_url(item.strip()) for item in text.split(",") if item.strip()))


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return text


def _path(text: str) -> str:
    if not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)+", text):
        raise ValueError
    return text


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 86_400:  # refuses nan and inf, too
        raise ValueError
    return number


def _seconds_or_none(default: float) -> Parse:
    return lambda text: default if text.lower() in {"", "none"} else _seconds(text)


def _expiry(text: str) -> int | None:
    number = int(text or "0")
    if number < 0:
        raise ValueError
    return number or None


def _pem_file(text: str) -> str:
    path = Path(text)
    try:
        content = path.read_text("utf-8", "replace")
    except OSError as error:
        raise Refused(error.strerror) from None
    if "-----BEGIN CERTIFICATE-----" not in content:
        raise Refused("there is no certificate in it")
    return text


def _file(text: str) -> str:
    try:
        Path(text).read_bytes()
    except OSError as error:
        raise Refused(error.strerror) from None
    return text


def _userpass(text: str) -> str:
    user, colon, password = text.partition(":")
    if not (user and colon and password):
        raise ValueError
    return text


def integer(low: int, high: int) -> Kind:
    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    return Kind(f"a whole number from {low} to {high}", parse)


def one_of(*words: str) -> Kind:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return Kind(" or ".join(f"`{word}`" for word in words), parse)


def header_word() -> Kind:
    def parse(text: str) -> str:
        if not re.fullmatch(r"[!-~](?:[ -~]{0,98}[!-~])?", text):
            raise ValueError
        return text

    return Kind("one line of ASCII text", parse)


def seconds_or(default: float) -> Kind:
    return Kind("seconds, decimals allowed, or `none`", _seconds_or_none(default))


BOOLEAN = Kind("true or false (also 1, 0, yes, no, on, off)", _boolean, blank_is_default=True)
TEXT = Kind("text", _text, blank_is_default=True)
LIST = Kind("a list, separated by commas", _list)
NAMES = Kind("a list of domain names, separated by commas", _names)
BASE_URL = Kind("`scheme://host[:port]`", _base_url, blank_is_default=True)
BASE_URLS = Kind("a list of `scheme://host[:port]`, separated by commas", _base_urls)
URL = Kind("a URL that begins with http:// or https://", _url, blank_is_default=True)
PATH = Kind("a path that begins with `/` and does not end with it", _path)
PATH_OR_BLANK = Kind(PATH.words, _path, blank_is_default=True)
SECONDS = Kind("seconds, decimals allowed", _seconds)
EXPIRY = Kind("whole seconds; 0 or blank is for ever", _expiry)
PEM_FILE = Kind("the path of a PEM file with certificates", _pem_file, blank_is_default=True)
FILE = Kind("the path of a file", _file, blank_is_default=True)
USERPASS = Kind("`user:password`", _userpass, blank_is_default=True)
