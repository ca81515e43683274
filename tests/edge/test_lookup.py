"""Where a handshake's certificate comes from."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.services.redis import Redis

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .pairs import Issuer
from .priming import lua, prime
from .upstream import MULTI, SINGLE, Upstream, certificate

pytestmark = [pytest.mark.service("nginx-lua"), pytest.mark.service("redis")]

NAME = "www.example.com"

# Debian has no resty.redis of today.
RESTY_REDIS = """
    local client = require "resty.peter_sslers.redis_client"
    local function new()
        ngx.log(ngx.NOTICE, "resty.redis is used")
        return client.new()
    end
    return { _VERSION = "%s", new = new }
"""


def test_cold_name_comes_from_peter(by_http: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert set.union(*by_http.by_worker(NAME).values()) == {pair.serial}
    assert upstream.asked == [f"/.well-known/admin/domain/{NAME}/config.json?openresty=1"]


@pytest.mark.parametrize("style", [1, 2])
def test_redis_alone(start_nginx: StartNginx, redis_db: Redis, issuer: Issuer, style: int) -> None:
    pair = issuer.issue(NAME)
    prime(redis_db, style, NAME, pair)
    nginx = start_nginx(Site(str(style), init=lua(redis_db)))
    assert set.union(*nginx.by_worker(NAME).values()) == {pair.serial}
    assert nginx.serial("other.example.com") == DEFAULT


@pytest.mark.parametrize(("version", "times"), [("0.27", 0), ("0.28", 1)])
def test_resty_redis_where_it_is_new_enough(
    start_nginx: StartNginx, redis_db: Redis, issuer: Issuer, version: str, times: int
) -> None:
    pair = issuer.issue(NAME)
    prime(redis_db, 1, NAME, pair)
    nginx = start_nginx(Site("1", init=lua(redis_db), resty_redis=RESTY_REDIS % version))
    assert nginx.serial(NAME) == pair.serial
    assert nginx.log.count("resty.redis is used") == times


def test_certificate_without_a_chain(
    start_nginx: StartNginx, redis_db: Redis, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    prime(redis_db, 1, NAME, pair)
    with redis_db.client() as client:
        client.hdel(f"d1:{NAME}", "i")
    assert start_nginx(Site("1", init=lua(redis_db))).serial(NAME) == pair.serial


def test_redis_is_asked_before_peter(
    start_nginx: StartNginx, redis_db: Redis, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    prime(redis_db, 1, NAME, pair)
    nginx = start_nginx(Site(f"1, '{upstream.url}'", init=lua(redis_db)))
    assert nginx.serial(NAME) == pair.serial
    assert upstream.asked == []


@pytest.mark.parametrize("kind", ["c", "p", "i"])
def test_half_primed_name_comes_from_peter(
    start_nginx: StartNginx, redis_db: Redis, upstream: Upstream, issuer: Issuer, kind: str
) -> None:
    pair = issuer.issue(NAME)
    prime(redis_db, 1, NAME, pair)
    with redis_db.client() as client:
        client.delete(f"{kind}:{pair.serial}")
    upstream.serves(NAME, pair)
    nginx = start_nginx(Site(f"1, '{upstream.url}'", init=lua(redis_db)))
    assert nginx.serial(NAME) == pair.serial
    assert upstream.count(NAME) == 1


def test_sixty_handshakes_on_a_cold_name_are_one_request(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    upstream.delay_s = 0.1
    with ThreadPoolExecutor(60) as clients:
        serials = set(clients.map(by_http.serial, [NAME] * 60))
    assert serials == {pair.serial}
    assert upstream.count(NAME) == 1


def test_multi_is_preferred_to_single(by_http: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    multi, single = issuer.issue(NAME), issuer.issue(NAME)
    upstream.serves(NAME, single, multi)
    assert by_http.serial(NAME) == multi.serial


def test_preferences_are_the_sites(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    multi, single = issuer.issue(NAME), issuer.issue(NAME)
    upstream.serves(NAME, single, multi)
    nginx = start_nginx(Site(f"nil, '{upstream.url}', false, {{'{SINGLE}'}}"))
    assert nginx.serial(NAME) == single.serial


def test_name_that_nobody_has_is_remembered(by_http: Nginx, upstream: Upstream) -> None:
    assert [by_http.serial(NAME) for _ in range(3)] == [DEFAULT] * 3
    assert upstream.count(NAME) == 1


def test_wildcard_above_the_name(by_http: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    pair = issuer.issue("*.example.com")
    upstream.serves("*.example.com", pair)
    assert by_http.serial(NAME) == by_http.serial("shop.example.com") == pair.serial
    assert by_http.serial("a.b.example.com") == DEFAULT
    assert upstream.count("*.example.com") == 1


def test_own_certificate_before_the_wildcards(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    own = issuer.issue(NAME)
    upstream.serves(NAME, own)
    upstream.serves("*.example.com", issuer.issue("*.example.com"))
    assert by_http.serial(NAME) == own.serial


def test_key_of_another_certificate_is_not_served(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair, other = issuer.issue(NAME), issuer.issue(NAME)
    document = certificate(pair)
    document["private_key"] = {"id": "1", "pem": other.pkey}
    upstream.certificates[NAME] = {MULTI: document}
    assert by_http.serial(NAME) == DEFAULT
    assert "the private key is not the certificate's" in by_http.log
    assert by_http.get("/status").json()["keys"]["valid"] == []


def test_key_and_certificate_stay_out_of_the_log(
    start_nginx: StartNginx, redis_db: Redis, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    upstream.serves("broken.example.com", pair)
    broken = {**certificate(pair), "private_key": {"id": "1", "pem": pair.pkey[:200]}}
    upstream.certificates["broken.example.com"] = {MULTI: broken}
    site = Site(f"1, '{upstream.url}'", init=lua(redis_db), log_level="debug")
    nginx = start_nginx(site)
    assert (nginx.serial(NAME), nginx.serial("broken.example.com")) == (pair.serial, DEFAULT)
    secret = [line for line in pair.pkey.splitlines() if "-" not in line]
    assert secret
    assert not [line for line in secret if line in nginx.log]
    assert "-----" not in nginx.log


def test_rsa_and_ecdsa_side_by_side(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    rsa, ecdsa = issuer.issue(NAME, "RSA"), issuer.issue(NAME)
    upstream.serves(NAME, ecdsa, rsa)
    site = Site(f"nil, '{upstream.url}'", init="peter_sslers.configure({dual = true})")
    nginx = start_nginx(site)
    suites = {"RSA": "ECDHE-RSA-AES128-GCM-SHA256", "EC": "ECDHE-ECDSA-AES128-GCM-SHA256"}
    shakes = {
        kind: nginx.shake(NAME, ciphers=suite, version=ssl.TLSVersion.TLSv1_2).serial
        for kind, suite in suites.items()
        for _ in range(2)
    }
    assert shakes == {"RSA": rsa.serial, "EC": ecdsa.serial}


def test_what_it_tells_the_log(
    start_nginx: StartNginx, redis_db: Redis, upstream: Upstream, issuer: Issuer
) -> None:
    upstream.serves(NAME, issuer.issue(NAME))
    site = Site(f"1, '{upstream.url}', true", init=lua(redis_db), log_level="debug", workers=1)
    nginx = start_nginx(site)
    nginx.serial(NAME)
    nginx.serial(NAME)
    for line in (
        "peter_sslers.initialize",
        "peter_sslers.initialize_worker",
        f"set_ssl_certificate : {NAME}",
        f"SNI Lookup for : {NAME}",
        f"cert_lrucache MISS for : {NAME}",
        f"shared `cert_cache` MISS for : {NAME}",
        "Redis: lookup enabled",
        f"Redis: about to connect to redis: 127.0.0.1:{redis_db.port}",
        "Redis: changing to db:9, times:0",
        f"Redis: prime_1__query_redis : {NAME}",
        "UpstreamAPI: lookup enabled",
        "UpstreamAPI: autocert enabled",
        f"query_api_upstream : {NAME}",
        f"querying upstream API server at: {upstream.url}/domain/{NAME}/config.json",
        f"API response HIT for : {NAME}",
        f"caching PEM cert & key into the shared cache : {NAME}",
        f"caching cert & key cdata into the worker : {NAME}",
        f"can provide ssl for : {NAME}",
        f"set ssl certificate : {NAME}",
        f"set ssl private key : {NAME}",
        f"cert_lrucache HIT for : {NAME}",
    ):
        assert line in nginx.log, line
    assert "[error]" not in nginx.log


def test_strategy_that_does_not_exist(start_nginx: StartNginx) -> None:
    nginx = start_nginx(Site("3"))
    assert nginx.serial(NAME) == DEFAULT
    assert "Redis: invalid `redis_strategy` not (1, 2) is 3" in nginx.log
