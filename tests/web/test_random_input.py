"""Whatever is posted to a form, the answer is never that something broke."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peter_sslers.enums import KeyTechnology
from peter_sslers.web.schemas import Choice

from .hostile import JSON, MULTIPART, URLENCODED, Target, data, target
from .whole import initialised

__all__ = ["initialised", "target"]

bounded = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TEXT = st.text(st.characters(), max_size=60)  # surrogates, too
PLAUSIBLE = st.sampled_from(
    [
        "a.example.com",
        "*.example.com",
        "192.0.2.1",
        "1",
        "-1",
        "0" * 32,
        "a@example.com",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        data("keys/ed25519.pem").decode(),
        '{"uri": "https://127.0.0.1:9/a", "kty": "RSA", "body": {"contact": [1]}}',
    ]
)


@pytest.fixture(autouse=True)
def _keys_are_made_fast(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """An RSA key of 4096 bits takes a second."""
    x509 = target.whole.app.x509
    make = x509.new_key
    monkeypatch.setattr(x509, "new_key", lambda *_: make(KeyTechnology.EC, 256))


def paths(target: Target) -> list[str]:
    return [path.replace("{id}", "1") for path in target.actions]


def submission(draw: st.DataObject, target: Target, path: str) -> dict[str, Any]:
    """Some of the form's fields, each with one of its words or with anything."""
    found = {}
    for name, field in target.fields_of(path).items():
        value = st.one_of(TEXT, PLAUSIBLE, st.lists(TEXT, max_size=3))
        if isinstance(field, Choice):
            value = st.one_of(st.sampled_from(list(field.choices)), value)
        if draw.draw(st.booleans(), label=name):
            found[name] = draw.draw(value, label=name)
    return found


def assert_answered(target: Target, path: str, body: bytes, kind: str) -> None:
    for suffix in ("", ".json"):
        answer = target.send(f"{path}{suffix}", body, kind)
        # 502: it was right by chance, and there is no CA.
        assert answer.status_code in {200, 303, 400, 409, 413, 502}, answer.text


@bounded
@given(draw=st.data())
def test_any_fields(target: Target, draw: st.DataObject) -> None:
    path = draw.draw(st.sampled_from(paths(target)))
    fields = submission(draw, target, path)
    encode = {"errors": "surrogatepass"}
    assert_answered(target, path, urlencode(fields, doseq=True, **encode).encode(), URLENCODED)
    assert_answered(target, path, json.dumps(fields).encode(), JSON)


@bounded
@given(draw=st.data(), kind=st.sampled_from([URLENCODED, MULTIPART, JSON, f"{JSON}; charset=x"]))
def test_any_bytes(target: Target, draw: st.DataObject, kind: str) -> None:
    path = draw.draw(st.sampled_from(paths(target)))
    assert_answered(target, path, draw.draw(st.binary(max_size=300)), kind)


@bounded
@given(draw=st.data(), content=st.binary(max_size=300))
def test_any_file(target: Target, draw: st.DataObject, content: bytes) -> None:
    path = draw.draw(st.sampled_from([p for p in paths(target) if target.fields_of(p)]))
    name = draw.draw(st.sampled_from(sorted(target.fields_of(path))))
    header = draw.draw(st.text("abc \"';=\\\r\n\0é", max_size=20))
    head = f'Content-Disposition: form-data; name="{name}"; filename="{header}"\r\n\r\n'.encode()
    assert_answered(target, path, b"--x\r\n" + head + content + b"\r\n--x--\r\n", MULTIPART)


@bounded
@given(
    draw=st.data(),
    values=st.lists(st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), TEXT)),
)
def test_any_json_values(target: Target, draw: st.DataObject, values: list[Any]) -> None:
    path = draw.draw(st.sampled_from([p for p in paths(target) if target.fields_of(p)]))
    names = list(target.fields_of(path))
    body = json.dumps(dict(zip(names, values, strict=False)) | {names[-1]: values})
    assert_answered(target, path, body.encode(), JSON)


@bounded
@given(path=st.text(max_size=40), query=st.text(max_size=40))
def test_any_address(target: Target, path: str, query: str) -> None:
    for start in ("/", "/domain/", "/private-key/1/", "/acme-order/"):
        answer = target.get(f"{start}{quote(path)}?{urlencode({'name': query})}")
        assert answer.status_code < 500, answer.text
