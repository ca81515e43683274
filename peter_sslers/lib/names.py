"""What is a domain name, a wildcard or an IP address: the only place that says so."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from ..errors import SslersError

MAX_NAME = 253  # RFC 1035 section 2.3.4, as text without the final dot
MAX_SHOWN = 80  # characters of a refused name that an error repeats
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# The contract's rule for the last label: two to six letters, or more of letters, digits, hyphens.
_LAST = re.compile(r"[a-z]{2,6}|[a-z0-9-]{2,}(?<!-)")


class InvalidName(SslersError):
    """`name` is no name that may be used here; the message says why."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = _shown(name)
        self.reason = reason
        super().__init__(f"“{self.name}” {reason}")


def normalise(text: str, *, wildcard: bool = False, ip: bool = False) -> str:
    """A name as we store and compare it: lower case, ASCII, an IP address in its shortest form.

    `wildcard` lets `*.example.com` through, `ip` an IP literal (RFC 8738). Raises InvalidName.
    """
    name = text.strip().lower()
    if not name:
        raise InvalidName(text, "is empty")
    if address := as_ip(name):
        if not ip:
            raise InvalidName(text, "is an IP address, not a domain name")
        return address
    if is_wildcard(name):
        if not wildcard:
            raise InvalidName(text, "is a wildcard, which only dns-01 can prove")
        return "*." + _dns_name(text, name[2:])
    return _dns_name(text, name)


def split(text: str) -> list[str]:
    """The items of a list as people type it: separated by commas or white space, none twice."""
    return list(dict.fromkeys(item.lower() for item in re.split(r"[\s,]+", text) if item))


def normalise_all(names: Iterable[str], *, wildcard: bool = False, ip: bool = False) -> list[str]:
    """As `normalise`, in the order given, none twice. The first bad name refuses them all."""
    return list(dict.fromkeys(normalise(name, wildcard=wildcard, ip=ip) for name in names))


def is_wildcard(name: str) -> bool:
    return name.startswith("*.")


def as_ip(name: str) -> str | None:
    """The shortest form of an IP literal, without brackets; None for anything else."""
    text = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    if "%" in text:  # a scope is of this host only
        return None
    if ":" not in text and not text[-1:].isdigit():  # quicker than to be told below
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def is_ip(name: str) -> bool:
    return as_ip(name) is not None


def _dns_name(text: str, name: str) -> str:
    name = name if name.isascii() else _punycode(text, name)
    if len(name) > MAX_NAME:
        raise InvalidName(text, f"is longer than {MAX_NAME} characters")
    labels = name.split(".")
    if len(labels) < 2:
        raise InvalidName(text, "has no dot: a full domain name is needed")
    for label in labels:
        _check_label(text, label)
    if not _LAST.fullmatch(labels[-1]):
        raise InvalidName(text, "does not end in a top-level domain")
    if labels[-1].isdigit():
        raise InvalidName(text, "ends in a number: neither a domain name nor an IP address")
    return name


def _check_label(text: str, label: str) -> None:
    if _LABEL.fullmatch(label):
        return
    if not label:
        raise InvalidName(text, "has an empty part: a dot too many")
    if len(label) > 63:
        raise InvalidName(text, "has a part longer than 63 characters")
    if "_" in label:
        raise InvalidName(text, "has an underscore, which no certificate may carry")
    if "*" in label:
        raise InvalidName(text, "has a star that is not its first part")
    if label.startswith("-") or label.endswith("-"):
        raise InvalidName(text, "has a part that begins or ends with a hyphen")
    raise InvalidName(text, "has a character that a domain name can not have")


def _punycode(text: str, name: str) -> str:
    """`bücher.example` → `xn--bcher-kva.example` (RFC 5891)."""
    try:
        import idna
    except ImportError:  # the emergency installation has none
        raise InvalidName(text, "is not ASCII: write it in its xn-- form") from None
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise InvalidName(text, "is not a name that IDNA allows") from None


def _shown(name: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in name)
    return printable if len(printable) <= MAX_SHOWN else printable[: MAX_SHOWN - 1] + "…"
