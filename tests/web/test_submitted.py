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


def test_no_more_is_read_than_the_length_says() -> None:
    assert submitted(posted(io.BytesIO(BODY + b"GET /next"))) == FIELDS
