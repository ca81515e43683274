from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from .queries import recorded
from .sample import ROOT, app, fill


class Admin:
    """A client of the sample admin, and its database."""

    def __init__(self, folder: Path, **options: Any) -> None:
        wsgi, self.database = app(folder, **options)
        self.http = TestApp(wsgi)

    def get(self, path: str, **kw: Any) -> Any:
        return self.http.get(ROOT + path, **kw)

    def post(self, path: str, fields: Any = "", **kw: Any) -> Any:
        return self.http.post(ROOT + path, fields, **kw)

    def location(self, answer: Any) -> str:
        return str(answer.headers["Location"]).removeprefix(f"http://localhost{ROOT}")


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[Admin]:
    admin = Admin(tmp_path)
    yield admin
    admin.database.close_connections()


def test_list_is_a_map_by_id_with_its_pagination(admin: Admin) -> None:
    fill(admin.database, shelves=120)
    found = admin.get("/shelves/all/2.json").json
    assert next(iter(found["Shelves"])) == "70"
    assert found["Shelves"]["70"] == {
        "id": 70,
        "name": "s70",
        "timestamp_created": "2026-11-24T13:10:00",
    }
    assert found["pagination"] == {
        "total_items": 120,
        "page": 2,
        "page_next": 3,
        "pages": 3,
        "per_page": 50,
    }


def test_last_page_has_no_next(admin: Admin) -> None:
    fill(admin.database, shelves=120)
    found = admin.get("/shelves/all/3.json").json
    assert found["pagination"]["page_next"] is None
    assert len(found["Shelves"]) == 20


def test_empty_list_has_one_empty_page(admin: Admin) -> None:
    found = admin.get("/shelves/all.json").json
    assert found["Shelves"] == {}
    assert found["pagination"]["total_items"] == 0
    assert found["pagination"]["page"] == 1


@pytest.mark.parametrize(
    ("asked", "sent_to"),
    [
        ("/shelves/all/0", "/shelves/all/1"),
        ("/shelves/all/9", "/shelves/all/2"),
        ("/shelves/all/9.json", "/shelves/all/2.json"),
        ("/shelves/all/99999999999999999999999?name=s", "/shelves/all/2?name=s"),
        ("/shelves", "/shelves/all"),
        ("/shelves.json", "/shelves/all.json"),
    ],
)
def test_list_sends_to_the_nearest_page(admin: Admin, asked: str, sent_to: str) -> None:
    fill(admin.database, shelves=60)
    answer = admin.get(asked, status=303)
    assert admin.location(answer) == sent_to


def test_filter_and_sort_of_a_list(admin: Admin) -> None:
    fill(admin.database, shelves=12)
    found = admin.get("/shelves/all.json?name=s1&sort=-name").json
    assert [shelf["name"] for shelf in found["Shelves"].values()] == ["s12", "s11", "s10", "s1"]


def test_page_links_keep_the_filter_and_drop_the_news(admin: Admin) -> None:
    fill(admin.database, shelves=60)
    page = admin.get("/shelves/all?name=s&result=success&operation=mark")
    assert f'href="{ROOT}/shelves/all/2?name=s"' in page.text


def test_related_list_has_the_other_kinds_shape(admin: Admin) -> None:
    fill(admin.database, shelves=1, books=3)
    found = admin.get("/shelf/1/books.json").json
    assert [book["title"] for book in found["Books"]] == ["b3", "b2", "b1"]
    assert found["pagination"]["total_items"] == 3


def test_object_has_its_json_and_the_kinds_other_keys(admin: Admin) -> None:
    fill(admin.database, shelves=1)
    found = admin.get("/shelf/1.json").json
    assert found["Shelf"]["name"] == "s1"
    assert found["raw"] == f"http://localhost{ROOT}/shelf/1/label.txt"


@pytest.mark.parametrize("ident", ["7", "99999999999999999999999", "9" * 300])
def test_unknown_object_is_named_in_the_404(admin: Admin, ident: str) -> None:
    found = admin.get(f"/shelf/{ident}.json", status=404).json
    assert found["code"] == "404 Not Found"
    assert ident[:80] in found["message"]
    assert "There is no shelf" in admin.get(f"/shelf/{ident}", status=404).text


def test_address_without_a_route_is_a_404_in_its_face(admin: Admin) -> None:
    assert admin.get("/nowhere.json", status=404).json["title"] == "Not Found"
    assert admin.get("/nowhere", status=404).content_type == "text/html"


def test_secrets_are_null_where_the_setting_hides_them(tmp_path: Path) -> None:
    admin = Admin(tmp_path, hides_private_keys=True)
    fill(admin.database, shelves=1, books=1)
    assert admin.get("/books.json").json["Books"][0]["key_pem"] is None


def test_download_has_its_type_and_is_not_stored(admin: Admin) -> None:
    fill(admin.database, shelves=1)
    answer = admin.get("/shelf/1/label.txt")
    assert answer.text == "s1"
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert answer.headers["Cache-Control"] == "no-store"
    admin.get("/shelf/1/label.pem.txt", status=404)
    admin.get("/shelf/1/label.exe", status=404)


def test_addresses_follow_the_configured_host(tmp_path: Path) -> None:
    admin = Admin(tmp_path, api_host="https://peter.example.com")
    answer = admin.get("/shelves", status=303)
    assert answer.headers["Location"] == f"https://peter.example.com{ROOT}/shelves/all"


def test_pages_forbid_script_and_framing(admin: Admin) -> None:
    fill(admin.database, shelves=1)
    for path in ("/shelf/1", "/shelf/7", "/shelves/all", "/shelf/new"):
        answer = admin.get(path, expect_errors=True)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in answer.text
        assert "style=" not in answer.text


def test_stylesheet_is_cached_for_a_year_under_a_hash(admin: Admin) -> None:
    page = admin.get("/shelves/all")
    address = page.lxml.xpath("//link[@rel='stylesheet']/@href")[0]
    assert "peter.css?" in address
    answer = admin.http.get(address)
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    admin.get("/static/..%2fui.py", status=404)


def test_what_an_object_holds_is_escaped(admin: Admin) -> None:
    fill(admin.database, shelves=1, name="<script>alert(1)</script>\"'")
    for path in ("/shelves/all", "/shelf/1", "/shelf/1/burn", "/shelves/all?name=<script>"):
        assert "<script>" not in admin.get(path).text


def test_list_page_costs_a_bounded_number_of_queries(admin: Admin) -> None:
    fill(admin.database, shelves=120, books=120)
    for path in ("/books", "/books/2", "/shelves/all/2", "/shelf/1", "/shelf/1/books"):
        with recorded(admin.database.engine) as statements:
            admin.get(path)
        selects = [s for s in statements if s.startswith("SELECT")]
        assert len(selects) <= 4, path
