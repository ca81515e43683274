"""The fields that a request's body carries, whichever way it writes them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any
from wsgiref.types import WSGIEnvironment

from pyramid.request import Request

from ..errors import SslersError
from . import multipart

MAX_BODY = 4 * 1024 * 1024
MAX_PARTS = 600  # of a multipart body: each file of it takes one of the process's descriptors
_BLOCK = 1024 * 1024
_DIGITS = 10  # of a body's length: Python refuses to read thousands
URLENCODED = "application/x-www-form-urlencoded"
FORMS = {URLENCODED, "multipart/form-data"}
# What Pyramid's command says, with `text/plain`: it does not know how much stands on its stdin. No
# HTTP server lets that through.
OF_PREQUEST = "-1"
UTF_8 = {"utf-8", "utf8"}

Submitted = dict[str, Any]


class BadBody(SslersError):
    """Nothing of the body was read."""


class TooLarge(BadBody):
    status = 413


class Unreadable(BadBody):
    """The body is not what its Content-Type says, or of a type that we do not read."""


def submitted(request: Request, max_body: int = MAX_BODY, *, query_too: bool = False) -> Submitted:
    """{field: text, uploaded file, or a list where it was given more than once}.

    Bodies are urlencoded, multipart, or a flat JSON object. With `query_too` the query string's
    fields win over the body's. Raises TooLarge or Unreadable.
    """
    fields = _body(request, max_body)
    if query_too:
        fields.update(_mixed(request.GET.items()))
    return fields


def _body(request: Request, max_body: int) -> Submitted:
    if (plain := _plain(request.environ, max_body)) is not None:
        return plain
    if request.environ.get("CONTENT_LENGTH") == OF_PREQUEST:
        _take_stdin(request)
    if (request.content_length or 0) > max_body:
        raise TooLarge(f"The body is larger than {max_body // 1024 // 1024} MiB.")
    if not request.content_length and not request.is_body_readable:
        return {}
    # The body of a form is small enough for memory.
    request.request_body_tempfile_limit = MAX_BODY + 1
    if not request.content_type:  # else an empty header is taken for another type
        request.content_type = URLENCODED
    kind = request.content_type
    if kind == "application/json" or kind.endswith("+json"):
        return _json(request)
    if kind not in FORMS:
        raise Unreadable(f"The body's Content-Type is {kind[:80]}, which is no form's.")
    if request.charset.lower() not in UTF_8:
        raise Unreadable(f"The body is {request.charset[:80]}; forms are read as UTF-8.")
    return _form(request, kind)


def _plain(environ: WSGIEnvironment, max_body: int) -> Submitted | None:
    """None where webob has to read it: it takes ten times as long, and keeps files on disk."""
    boundary = multipart.boundary_of(environ.get("CONTENT_TYPE") or "")
    if boundary is None:
        return None
    length, stream = environ.get("CONTENT_LENGTH") or "", environ["wsgi.input"]
    is_number = length.isdecimal() and len(length) < _DIGITS
    if not is_number or int(length) > min(max_body, MAX_BODY):
        return None
    if not isinstance(stream, io.IOBase) or not stream.seekable():
        return None
    at = stream.tell()
    body: bytes = stream.read(int(length))
    stream.seek(at)  # webob may have to read it, too
    found = multipart.plain(body, boundary) if len(body) == int(length) else None
    return _mixed(found) if found and len(found) <= MAX_PARTS else None


def _form(request: Request, kind: str) -> Submitted:
    if kind == "multipart/form-data" and _parts(request) > MAX_PARTS:
        raise TooLarge(f"The form has more than {MAX_PARTS} parts.")
    try:
        fields = request.POST
        request.add_finished_callback(lambda _: _close(fields))
        return _mixed(fields.items())
    except (ValueError, LookupError, OSError):  # webob and cgi say many things of a broken body
        raise Unreadable("The body can not be read as a form.") from None


def _take_stdin(request: Request) -> None:
    """A form that was piped into `prequest -m POST`; a terminal is not waited for."""
    stdin = request.environ["wsgi.input"]
    text = "" if stdin.isatty() else stdin.read()
    request.content_type = URLENCODED
    request.body = text.encode()


def _parts(request: Request) -> int:
    """At most so many: the places where the boundary stands in the body."""
    boundary = request.headers["Content-Type"].rpartition("boundary=")[2].partition(";")[0]
    mark = b"--" + boundary.strip('" ').encode("latin-1", "replace")
    given = request.body_file_raw
    request.make_body_seekable()
    body, count, kept = request.body_file_raw, 0, b""
    if body is not given:  # but a copy, and of a large one in a temporary file
        request.add_finished_callback(lambda _: body.close())
    while block := body.read(_BLOCK):
        count += (kept + block).count(mark)
        kept = block[-len(mark) + 1 :] if len(mark) > 1 else b""
    body.seek(0)
    return count


def _close(fields: Any) -> None:
    """Close the temporary files of uploads."""
    for value in fields.values():
        if getattr(value, "file", None) is not None:
            value.file.close()


def _mixed(fields: Iterable[tuple[str, Any]]) -> Submitted:
    """As {name: value}, with a list where a name came more than once."""
    found: dict[str, list[Any]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _json(request: Request) -> Submitted:
    try:
        document = json.loads(request.body) if request.body else {}
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON, as its Content-Type says it is.") from None
    if not isinstance(document, dict):
        raise Unreadable("The body is JSON, but not an object with the form's fields.")
    for name, value in document.items():
        parts = value if isinstance(value, list) else [value]
        if any(not isinstance(part, str | int | float | bool | None) for part in parts):
            raise Unreadable(f"The JSON member “{name[:80]}” is not a text, a number or a list.")
        if not all(_is_unicode(part) for part in [name, *parts] if isinstance(part, str)):
            raise Unreadable("The body has half of a surrogate pair, which is no character.")
    return {name: value for name, value in document.items() if value is not None}


def _is_unicode(text: str) -> bool:
    """JSON can say `"\\ud800"`: neither UTF-8 nor a database can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
