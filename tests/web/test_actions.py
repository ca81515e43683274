from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from webtest import Upload

from .sample import ROOT, fill
from .test_pages import Admin


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[Admin]:
    admin = Admin(tmp_path)
    fill(admin.database, shelves=2)
    yield admin
    admin.database.close_connections()


def test_get_of_an_action_explains_it(admin: Admin) -> None:
    found = admin.get("/shelf/1/mark.json").json
    assert found["instructions"][-1] == "HTTP POST required"
    assert found["form_fields"] == {"action": "What the shelf becomes."}
    assert found["valid_options"] == {"action": ["active", "inactive"]}
    assert found["example"] == [
        f"curl --form 'action=active' http://localhost{ROOT}/shelf/1/mark.json"
    ]


def test_get_of_a_post_only_page_is_sent_back_with_the_contracts_words(admin: Admin) -> None:
    answer = admin.get("/shelf/1/ca/sync", status=303)
    assert admin.location(answer) == (
        "/shelf/1?result=error&operation=ca+sync&message=HTTP+POST+required"
    )


def test_head_is_handled_as_get(admin: Admin) -> None:
    assert admin.http.head(f"{ROOT}/shelf/1/mark.json").status_int == 200
    assert admin.http.head(f"{ROOT}/shelf/1").status_int == 200


def test_success_in_both_faces(admin: Admin) -> None:
    found = admin.post("/shelf/1/mark.json", {"action": "inactive"}).json
    assert found["result"] == "success"
    assert found["Shelf"]["id"] == 1
    answer = admin.post("/shelf/1/mark", {"action": "active"}, status=303)
    assert admin.location(answer) == "/shelf/1?result=success&operation=mark&action=active"


def test_success_names_its_operation(admin: Admin) -> None:
    assert admin.post("/shelf/1/ca/sync.json").json["operation"] == "ca/sync"
    answer = admin.post("/shelf/1/ca/sync", status=303)
    assert admin.location(answer) == "/shelf/1?result=success&operation=ca+sync"


def test_nothing_submitted_is_all_that_is_said(admin: Admin) -> None:
    found = admin.post("/shelf/1/mark.json", status=400).json
    assert found == {"result": "error", "form_errors": {"Error_Main": "Nothing submitted."}}


def test_all_wrong_fields_are_named_at_once(admin: Admin) -> None:
    found = admin.post("/shelf/new.json", {"colour": "pink", "names": "a_b.com"}, status=400).json
    assert found["form_errors"]["name"] == "Missing value"
    assert found["form_errors"]["colour"] == "Value must be one of: red; blue (not 'pink')"
    main = "There was an error with your form. invalid domain names detected"
    assert found["form_errors"]["Error_Main"] == main


def test_form_is_shown_again_with_what_was_entered(admin: Admin) -> None:
    page = admin.post("/shelf/new", {"name": "<my> shelf", "colour": "pink"}, status=400)
    assert page.form["name"].value == "<my> shelf"
    assert "Value must be one of: red; blue (not &#39;pink&#39;)" in page.text
    assert "<!-- for: colour -->" in page.text


def test_wrong_form_without_a_page_is_sent_back(admin: Admin) -> None:
    answer = admin.post("/shelf/1/mark", {"action": "active"}, status=303)
    assert admin.location(answer) == (
        "/shelf/1?result=error&error=Error_Main--There+was+an+error+with+your+form.+Already+so."
        "&operation=mark&action=active"
    )


def test_refusal_has_its_status_and_operation(admin: Admin) -> None:
    fill(admin.database, shelves=1, name="refused")
    found = admin.post("/shelf/3/ca/sync.json", status=409).json
    assert found == {
        "result": "error",
        "operation": "ca/sync",
        "error": "Sync is not allowed for this Shelf",
    }


def test_text_of_the_ca_does_not_break_the_address(admin: Admin) -> None:
    fill(admin.database, shelves=1, name="broken")
    answer = admin.post("/shelf/3/ca/sync", status=303)
    assert admin.location(answer) == (
        "/shelf/3?result=error&error=The+CA+said:+50%25+%26+more+than+%E2%80%9Cwe%E2%80%9D"
        "+can+%23+say%0D.&operation=ca+sync"
    )
    admin.post("/shelf/3/ca/sync.json", status=502)


def test_object_that_came_into_being_is_shown_with_the_failure(admin: Admin) -> None:
    fields = {"name": "half", "colour": "red"}
    found = admin.post("/shelf/new.json", fields, status=502).json
    assert found["error"] == "It fell over."
    assert found["Shelf"]["name"] == "half"
    answer = admin.post("/shelf/new", fields, status=303)
    assert admin.location(answer).startswith("/shelf/4?result=error&error=It+fell+over.")


def test_json_bodies_are_read(admin: Admin) -> None:
    found = admin.http.post_json(f"{ROOT}/shelf/1/mark.json", {"action": "inactive"}).json
    assert found["result"] == "success"


@pytest.mark.parametrize("body", ["[1]", "{", '{"action": {"a": 1}}', "[" * 100_000])
def test_json_that_is_no_form_is_refused(admin: Admin, body: str) -> None:
    found = admin.post("/shelf/1/mark.json", body, content_type="application/json", status=400).json
    assert found["result"] == "error"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_broken_multipart_is_no_server_error(admin: Admin, kind: str) -> None:
    admin.post("/shelf/1/mark.json", "--y\r\n", content_type=kind, status=400)


def test_text_that_is_not_utf8_is_refused(admin: Admin) -> None:
    admin.post("/shelf/1/mark.json", b"action=%ff%fe\xff", status=400)


def test_large_body_is_refused(admin: Admin) -> None:
    admin.post("/shelf/1/mark.json", "action=" + "x" * (5 * 1024 * 1024), status=413)


def test_long_and_nul_values_are_refused_by_name(admin: Admin) -> None:
    found = admin.post("/shelf/new.json", {"name": "x" * 9_000, "colour": "red\0"}, status=400)
    errors = found.json["form_errors"]
    assert "8,192" in errors["name"]
    assert "NUL" in errors["colour"]


def test_uploaded_file_is_taken(admin: Admin) -> None:
    fields = {"name": "n", "colour": "red", "picture": Upload("p.png", b"\x89PNG" * 2_000)}
    assert admin.post("/shelf/new.json", fields).json["result"] == "success"


def test_confirm_page_says_what_will_happen(admin: Admin) -> None:
    page = admin.get("/shelf/1/burn")
    assert "s1 is burnt." in page.text
    assert page.form["sure"].value is None


def test_confirm_page_of_a_post_only_action(admin: Admin) -> None:
    page = admin.get("/shelf/1/mark?confirm=1&action=inactive")
    form = page.form
    assert form["action"].value == "inactive"
    assert form.submit().status_int == 303


def test_form_of_what_is_not_possible_is_not_shown(admin: Admin) -> None:
    fill(admin.database, shelves=1, name="stone")
    answer = admin.get("/shelf/3/burn", status=303)
    assert "error=It+is+made+of+stone." in admin.location(answer)


def test_news_of_a_failure_is_shown_to_whom_we_sent_it(admin: Admin) -> None:
    fill(admin.database, shelves=1, name="broken")
    page = admin.post("/shelf/3/ca/sync").follow()
    assert "Sync. The CA said: 50% &amp; more" in page.text


def test_text_that_somebody_else_put_in_the_address_is_not_shown(admin: Admin) -> None:
    page = admin.get("/shelf/1?result=error&operation=ca+sync&error=call+0123+for+help")
    assert "0123" not in page.text
    assert "That did not work:" in page.text


def test_action_of_no_kind_always_answers_json(admin: Admin) -> None:
    assert admin.get("/api/everywhere").json["instructions"]
    assert admin.post("/api/everywhere").json == {"result": "success"}


def test_action_that_is_not_possible_is_a_text_with_the_reason(admin: Admin) -> None:
    fill(admin.database, shelves=1, name="stone")
    page = admin.get("/shelf/3")
    assert "It is made of stone." in page.text
    assert "/shelf/3/burn" not in page.text


def test_hooks_of_old_clients(admin: Admin) -> None:
    page = admin.get("/shelf/1")
    assert page.forms["form-mark-active"]["action"].value == "active"
    assert "<td><code>active</code></td>" in page.text.replace("\n", "")
