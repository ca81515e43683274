"""Requests that are wrong as requests: unknown ids, methods and bodies, on every route there is."""

from __future__ import annotations

import pytest

from .hostile import JSON, MULTIPART, URLENCODED, Target, data, path_of, target
from .whole import CHALLENGE, WHOAMI, initialised

__all__ = ["initialised", "target"]

UNKNOWN = ["999999", "9" * 18, str(2**63), str(10**30), "9" * 5_000, "00000000000000000000009"]
NO_IDS = [
    "-1",
    "abc",
    "1.5",
    "0x1",
    "%C2%B2",
    "%D9%A3",
    "1%20",
    "1%0A",
    "'",
    "%3Cb%3E",
    "%F0%9F%92%A9",
]
TOO_LARGE = 50 * 1024 * 1024


def part(name: str, content: bytes, *more: str) -> bytes:
    heads = "".join(f"\r\n{line}" for line in more).encode()
    disposition = f'Content-Disposition: form-data; name="{name}"'.encode()
    return b"--x\r\n" + disposition + heads + b"\r\n\r\n" + content + b"\r\n"


# A body that is none, with its type.
UNREADABLE = [
    pytest.param(b"[1, 2]", JSON, id="JSON array"),
    pytest.param(b"3", JSON, id="JSON number"),
    pytest.param(b'"text"', JSON, id="JSON string"),
    pytest.param(b"null", JSON, id="JSON null"),
    pytest.param(b'{"action": ', JSON, id="broken JSON"),
    pytest.param(b'{"action": {"a": 1}}', JSON, id="object in JSON"),
    pytest.param(b'{"action": [["a"]]}', JSON, id="list in a list"),
    pytest.param(b'{"action": "\\ud800"}', JSON, id="half of a surrogate pair"),
    pytest.param(b'{"\\ud800": "a"}', JSON, id="half of a surrogate pair as name"),
    pytest.param(b'{"action": "\xff"}', JSON, id="JSON that is not UTF-8"),
    pytest.param(b'{"action": ' + b"9" * 5_000 + b"}", JSON, id="5,000 digits"),
    pytest.param(b"[" * 100_000, JSON, id="deep JSON"),
    pytest.param(b"action=active", JSON, id="form sent as JSON"),
    pytest.param(b"hello", "text/plain", id="text"),
    pytest.param(b"<a/>", "application/xml", id="XML"),
    pytest.param(b"\x00\xff", "application/octet-stream", id="bytes"),
    pytest.param(b"action=a", f"{URLENCODED}; charset=no-such", id="unknown charset"),
    pytest.param(b"action=a", f"{URLENCODED}; charset=utf-16", id="UTF-16"),
    pytest.param(b"action=+AGE-", f"{URLENCODED}; charset=utf-7", id="UTF-7"),
    pytest.param(b"x", "multipart/form-data", id="no boundary"),
    pytest.param(b"x", "multipart/form-data; boundary=", id="empty boundary"),
    pytest.param(b"x", "multipart/form-data; boundary=" + "b" * 300, id="long boundary"),
    pytest.param(part("a", b"b", "Content-Type: text/plain; charset=no"), MULTIPART, id="charset"),
]
# A body that can be read and has nothing that any form takes.
WORTHLESS = [
    pytest.param(b"{}", JSON, id="empty JSON"),
    pytest.param(b'{"action": [], "private_key_file_pem": []}', JSON, id="empty lists"),
    pytest.param(b'{"action": [null], "private_key_file_pem": [null]}', JSON, id="nulls"),
    pytest.param(b'{"action": NaN, "domain_name": 1e999}', JSON, id="no numbers"),
    pytest.param(b'{"action": true, "private_key_file_pem": false}', JSON, id="booleans"),
    pytest.param(b"&&&;;;===&=&%&%%", URLENCODED, id="separators"),
    pytest.param(b"action=\xff&domain_name=%ff%fe&bits=%ff", URLENCODED, id="not UTF-8"),
    pytest.param(b"action=%00&private_key_file_pem=%00&bits=%00", URLENCODED, id="NUL"),
    pytest.param(b"%00=%00&__class__=1&_csrf=", URLENCODED, id="odd names"),
    pytest.param("&".join(f"f{n}=x" for n in range(1_000)).encode(), URLENCODED, id="1,000"),
    pytest.param(b"&".join([b"action=x"] * 1_000), URLENCODED, id="1,000 of a name"),
    pytest.param(b"--y\r\n", MULTIPART, id="another boundary"),
    pytest.param(b"--x\r\n\r\nv\r\n--x--\r\n", MULTIPART, id="part without a head"),
    pytest.param(part("action", b"\xff"), MULTIPART, id="part that is not UTF-8"),
    pytest.param(part("action", b"!", "Content-Transfer-Encoding: base64"), MULTIPART, id="base64"),
    pytest.param(part("action", data("keys/rsa2048.der")) + b"--x--", MULTIPART, id="DER"),
]


def with_ids(target: Target) -> list[str]:
    return [pattern for pattern in target.patterns() if "{id" in pattern]


@pytest.mark.parametrize("ident", UNKNOWN, ids=lambda text: text[:22])
def test_what_is_not_here_is_404_on_every_route(target: Target, ident: str) -> None:
    patterns = with_ids(target)
    assert len(patterns) > 80
    with target.untouched():
        for pattern in patterns:
            told = target.get(path_of(pattern, id=ident, json=".json"), Accept="application/json")
            assert told.status_code == 404, pattern
            assert told.json["code"] == "404 Not Found"
            assert told.json["message"]
            page = target.get(path_of(pattern, id=ident))
            assert page.status_code == 404, pattern
            if "json" not in page.content_type:
                assert page.html.h1.text.strip()


def test_a_row_that_nobody_has_is_404_on_every_route(target: Target) -> None:
    """Id 0 is the placeholder among private keys alone; its files do not exist."""
    for pattern in with_ids(target):
        for suffix in ("", ".json"):
            answer = target.get(path_of(pattern, id="0", json=suffix))
            allowed = {200, 303} if pattern.startswith("/private-key/") else set()
            assert answer.status_code in {404, *allowed}, pattern


@pytest.mark.parametrize("ident", NO_IDS)
def test_what_is_no_id_is_404_on_every_route(target: Target, ident: str) -> None:
    with target.untouched():
        for pattern in with_ids(target):
            for suffix in ("", ".json"):
                answer = target.get(path_of(pattern, id=ident, json=suffix))
                # What a client adds in front or behind is taken for a slip, if for anything.
                allowed = {200, 303} if ident in {"1%20", "1%0A"} else set()
                assert answer.status_code in {404, *allowed}, (pattern, answer.status)


def test_chains_that_are_not_here_are_404(target: Target) -> None:
    patterns = [pattern for pattern in with_ids(target) if "{id_cachain" in pattern]
    assert patterns
    for pattern in patterns:
        for chain in ("0", "1", str(10**30), "9" * 5_000):
            answer = target.get(path_of(pattern, id="1", id_cachain=chain))
            assert answer.status_code == 404, pattern


@pytest.mark.parametrize("page", ["0", "2", str(10**30), "9" * 5_000])
def test_pages_that_are_not_there_lead_to_the_nearest(target: Target, page: str) -> None:
    with target.untouched():
        for pattern in target.patterns():
            if "{page" in pattern:
                answer = target.get(path_of(pattern, page=page))
                assert answer.status_code in {200, 303}, pattern


@pytest.mark.parametrize(
    "query",
    [
        "sort=nonsense&status=nonsense&result=error&error=x&operation=y&message=z",
        "sort=-&=&&&;;&%F0%9F%92%A9=%F0%9F%92%A9&idonly=x&openresty=x",
        "sort=--id&sort=id&confirm&action=nonsense&help&help=1",
        "id=x&" + "&".join(f"f{n}=x" for n in range(1_000)),
    ],
)
def test_queries_without_sense_do_no_harm(target: Target, query: str) -> None:
    with target.untouched():
        for pattern in target.patterns():
            answer = target.get(f"{path_of(pattern)}?{query}")
            assert answer.status_code < 500, pattern


@pytest.mark.parametrize("text", ["x", "1" * 40, "'", "%25", "_", "%F0%9F%92%A9", "a" * 10_000])
def test_filters_take_any_text(target: Target, text: str) -> None:
    for kind in target.whole.wsgi.registry.resources:
        for column in kind.columns:
            for listing in kind.listings if column.filter else ():
                path = f"/{kind.paths}/{listing.name}".rstrip("/")
                answer = target.get(f"{path}?{column.name}={text}")
                assert answer.status_code in {200, 303}, (path, column.name)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_405_on_every_route(target: Target, method: str) -> None:
    with target.untouched():
        for pattern in target.patterns():
            answer = target.send(path_of(pattern), method=method)
            assert answer.status_code == 405, pattern
            assert answer.headers["Allow"] == "GET, HEAD, POST"
            told = target.send("/domains.json", method=method)
        assert told.json["code"] == "405 Method Not Allowed"
        for path in (WHOAMI, f"{CHALLENGE}/token"):
            assert target.whole.client.request(path, method=method, status="*").status_code == 405


def test_head_is_a_get_without_a_body(target: Target) -> None:
    with target.untouched():
        for pattern in target.patterns():
            path = path_of(pattern)
            answer = target.send(path, method="HEAD")
            assert answer.status_code == target.get(path).status_code, pattern
            assert answer.body == b""


def test_a_post_to_a_page_writes_nothing(target: Target) -> None:
    deeds = {path.replace("{id}", "1") for path in target.actions}
    with target.untouched():
        for pattern in target.patterns():
            path = path_of(pattern)
            if path not in deeds:
                for body, kind in ((b"x=%ff", URLENCODED), (b"--y", "multipart/form-data")):
                    assert target.send(path, body, kind).status_code < 500, pattern


@pytest.mark.parametrize(("body", "kind"), UNREADABLE)
def test_a_body_that_is_no_form_is_400_on_every_action(
    target: Target, body: bytes, kind: str
) -> None:
    with target.untouched():
        for pattern in target.actions:
            path = pattern.replace("{id}", "1")
            told = target.send(f"{path}.json", body, kind)
            assert told.status_code == 400, pattern
            assert told.json["result"] == "error"
            assert told.json["error"].startswith("The ")
            page = target.send(path, body, kind)
            if page.status_code == 303:
                assert "result=error&error=The+" in page.location
                continue
            assert page.status_code == 400, pattern
            if target.actions[pattern].always_json:
                assert page.json == told.json
            else:
                assert told.json["error"] in page.html.select_one("#errors").get_text()


@pytest.mark.parametrize(("body", "kind"), WORTHLESS)
def test_a_body_without_sense_is_400_on_every_form(target: Target, body: bytes, kind: str) -> None:
    with target.untouched():
        for path in target.forms():
            told = target.send(f"{path}.json", body, kind)
            assert told.status_code == 400, path
            assert told.json["form_errors"]["Error_Main"]
            assert target.send(path, body, kind).status_code in {400, 303}, path


def test_a_body_that_is_too_large_is_413_on_every_action(target: Target) -> None:
    file = part("private_key_file_pem", bytes(TOO_LARGE), "Content-Type: text/plain")
    with target.untouched():
        for pattern in target.actions:
            path = pattern.replace("{id}", "1")
            told = target.send(f"{path}.json", file, MULTIPART)
            assert told.status_code == 413, pattern
            most = 32 if pattern.endswith("/upload-bulk") else 4
            assert f"larger than {most} MiB" in told.json["error"]
            page = target.send(path, file, MULTIPART)
            assert page.status_code in {413, 303}, pattern
            assert "larger" in (page.text if page.status_code == 413 else page.location)


def test_a_body_on_an_unknown_object_is_404(target: Target) -> None:
    with target.untouched():
        for pattern in target.actions:
            if "{id}" in pattern:
                path = pattern.replace("{id}", "999999")
                assert target.send(f"{path}.json", b"action=x").status_code == 404, pattern


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "\xff;;q=nonsense,,"},
        {"Cookie": "said=\xff; \x01=;;; a"},
        {"Authorization": "Basic \xff"},
        {"Content_Type": "\xff/;;boundary"},
        {"Accept_Encoding": "x" * 10_000},
        {"If_Modified_Since": "yesterday"},
        {"Range": "bytes=9-1"},
    ],
    ids=str,
)
def test_headers_without_sense_do_no_harm(target: Target, headers: dict[str, str]) -> None:
    for path in ("/domains", "/domains.json", "/private-key/1/key.pem", "/no-such-page"):
        assert target.get(path, **headers).status_code < 500
    assert target.send("/domain/new.json", **headers).status_code == 400
