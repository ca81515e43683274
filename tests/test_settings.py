"""The options of the .ini: read, checked, shown, documented."""

import logging
from pathlib import Path

import plaster
import pytest

from peter_sslers.errors import SettingsError
from peter_sslers.scripts.write_docs import DOCS, configure
from peter_sslers.settings import OPTIONS, Settings, described
from peter_sslers.settings.server import ServerSettings

ROOT = Path(__file__).parent.parent
LEAST = {
    "sqlalchemy.url": "sqlite://",
    "certificate_authority": "pebble",
    "certificate_authority_protocol": "acme-v2",
}
REDIS = {"enable_redis": "1", "redis.url": "redis://localhost", "redis.prime_style": "1"}


def read(environ: dict[str, str] | None = None, **changed: str) -> Settings:
    raw = {name.replace("__", "."): value for name, value in changed.items()}
    return Settings.from_ini(LEAST | raw, environ or {})


def complaint(**changed: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**changed)
    return str(caught.value)


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "on"])
def test_words_for_true(word):
    assert read(enable_acme_flow=word).enable_acme_flow


@pytest.mark.parametrize("word", ["0", "false", "False", "no", "off"])
def test_words_for_false(word):
    assert not read(cleanup_pending_authorizations=word).cleanup_pending_authorizations


def test_blank_boolean_is_the_default():
    assert read(cleanup_pending_authorizations="").cleanup_pending_authorizations


def test_misspelled_boolean_is_refused_with_the_allowed_words():
    text = complaint(enable_acme_flow="ture")
    assert "`enable_acme_flow` is “ture”; allowed: true or false" in text


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(SettingsError) as caught:
        Settings.from_ini(
            {"enable_nginx": "maybe", "expiring_days": "x", "admin_prefix": "admin/"}, {}
        )
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 + 3 + 3
    assert "No `certificate_authority` selected" in str(caught.value)


@pytest.mark.parametrize("path", ["", "admin", "/admin/", "/", "/a b", "/a//b", "/a/{x}"])
def test_admin_prefix_must_be_a_plain_path(path):
    assert "`admin_prefix`" in complaint(admin_prefix=path)


@pytest.mark.parametrize("value", ["", "3.5", "many", "101", "0"])
def test_domains_per_certificate_are_1_to_100(value):
    assert "`queue_domains_max_per_cert`" in complaint(queue_domains_max_per_cert=value)


def test_the_most_may_equal_the_fewest_but_not_be_less():
    read(queue_domains_min_per_cert="5", queue_domains_max_per_cert="5")
    text = complaint(queue_domains_min_per_cert="6", queue_domains_max_per_cert="5")
    assert "must be greater than" in text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"redis.url": ""}, "No `redis.url` is configured"),
        ({"redis.prime_style": ""}, "No `redis.prime_style` is configured"),
        ({"redis.prime_style": "3"}, "`redis.prime_style` must be one of: (`1`, `2`)"),
        ({"redis.timeout.cert": "-1"}, "`redis.timeout.cert`"),
    ],
)
def test_redis_needs_its_options_when_enabled(changed, sentence):
    with pytest.raises(SettingsError) as caught:
        Settings.from_ini(LEAST | REDIS | changed, {})
    assert sentence in str(caught.value)


def test_redis_options_are_not_needed_while_it_is_off():
    assert not read(redis__prime_style="").enable_redis


@pytest.mark.parametrize("value", ["", "0"])
def test_no_expiry_is_none(value):
    assert read(redis__timeout__pkey=value).redis_timeout_pkey is None


def test_the_older_name_of_the_chain_expiry():
    assert read(redis__timeout__certca="90").redis_timeout_certcachain == 90


def test_nginx_needs_a_pool_when_enabled():
    assert "No `nginx.servers_pool` is configured" in complaint(enable_nginx="1")


def test_pool_keeps_its_order_and_loses_slashes_and_doubles():
    pool = "https://b.example:8443/, http://a.example,https://b.example:8443"
    found = read(nginx__servers_pool=pool).nginx_servers_pool
    assert found == ("https://b.example:8443", "http://a.example")


@pytest.mark.parametrize(("text", "seconds"), [("0.5", 0.5), ("none", 3.0), ("None", 3.0)])
def test_nginx_timeout_takes_fractions_and_is_never_for_ever(text, seconds):
    assert read(nginx__timeout=text).nginx_timeout == seconds


def test_bundle_must_exist_and_hold_a_certificate(tmp_path):
    assert "No such file" in complaint(certificate_authority_ca_bundle=str(tmp_path / "no.pem"))
    (tmp_path / "empty.pem").write_text("")
    bundle = str(tmp_path / "empty.pem")
    assert "no certificate in it" in complaint(nginx__ca_bundle_pem=bundle)


def test_self_check_is_off_with_a_testing_ca_unless_asked_for():
    assert read().acme_http01_self_check is True
    assert read(certificate_authority_testing="1").acme_http01_self_check is False
    both = read(certificate_authority_testing="1", acme_http01_self_check="1")
    assert both.acme_http01_self_check is True


def test_ini_wins_over_the_environment_and_says_so(caplog):
    environ = {"SSL_BIN_OPENSSL": "/a/openssl", "SSL_CONF_OPENSSL": "/a/openssl.cnf"}
    settings = read(environ, openssl_path="/b/openssl")
    assert settings.openssl_path == "/b/openssl"
    assert settings.openssl_path_conf == "/a/openssl.cnf"
    assert "$SSL_BIN_OPENSSL" in caplog.text


def test_unknown_names_of_ours_are_warned_of(caplog):
    with caplog.at_level(logging.WARNING):
        read(enable_reddis="1", nginx__color="red", pyramid__includes="x", filter_with="y")
    assert "did you mean `enable_redis`?" in caplog.text
    assert "`nginx.color`" in caplog.text
    assert "pyramid.includes" not in caplog.text
    assert "filter" not in caplog.text


def test_any_host_needs_credentials():
    assert "needs `admin_userpass_file`" in complaint(admin_allowed_hosts="*")


SECRETS = {
    "redis__url": "redis://user:hush@localhost/1",
    "nginx__userpass": "peter:hush",
    "sqlalchemy__url": "postgresql://user:hush@localhost/db?password=hush",
}


def test_no_secret_is_shown():
    settings = read(**SECRETS)
    assert settings.redis_url == SECRETS["redis__url"]
    assert "hush" not in repr(settings)
    assert "hush" not in str(described(settings))


@pytest.mark.parametrize("value", ["hush", "peter:", ":hush"])
def test_no_secret_is_in_a_complaint(value):
    assert "hush" not in complaint(nginx__userpass=value)


def test_settings_page_has_every_option_by_section_and_name():
    lines = described(read(expiring_days="80"))
    assert [(line.section, line.name) for line in lines] == sorted(
        (option.section, option.name) for option in OPTIONS
    )
    assert all(line.help and line.type for line in lines)
    assert next(line.value for line in lines if line.name == "expiring_days") == "80"
    assert next(line.value for line in lines if line.name == "enable_redis") == "False"


def test_values_by_their_ini_names():
    found = read(nginx__servers_pool="http://a.example", nginx__userpass="a:b:c").by_name()
    assert found["nginx.servers_pool"] == ["http://a.example"]
    assert found["nginx.userpass"] == "a:b:c"
    assert found["enable_redis"] is False


def test_documents_are_as_the_options_are():
    assert (DOCS / "configure.md").read_text() == configure(), "run `make docs`"


def test_server_options_are_checked_and_waitress_gets_the_rest():
    ours, rest = ServerSettings.from_ini({"threads": "3", "listen": "127.0.0.1:1"})
    assert (ours.threads, rest) == (3, {"listen": "127.0.0.1:1"})
    with pytest.raises(SettingsError, match="public_threads"):
        ServerSettings.from_ini({"public_threads": "none"})


def shipped(name: str) -> Settings:
    loader = plaster.get_loader(str(ROOT / name), protocols=["wsgi"])
    return Settings.from_ini(loader.get_wsgi_app_settings("main"), {})


def test_shipped_files_are_valid_and_unambiguous(caplog):
    for name in ("example_development.ini", "example_production.ini", "test.ini"):
        settings = shipped(name)
        assert settings.enable_views_public
        assert settings.expiring_days == 80
        server = plaster.get_settings(str(ROOT / name), "server:main")
        assert server["listen"].startswith("127.0.0.1:")
    assert "nknown option" not in caplog.text


def test_production_file_has_no_admin_and_trusts_no_unverified_server():
    settings = shipped("example_production.ini")
    assert not settings.enable_views_admin
    assert not settings.certificate_authority_testing
    assert not settings.nginx_servers_pool_allow_invalid
    assert settings.nginx_userpass is None
