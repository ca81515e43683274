"""A change is served at the next handshake, by every worker, as soon as the name is expired."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.services.redis import Redis
from tests.services.waiting import until

from .conftest import StartNginx
from .nginx import DEFAULT, Nginx, Site
from .pairs import Issuer
from .priming import forget, lua, prime
from .upstream import Upstream

pytestmark = [pytest.mark.service("nginx-lua"), pytest.mark.service("redis")]

NAME, OTHER = "www.example.com", "other.example.com"
END = ', "server": "peter_sslers:openresty", "server_version": "0.5.0"}'


def served(nginx: Nginx, name: str) -> set[int]:
    return set.union(*nginx.by_worker(name).values())


def expire_all(nginx: Nginx) -> None:
    assert nginx.get("/expire/all").status_code == 200


def expire_one(nginx: Nginx) -> None:
    assert nginx.get(f"/expire/domain/{NAME}").status_code == 200


@pytest.mark.parametrize("expire", [expire_all, expire_one])
def test_new_certificate_in_every_worker(
    start_nginx: StartNginx,
    upstream: Upstream,
    issuer: Issuer,
    expire: Callable[[Nginx], None],
) -> None:
    old, new = issuer.issue(NAME), issuer.issue(NAME)
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", workers=3))
    upstream.serves(NAME, old)
    assert served(nginx, NAME) == {old.serial}
    upstream.serves(NAME, new)
    assert served(nginx, NAME) == {old.serial}
    expire(nginx)
    assert served(nginx, NAME) == {new.serial}
    assert upstream.count(NAME) == 2


def test_expiry_of_one_name_leaves_the_others(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    for name in (NAME, OTHER):
        upstream.serves(name, issuer.issue(name))
        by_http.serial(name)
    expire_one(by_http)
    assert by_http.get("/status").json()["keys"]["valid"] == [OTHER]
    by_http.by_worker(OTHER)
    assert upstream.count(OTHER) == 1


def test_name_that_was_unknown_is_served_when_it_is_expired(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    assert by_http.serial(NAME) == DEFAULT
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert by_http.serial(NAME) == DEFAULT
    expire_one(by_http)
    assert served(by_http, NAME) == {pair.serial}


def test_wildcard_is_expired_for_all_names_below(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    old, new = issuer.issue("*.example.com"), issuer.issue("*.example.com")
    upstream.serves("*.example.com", old)
    assert served(by_http, NAME) == {old.serial}
    upstream.serves("*.example.com", new)
    assert by_http.get("/expire/domain/*.example.com").json()["domain"] == "*.example.com"
    assert served(by_http, NAME) == {new.serial}


def test_disabled_domain_is_not_served_any_more(
    start_nginx: StartNginx, upstream: Upstream, redis_db: Redis, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    prime(redis_db, 1, NAME, pair)
    nginx = start_nginx(Site(f"1, '{upstream.url}'", init=lua(redis_db)))
    assert served(nginx, NAME) == {pair.serial}
    upstream.disables(NAME)
    forget(redis_db, NAME)
    expire_one(nginx)
    assert served(nginx, NAME) == {DEFAULT}


def test_disabled_domain_ends_by_itself_when_its_time_is_over(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    fleeting = "peter_sslers.initialize_worker(0, 60, 200)"
    nginx = start_nginx(Site(f"nil, '{upstream.url}'", init_worker=fleeting))
    assert nginx.serial(NAME) == pair.serial
    upstream.disables(NAME)
    assert nginx.serial(NAME) == DEFAULT


def test_answer_that_is_older_than_the_expiry_is_not_kept(
    by_http: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    old, new = issuer.issue(NAME), issuer.issue(NAME)
    upstream.serves(NAME, old)
    upstream.delay_s = 0.3
    first = threading.Thread(target=by_http.serial, args=(NAME,))
    first.start()
    until(lambda: upstream.asked)
    upstream.certificates.clear()
    upstream.serves(NAME, new)
    expire_one(by_http)
    first.join()
    assert served(by_http, NAME) == {new.serial}


@pytest.mark.parametrize("expire", [expire_all, expire_one])
def test_no_handshake_after_an_expiry_sees_the_old_one(
    by_http: Nginx, upstream: Upstream, issuer: Issuer, expire: Callable[[Nginx], None]
) -> None:
    pairs = [issuer.issue(NAME) for _ in range(10)]
    over = threading.Event()

    def hammer() -> None:
        while not over.is_set():
            by_http.serial(NAME)

    with ThreadPoolExecutor(4) as clients:
        for _ in range(4):
            clients.submit(hammer)
        try:
            for pair in pairs:
                upstream.serves(NAME, pair)
                expire(by_http)
                assert [by_http.serial(NAME) for _ in range(6)] == [pair.serial] * 6
        finally:
            over.set()


def test_expire_says_what_it_did(by_http: Nginx) -> None:
    everything, one = by_http.get("/expire/all"), by_http.get(f"/expire/domain/{NAME}")
    assert everything.text == '{"result": "success", "expired": "all"' + END
    assert one.text == f'{{"result": "success", "expired": "domain", "domain": "{NAME}"' + END
    for answer in (everything, one):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Peter-SSLers"] == "0.5.0"


@pytest.mark.parametrize(
    "path",
    [
        "/expire",
        "/expire/",
        "/expire/all/more",
        "/expire/all?x=1",
        "/expire/domain/",
        "/expire/a b",
    ],
)
def test_expire_of_anything_else(by_http: Nginx, path: str) -> None:
    answer = by_http.get(path)
    assert answer.status_code == 404
    assert answer.text == '{"result": "error", "expired": "None", "reason": "Unknown URI"' + END
    assert "expire_ssl_certs - malformed request" in by_http.log


def test_expire_at_another_mount_point(start_nginx: StartNginx, upstream: Upstream) -> None:
    handler = 'require("resty.peter_sslers").expire_ssl_certs()'
    nginx = start_nginx(
        Site(
            f"nil, '{upstream.url}'",
            locations=f"location /edge/expire {{ content_by_lua_block {{ {handler} }} }}",
        )
    )
    assert nginx.get("/all", mount="/edge/expire").json()["expired"] == "all"


def test_status(start_nginx: StartNginx, upstream: Upstream, issuer: Issuer) -> None:
    upstream.serves(NAME, issuer.issue(NAME))
    nginx = start_nginx(
        Site(f"nil, '{upstream.url}'", init_worker="peter_sslers.initialize_worker(90, 30, 50)")
    )
    nginx.serial(NAME)
    nginx.serial("unknown.example.org")
    answer = nginx.get("/status")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Peter-SSLers"] == "0.5.0"
    assert answer.text == (
        '{"result": "success", "note": "This is a max(1024) listening of keys in the'
        " ngx.shared.DICT `cert_cache`. This does not show the worker's own LRU cache, or Redis.\","
        f' "keys": {{"valid": ["{NAME}"], "invalid": ["*.example.org", "unknown.example.org"],'
        ' "autocert": []}, "config": {"expiries": {"ngx.shared.cert_cache": 90,'
        ' "resty.lrucache": 30}, "maxitems": {"resty.lrucache": 50}}' + END
    )


def test_status_of_nothing(by_http: Nginx) -> None:
    keys = by_http.get("/status").json()["keys"]
    assert keys == {"valid": [], "invalid": [], "autocert": []}


def test_metrics(by_http: Nginx, upstream: Upstream, issuer: Issuer) -> None:
    upstream.serves(NAME, issuer.issue(NAME))
    by_http.serial(NAME)
    by_http.serial(OTHER)
    by_http.serial(None)
    lines = {
        'peter_sslers_lookups_total{source="peter",outcome="found"} 1',
        'peter_sslers_lookups_total{source="peter",outcome="unknown"} 2',  # and the wildcard
        'peter_sslers_handshakes_total{served="refused"} 1',
    }
    until(lambda: lines <= set(by_http.get("/metrics").text.splitlines()))
    assert "peter_sslers_cache_free_bytes " in by_http.get("/metrics").text
