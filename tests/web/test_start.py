"""How the application starts, and what its requests know."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

import peter_sslers
from peter_sslers.errors import SettingsError
from peter_sslers.web.headers import CHATTY, be_quiet
from peter_sslers.web.request import PeterRequest

from .whole import ADMIN, CHALLENGE, initialised, options, start_whole, whole

__all__ = ["initialised", "start_whole", "whole"]


def test_a_database_without_tables_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match="initialize_peter_sslers_db"):
        peter_sslers.main({}, **options(tmp_path))


def test_parsed_values_stand_in_the_registry(whole):
    found = whole.wsgi.registry.settings["app_settings"]
    assert found["enable_redis"] is False
    assert found["nginx.servers_pool"] == []
    assert whole.wsgi.registry.settings["enable_views_admin"] == "true"


def test_challenges_are_the_first_route(whole):
    assert whole.wsgi.routes_mapper.get_routes()[0].pattern.startswith(CHALLENGE)


def test_includes_that_are_not_installed_are_left_out_with_a_warning(start_whole, caplog):
    whole = start_whole(**{"pyramid.includes": "pyramid_no_such_toolbar"})
    assert whole.get(f"{ADMIN}/whoami").status_code == 200
    assert "pyramid_no_such_toolbar is not installed" in caplog.text


def test_the_admin_may_be_elsewhere(start_whole):
    whole = start_whole(admin_prefix="/peter")
    assert whole.get("/peter/whoami").text == "localhost"
    assert whole.get(f"{ADMIN}/whoami").status_code == 404
    assert whole.get("/peter/whoami", host="evil.example").status_code == 403


def test_every_answer_has_the_header_redirects_too(whole):
    answer = whole.get(f"{ADMIN}/private-keys/0")
    assert answer.status_code == 303
    assert answer.headers["X-Peter-SSLers"] == "production"


@pytest.mark.parametrize(
    ("scheme", "host", "url"),
    [
        ("http", "localhost:7201", f"http://localhost:7201{ADMIN}"),
        ("https", "localhost", f"https://localhost{ADMIN}"),
        ("https", "[::1]:7201", f"https://[::1]:7201{ADMIN}"),
    ],
)
def test_absolute_addresses_follow_scheme_and_host(whole, scheme, host, url):
    answer = whole.client.get(
        f"{ADMIN}/private-keys/0",
        headers={"Host": host},
        extra_environ={"wsgi.url_scheme": scheme},
    )
    assert answer.location == f"{url}/private-keys/1"


def test_api_host_replaces_what_requests_say(start_whole):
    whole = start_whole(api_host="https://peter.example.com/")
    location = whole.get(f"{ADMIN}/private-keys/0").location
    assert location == f"https://peter.example.com{ADMIN}/private-keys/1"


@pytest.mark.parametrize(
    ("path", "is_json"), [("/a.json", True), ("/a.JSON", True), ("/a", False), ("/json", False)]
)
def test_a_path_that_ends_in_json_wants_json(path, is_json):
    assert PeterRequest.blank(path).wants_json is is_json


@pytest.fixture
def loggers():
    kept = [(log, log.level, log.propagate) for log in map(logging.getLogger, CHATTY)]
    yield [log for log, _, _ in kept]
    for log, level, propagate in kept:
        log.setLevel(level)
        log.propagate = propagate


def test_nothing_is_logged_between_the_lines_of_prequest(loggers):
    be_quiet()
    assert all(log.level == logging.WARNING and not log.propagate for log in loggers)


@pytest.fixture
def prequest(initialised, tmp_path):
    """`prequest(path)`: what the command prints."""
    ini = tmp_path / "asked.ini"
    lines = "".join(f"{k} = {v}\n" for k, v in options(initialised.parent).items())
    ini.write_text(f"[app:main]\nuse = egg:peter_sslers#main\n{lines}")
    command = Path(sys.executable).with_name("prequest")

    def run(path, *more, stdin=""):
        done = subprocess.run(
            [command, *more, str(ini), path],
            input=stdin,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_prequest_writes_the_answer_and_nothing_else(prequest):
    assert prequest(f"{ADMIN}/whoami") == "localhost\n"


@pytest.mark.parametrize(
    ("path", "fields", "key"),
    [
        ("api/deactivate-expired", "", "operations_event"),
        ("domains/search", "domain=a.example.com", "search_results"),
    ],
)
def test_prequest_posts_what_stands_on_its_stdin(prequest, path, fields, key):
    found = json.loads(prequest(f"{ADMIN}/{path}.json", "-m", "POST", stdin=fields))
    assert found["result"] == "success"
    assert key in found


def test_prequest_writes_json_that_programs_can_read(prequest):
    found = json.loads(prequest(f"{ADMIN}/private-keys.json"))
    assert "PrivateKeys" in found
    assert json.loads(prequest(f"{ADMIN}/private-key/999.json"))["code"] == "404 Not Found"


def test_json_names_no_charset_to_anybody_else(whole):
    answer = whole.get(f"{ADMIN}/private-keys.json")
    assert answer.headers["Content-Type"] == "application/json"
