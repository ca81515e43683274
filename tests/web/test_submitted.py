"""However a body comes in, its fields are the same, and the next reader finds it whole."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyramid.request import Request

from peter_sslers.web.submitted import TooLarge, submitted

TYPE = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
BODY = PART % (b"a", b"1") + PART % (b"b", b"2") + PART % (b"b", b"3") + b"--x--\r\n"
FIELDS = {"a": "1", "b": ["2", "3"]}


class Socket(io.RawIOBase):
    """What some servers hand on: it can be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def posted(stream: Any, kind: str = TYPE, length: int = len(BODY)) -> Request:
    request = Request.blank("/", method="POST", content_type=kind)
    request.environ["wsgi.input"] = stream
    request.environ["CONTENT_LENGTH"] = str(length)
    request.environ["webob.is_body_seekable"] = False
    return request


@pytest.mark.parametrize("stream", [io.BytesIO, Socket])
@pytest.mark.parametrize("kind", [TYPE, f"{TYPE}; charset=utf-8"])
def test_a_form_is_read_from_any_stream_and_is_still_there(stream: Any, kind: str) -> None:
    request = posted(stream(BODY), kind)
    assert submitted(request) == FIELDS
    assert request.POST.mixed() == FIELDS
    assert submitted(request) == FIELDS


@pytest.mark.parametrize("stream", [io.BytesIO, Socket])
def test_what_is_larger_than_its_page_takes_is_not_read(stream: Any) -> None:
    content = stream(BODY)
    with pytest.raises(TooLarge):
        submitted(posted(content), len(BODY) - 1)
    assert content.read() == BODY
    assert submitted(posted(stream(BODY)), len(BODY)) == FIELDS


def test_a_body_that_ends_too_early_is_not_taken() -> None:
    with pytest.raises(OSError, match="expected"):
        submitted(posted(io.BytesIO(BODY), length=len(BODY) + 1))


def test_what_another_layer_has_read_is_not_read_again() -> None:
    """Webob reads this one: it has a part of another shape."""
    stream = io.BytesIO(b"read before" + BODY.replace(b'"a"', b"a"))
    stream.seek(len(b"read before"))
    assert submitted(posted(stream, length=len(BODY) - 2)) == FIELDS


def test_a_length_that_is_no_number_of_bytes() -> None:
    request = posted(io.BytesIO(BODY))
    request.environ["CONTENT_LENGTH"] = "9" * 5_000
    assert submitted(request) == {}


def test_no_more_is_read_than_the_length_says() -> None:
    assert submitted(posted(io.BytesIO(BODY + b"GET /next"))) == FIELDS
