"""What is answered when something is wrong, in both faces."""

import logging

import pytest

from peter_sslers.web.public import views

from .whole import ADMIN, WHOAMI, initialised, start_whole, whole

__all__ = ["initialised", "start_whole", "whole"]


@pytest.mark.parametrize("path", ["/", f"{ADMIN}/", f"{ADMIN}/no-such-page", "/.well-known"])
def test_what_is_not_there_is_404_with_the_header(whole, path):
    answer = whole.get(path)
    assert answer.status_code == 404
    assert answer.headers["X-Peter-SSLers"] == "production"


@pytest.mark.parametrize("path", [f"{ADMIN}/no.json", f"{ADMIN}/no.JSON", "/no.json"])
def test_json_has_pyramids_three_keys_whatever_accept_says(whole, path):
    answer = whole.get(path, Accept="text/html")
    assert answer.content_type == "application/json"
    assert answer.json["code"] == "404 Not Found"
    assert answer.json["title"] == "Not Found"
    assert set(answer.json) == {"message", "code", "title"}


def test_html_says_what_and_where_to_go_and_runs_no_script(whole):
    answer = whole.get(f"{ADMIN}/private-key/999999")
    assert answer.status_code == 404
    assert answer.html.h1.text.startswith("There is no ")
    assert answer.html.select(f'a[href="{ADMIN}/private-keys"]')
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    [
        "/%ff",
        f"{ADMIN}/%ff",
        f"{ADMIN}/private-keys?a=%ff",
        f"{ADMIN}/private-keys?a=%00",
        f"{ADMIN}/domain/%00",
    ],
)
def test_an_address_that_is_no_text_is_400(whole, path):
    assert whole.get(path).status_code == 400


def test_views_that_are_off_are_404(start_whole):
    whole = start_whole(enable_views_public="no", enable_views_admin="no")
    assert whole.get(WHOAMI).status_code == 404
    assert whole.get(ADMIN).status_code == 404
    assert whole.get(f"{ADMIN}/whoami.json").json["code"] == "404 Not Found"


@pytest.fixture
def broken(whole, monkeypatch):
    """A view that fails with something that nobody should read."""

    def fail(*_):
        raise RuntimeError("hush")

    monkeypatch.setattr(whole.app.polls, "unknown", fail)
    monkeypatch.setattr(views.log, "info", lambda *_: None)
    return whole


def test_a_fault_is_500_with_a_reference_and_nothing_else(broken, caplog):
    with caplog.at_level(logging.ERROR):
        answer = broken.get("/.well-known/acme-challenge/x.json")
    assert answer.status_code == 500
    assert answer.headers["X-Peter-SSLers"] == "production"
    assert "hush" not in answer.text
    assert "Traceback" not in answer.text
    (record,) = caplog.records
    assert record.args[-1] in answer.json["message"]
    assert "RuntimeError: hush" in caplog.text


def test_a_path_writes_no_lines_into_the_log(broken, caplog):
    with caplog.at_level(logging.ERROR):
        broken.get("/.well-known/acme-challenge/x%0AERROR forged")
    assert "\n" not in caplog.records[0].getMessage()


def test_the_header_is_a_setting(start_whole):
    whole = start_whole(x_peter_sslers="blue")
    assert whole.get("/").headers["X-Peter-SSLers"] == "blue"
