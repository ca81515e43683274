"""Redis and nginx by hand: primed, flushed, expired, asked; and their pages."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ...services.nginx import Nginx
from ...services.processes import free_port
from ...services.redis import Redis
from .acme_site import Site
from .certificate_rows import EC256, RSA2048, pem, stored
from .edges import with_nginx, with_redis
from .test_configs_through_redis import held

REDIS, NGINX = "/operations/redis", "/operations/nginx"
NOBODY = "http://127.0.0.1:9"
OFF = [
    ("/api/redis/prime", "redis"),
    ("/api/nginx/cache-flush", "nginx"),
    ("/api/nginx/status", "nginx"),
]


def pool(site: Site, nginx: Nginx, *others: str, **more: Any) -> None:
    known = {"nginx_userpass": nginx.userpass, "nginx_ca_bundle_pem": str(nginx.ca_file)}
    with_nginx(site, nginx.url, *others, **{**known, **more})


@pytest.mark.parametrize(("path", "part"), OFF)
def test_what_is_off_says_so(site: Site, path: str, part: str) -> None:
    gone = f"?result=error&error=no+{part}"
    assert site.location(site.post(path, status=303)) == gone
    answer = site.post(f"{path}.json", status=409)
    assert answer.json == {"result": "error", "error": f"no {part}"}


@pytest.mark.parametrize("page", [REDIS, NGINX, f"{REDIS}/2", f"{NGINX}/1"])
def test_pages_of_what_is_off_lead_to_the_overview(site: Site, page: str) -> None:
    part = page.split("/")[2]
    assert site.location(site.get(page, status=303)) == f"?result=error&error=no+{part}"
    assert part not in site.get("").text.lower()
    site.get(f"{page}.json", status=409)


@pytest.mark.parametrize("path", ["/domain/1", "/domain/example.com", "/certificate-signed/1"])
def test_without_nginx_nothing_is_expired(site: Site, path: str) -> None:
    stored(site)
    assert "nginx" not in site.get(path).text
    answer = site.post(f"{path}/nginx-cache-expire", status=303)
    kind = path.split("/")[1]
    wanted = f"/{kind}/1?result=error&error=no+nginx&operation=nginx-cache-expire"
    assert site.location(answer) == wanted
    assert site.post(f"{path}/nginx-cache-expire.json", status=409).json["error"] == "no nginx"


@pytest.mark.service("redis")
def test_priming_tells_what_it_primed(site: Site, redis_db: Redis) -> None:
    stored(site)
    stored(site, [pem("certificates/wildcard") + pem("chains/intermediate")], RSA2048)
    with_redis(site, redis_db.url)
    event = site.post("/api/redis/prime.json").json["operations_event"]
    primed = {"certcachain": 1, "cert": 1, "pkey": 1, "domain": 2}
    assert event["total_primed"] == primed
    logged = site.json(f"/operations/log/item/{event['id']}.json")["OperationsEvent"]
    assert logged["operations_event_type"] == "operations__redis_prime"
    assert logged["event_payload"] == {"v": 1, "prime_style": "1", "total_primed": primed}


@pytest.mark.service("redis")
def test_priming_in_a_browser_leads_to_the_page_of_redis(site: Site, redis_db: Redis) -> None:
    stored(site)
    with_redis(site, redis_db.url)
    start = f"{REDIS}?result=success&operation=redis_prime&event.id="
    answer = site.post("/api/redis/prime", status=303)
    assert site.location(answer).startswith(start)
    page = site.get(site.location(answer))
    assert "operations__redis_prime" in page.text
    assert "Redis" in site.get("").text
    assert site.json(f"{REDIS}.json")["redis"]["Keys"] == "4"
    sent_back = site.location(site.get("/api/redis/prime", status=303))
    assert sent_back == f"{REDIS}?result=error&operation=api--redis--prime&error=POST+required"


def test_dead_redis_is_told(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    url = f"redis://:secret@127.0.0.1:{free_port()}/9"
    with_redis(site, url)
    answer = site.post("/api/redis/prime.json", status=503)
    assert "refused" in answer.json["error"]
    assert "secret" not in answer.text
    sent_back = site.post("/api/redis/prime", status=303)
    assert site.location(sent_back).startswith(f"{REDIS}?result=error&error=Redis")
    page = site.get(site.location(sent_back))
    assert "refused" in page.text
    assert "secret" not in page.text


@pytest.mark.service("redis")
def test_events_come_by_25(site: Site, redis_db: Redis) -> None:
    with_redis(site, redis_db.url)
    for _ in range(27):
        site.post("/api/redis/prime.json")
    first = site.get(REDIS)
    assert f"{REDIS}/2" in first.text
    assert site.json(f"{REDIS}/2.json")["pagination"]["total_items"] == 27
    assert len(site.json(f"{REDIS}/2.json")["OperationsEvents"]) == 2
    assert site.location(site.get(f"{REDIS}/0", status=303)) == f"{REDIS}/1"
    assert site.location(site.get(f"{REDIS}/9", status=303)) == f"{REDIS}/2"


@pytest.mark.service("nginx")
def test_flush_lists_the_answer_of_each_server(site: Site, nginx: Nginx) -> None:
    pool(site, nginx, NOBODY)
    found = site.post("/api/nginx/cache-flush.json").json
    servers = found["servers_status"]
    assert servers["success"] == [nginx.url]
    assert servers["errors"] == [NOBODY]
    assert servers["servers"][nginx.url]["expired"] == "all"
    assert servers["servers"][NOBODY]["error"] == "Exception"
    assert "refused" in servers["servers"][NOBODY]["Exception"]
    event = site.json(f"/operations/log/item/{found['operations_event']['id']}.json")
    told = event["OperationsEvent"]
    assert told["operations_event_type"] == "operations__nginx_cache_flush"
    assert told["event_payload"] == {"v": 1, "success": [nginx.url], "errors": [NOBODY]}


@pytest.mark.service("nginx")
def test_flush_in_a_browser_leads_to_the_page_of_nginx(site: Site, nginx: Nginx) -> None:
    pool(site, nginx)
    start = f"{NGINX}?result=success&operation=nginx_cache_flush&event.id="
    answer = site.post("/api/nginx/cache-flush", status=303)
    assert site.location(answer).startswith(start)
    page = site.get(site.location(answer)).text
    assert nginx.url in page
    assert nginx.userpass not in page
    assert "operations__nginx_cache_flush" in page


@pytest.mark.service("nginx")
def test_status_is_what_the_servers_say(site: Site, nginx: Nginx) -> None:
    pool(site, nginx)
    servers = site.post("/api/nginx/status.json").json["servers_status"]
    said = servers["servers"][nginx.url]
    assert said["keys"] == {"valid": [], "invalid": [], "autocert": []}
    assert said["config"]["maxitems"]["resty.lrucache"] == 200
    page = site.post("/api/nginx/status").text
    assert "ngx.shared.cert_cache" in page


@pytest.mark.service("nginx")
@pytest.mark.parametrize("path", ["/domain/example.com", "/certificate-signed/1"])
def test_names_are_expired(site: Site, nginx: Nginx, path: str) -> None:
    stored(site)
    pool(site, nginx)
    assert "Expire in nginx" in site.get(path).text
    found = site.post(f"{path}/nginx-cache-expire.json").json
    assert found["servers_status"]["servers"][nginx.url]["expired"] == "domain"
    assert nginx.asked[-1] == "/expire/domain/example.com"
    event = site.json(f"/operations/log/item/{found['operations_event']['id']}.json")
    payload = event["OperationsEvent"]["event_payload"]
    assert payload == {"v": 1, "domain_ids": {"success": [1], "failure": []}}
    answer = site.post(f"{path}/nginx-cache-expire", status=303)
    start = f"/{path.split('/')[1]}/1?result=success&operation=nginx-cache-expire&event.id="
    assert site.location(answer).startswith(start)


@pytest.mark.service("nginx")
def test_for_a_wildcard_all_is_dropped(site: Site, nginx: Nginx) -> None:
    stored(site, [pem("certificates/wildcard") + pem("chains/intermediate")], RSA2048)
    pool(site, nginx)
    site.post("/certificate-signed/1/nginx-cache-expire.json")
    assert nginx.asked[-1] == "/expire/all"


@pytest.mark.service("nginx")
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"nginx_userpass": "peter:wrong"}, "401"),
        ({"nginx_userpass": None}, "401"),
        ({"nginx_ca_bundle_pem": None}, "CERTIFICATE_VERIFY_FAILED"),
        ({"nginx_reset_path": "/.peter_sslers/nginx/shared_cache/other"}, "404"),
        (
            {"nginx_reset_path": "/.peter_sslers/nginx/shared_cache/expire/domain/broken."},
            "no JSON",
        ),
    ],
)
def test_when_no_server_did_it_that_is_an_error(
    site: Site, nginx: Nginx, settings: dict[str, str], reason: str
) -> None:
    pool(site, nginx, **settings)
    answer = site.post("/api/nginx/cache-flush.json", status=502).json
    assert answer["result"] == "error"
    assert answer["servers_status"]["errors"] == [nginx.url]
    assert reason in answer["error"]
    sent_back = site.location(site.post("/api/nginx/cache-flush", status=303))
    assert sent_back.startswith(f"{NGINX}?result=error&error=No+nginx+server")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.service("nginx")
def test_tls_of_the_pool_is_not_verified_where_that_is_allowed(site: Site, nginx: Nginx) -> None:
    more = {"nginx_ca_bundle_pem": None, "nginx_servers_pool_allow_invalid": True}
    pool(site, nginx, **more)
    assert site.post("/api/nginx/cache-flush.json").json["servers_status"]["errors"] == []


@pytest.mark.service("redis")
def test_long_priming_is_reported(
    site: Site, redis_db: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    stored(site, key=EC256)
    with_redis(site, redis_db.url)
    with caplog.at_level(logging.INFO, "peter_sslers.lib.edge"):
        site.post("/api/redis/prime.json")
    assert "1 of 1 names" in caplog.text
    assert held(redis_db)["p:1"] == EC256
