"""What is read in one go is what webob reads; the rest is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webob import Request

from peter_sslers.web import multipart

TYPE = "multipart/form-data; boundary=x"
TEXT = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n%b\r\n'
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="k.pem"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n%b\r\n"
)
END = b"--x--\r\n"


def by_webob(body: bytes, kind: str) -> list[Any]:
    request = Request.blank("/", method="POST", body=body, content_type=kind)
    return [(name, as_data(value)) for name, value in request.POST.items()]


def as_data(value: Any) -> Any:
    return value if isinstance(value, str | bytes) else (value.filename, value.file.read())


def at_once(body: bytes, kind: str = TYPE) -> list[Any] | None:
    boundary = multipart.boundary_of(kind)
    found = None if boundary is None else multipart.plain(body, boundary)
    return None if found is None else [(name, as_data(value)) for name, value in found]


@pytest.mark.parametrize(
    "body",
    [
        TEXT % b"" + END,
        TEXT % b"one" + TEXT % b"two\r\nlines\n" + END,
        TEXT % "ä€😀".encode() + FILE % bytes(range(256)) + END[:-2],
        FILE % b"" + FILE % b"\r\n\r\n" + TEXT % b"-- x" + END,
        (TEXT % b"1").replace(b"Content-Disposition", b"content-disposition") + END,
    ],
)
def test_plain_bodies_are_read_as_webob_reads_them(body: bytes) -> None:
    assert at_once(body) == by_webob(body, TYPE)
    assert at_once(body, 'multipart/form-data; boundary="x"') == by_webob(body, TYPE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        END,
        TEXT % b"no end",
        b"\r\n" + TEXT % b"1" + END,
        TEXT % b"1" + END + b"epilogue",
        TEXT % b"--x" + END,
        TEXT % b"a line\n--x" + END,
        TEXT % b"\r\n--xy" + END,
        TEXT % b"\xff" + END,
        (TEXT % b"1").replace(b"\r\n", b"\n") + END,
        (TEXT % b"1").replace(b'"a"', b"a") + END,
        (TEXT % b"1").replace(b'"a"', b'"%22"') + END,
        (FILE % b"").replace(b"k.pem", b"") + END,
        (FILE % b"1").replace(b"octet-stream", b"octet-stream; charset=utf-16") + END,
        (FILE % b"1").replace(b"application/octet-stream", b"multipart/mixed") + END,
        (TEXT % b"MQ==").replace(b'"a"', b'"a"\r\nContent-Transfer-Encoding: base64') + END,
    ],
)
def test_all_others_are_left_to_webob(body: bytes) -> None:
    assert at_once(body) is None


@pytest.mark.parametrize("kind", ["", "; boundary=", "; charset=utf-8; boundary=x", "; boundary=y"])
def test_other_boundaries_are_left_to_webob(kind: str) -> None:
    assert at_once(TEXT % b"1" + END, f"multipart/form-data{kind}") is None


PIECES = [b"--x", b"\r\n", b"\n", b"--", b"a", b"\r", b'name="b"', b": ", b"Content-Type"]


@given(st.lists(st.sampled_from([*PIECES, TEXT % b"1", FILE % b"2"])).map(b"".join))
def test_no_body_is_read_otherwise_than_by_webob(content: bytes) -> None:
    for body in (content + END, TEXT % content + END, FILE % content + TEXT % b"1" + END):
        found = at_once(body)
        assert found is None or found == by_webob(body, TYPE)
