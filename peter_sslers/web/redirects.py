"""Where a POST sends a browser, and how a text stands in the query string of that address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote, unquote_plus

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

MAX_TEXT = 1_000
# What stands for itself in a query string; the rest would end or break the address.
_PLAIN = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in "&#%")
SAID = "said"


def as_query_text(text: str) -> str:
    """A text for `error=`: a blank or line end is `+`; what would break an address is escaped."""
    text = text.replace("\r\n", "\n")[:MAX_TEXT]
    return quote(text, safe=_PLAIN + " \n").replace(" ", "+").replace("\n", "+")


def form_errors_as_query_text(errors: Mapping[str, str]) -> str:
    """`field--text---field--text`, sorted."""
    return "---".join(sorted(as_query_text(f"{name}--{text}") for name, text in errors.items()))


def see_other(request: Request, path: str, query: str = "", said: str = "") -> HTTPSeeOther:
    """303 to a path below the admin root.

    `said` is the text in `error=`. A cookie vouches for it: the page shows a text from its address
    only if this browser was just sent there by us (see `vouched`).
    """
    joint = "&" if "?" in path else "?"
    location = f"{request.admin_url}{path}" + (f"{joint}{query}" if query else "")
    answer = HTTPSeeOther(location=location)
    if said:
        answer.set_cookie(
            SAID,
            _digest(unquote_plus(said)),
            max_age=60,
            path=request.admin_path or "/",
            httponly=True,
            samesite="Strict",
            secure=request.scheme == "https",
        )
    return answer


def vouched(request: Request) -> str:
    """The `error=` of the address if it is ours, else ""."""
    text = request.GET.get("error", "")
    return text if text and request.cookies.get(SAID) == _digest(text) else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
