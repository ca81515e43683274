"""Who may come in."""

import re

import pytest

from peter_sslers.errors import SettingsError
from peter_sslers.web.access import refusal_to_listen
from peter_sslers.web.credentials import Credentials, Hash

from .whole import ADMIN, CHALLENGE, WHOAMI, initialised, start_whole, whole

__all__ = ["initialised", "start_whole", "whole"]


def admin_paths(whole):
    """A path for every route that is not public."""
    routes = whole.wsgi.routes_mapper.get_routes(include_static=True)
    for route in routes:
        pattern = "/" + route.pattern.lstrip("/")
        if not pattern.startswith((CHALLENGE, WHOAMI)):
            yield re.sub(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}", "1", pattern)


def test_no_route_but_the_public_ones_answers_a_foreign_host(whole):
    paths = list(admin_paths(whole))
    assert len(paths) > 100
    for path in paths:
        assert path.startswith(ADMIN), path
        assert whole.get(path, host="rebound.example").status_code == 403, path
        assert whole.post(path, host="rebound.example").status_code == 403, path


def test_no_route_but_the_public_ones_takes_a_post_of_another_site(whole):
    for path in admin_paths(whole):
        answer = whole.post(path, Origin="https://evil.example")
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:7201", "127.0.0.1:1", "[::1]", "[::1]:7201"]
)
def test_loopback_names_are_let_in(whole, host):
    assert whole.get(f"{ADMIN}/whoami", host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["", "localhost.evil.example", "evil.example", "127.0.0.2", "[::2]"]
)
def test_other_names_are_not(whole, host):
    assert whole.get(f"{ADMIN}/whoami", host=host).status_code == 403


def test_names_of_the_setting_are_let_in(start_whole):
    whole = start_whole(admin_allowed_hosts="peter.example.com")
    assert whole.get(f"{ADMIN}/whoami", host="peter.example.com:8443").text == "peter.example.com"
    assert whole.get(f"{ADMIN}/whoami", host="localhost").status_code == 403


def test_public_paths_answer_any_host(whole):
    assert whole.get(WHOAMI, host="any.example:80").text == "any.example"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_post_that_the_browser_calls_foreign_is_refused(whole, site):
    assert whole.post(f"{ADMIN}/whoami", Sec_Fetch_Site=site).status_code == 403


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "http://localhost:1", "nonsense", "https://x:y@z", "http://["],
)
def test_a_post_of_a_foreign_origin_is_refused(whole, origin):
    assert whole.post(f"{ADMIN}/whoami", Origin=origin).status_code == 403


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("localhost", {}),
        ("localhost:80", {"Origin": "http://localhost", "Sec_Fetch_Site": "same-origin"}),
        ("localhost:7201", {"Origin": "http://localhost:7201"}),
        ("localhost", {"Origin": "https://localhost"}),
        ("[::1]:7201", {"Origin": "http://[::1]:7201"}),
        ("localhost", {"Sec_Fetch_Site": "none"}),
    ],
)
def test_own_pages_and_clients_that_are_no_browsers_may_post(whole, host, headers):
    assert whole.post(f"{ADMIN}/whoami", host=host, **headers).status_code == 200


def test_the_address_that_browsers_see_may_post_through_a_proxy(start_whole):
    whole = start_whole(api_host="https://peter.example.com:8443")
    answer = whole.post(f"{ADMIN}/whoami", Origin="https://peter.example.com:8443")
    assert answer.status_code == 200


def test_a_foreign_link_may_be_followed(whole):
    assert whole.get(f"{ADMIN}/whoami", Sec_Fetch_Site="cross-site").status_code == 200


def test_refusal_is_json_for_json(whole):
    answer = whole.get(f"{ADMIN}/whoami.json", host="evil.example")
    assert answer.json["code"] == "403 Forbidden"
    assert "admin_allowed_hosts" in answer.json["message"]


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users"
    path.write_text(f"# who\n\nanna:{Hash.of('secret:with colon')}\n")
    return str(path)


def test_with_a_users_file_nobody_else_comes_in(start_whole, users):
    whole = start_whole(admin_userpass_file=users)
    answer = whole.get(f"{ADMIN}/whoami")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    whole.client.authorization = ("Basic", ("anna", "wrong"))
    assert whole.get(f"{ADMIN}/whoami").status_code == 401
    whole.client.authorization = ("Basic", ("berta", "secret:with colon"))
    assert whole.get(f"{ADMIN}/whoami").status_code == 401
    whole.client.authorization = ("Basic", ("anna", "secret:with colon"))
    assert whole.get(f"{ADMIN}/whoami").status_code == 200
    assert whole.get(f"{ADMIN}/whoami").status_code == 200


def test_prequest_needs_neither_host_nor_password(start_whole, users):
    whole = start_whole(admin_userpass_file=users)
    environ = {"paste.command_request": True}
    assert whole.client.get(f"{ADMIN}/whoami", extra_environ=environ).status_code == 200


@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Bearer x", "Basic /w==", "Basic OnA="])
def test_odd_authorization_headers_are_nobody(users, header):
    assert not Credentials.from_file(users).allow(header)


@pytest.mark.parametrize(
    "line", ["anna", "anna:md5$1", "anna:scrypt$1$2$3$4$5", "anna:x$1$2$3$4$5"]
)
def test_a_damaged_users_file_is_refused_by_line(tmp_path, line):
    path = tmp_path / "users"
    path.write_text(f"\n{line}\n")
    with pytest.raises(SettingsError, match="line 2"):
        Credentials.from_file(str(path))


def test_a_users_file_that_can_not_be_read_is_a_wrong_option(start_whole, tmp_path):
    with pytest.raises(SettingsError, match=r"`admin_userpass_file` .*No such file"):
        start_whole(admin_userpass_file=str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"`admin_userpass_file` .*No such file"):
        Credentials.from_file(str(tmp_path / "none"))  # it may go while the server starts
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"`admin_userpass_file` .*: it is not UTF-8"):
        start_whole(admin_userpass_file=str(tmp_path / "binary"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "unix", "127.8.8.8"])
def test_the_admin_is_served_on_this_machine(whole, host):
    assert refusal_to_listen(whole.app, [(host, 7201)]) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "fe80::1%eth0"])
def test_the_admin_is_not_served_elsewhere_without_credentials(whole, host):
    assert "admin_userpass_file" in refusal_to_listen(whole.app, [("127.0.0.1", 1), (host, 7201)])


def test_with_credentials_or_without_an_admin_any_address_will_do(start_whole, users):
    anywhere = [("0.0.0.0", 7201)]
    assert not refusal_to_listen(start_whole(admin_userpass_file=users).app, anywhere)
    assert not refusal_to_listen(start_whole(enable_views_admin="no").app, anywhere)
    assert refusal_to_listen(None, anywhere)
