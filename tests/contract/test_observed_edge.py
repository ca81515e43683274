"""What was observed on the original with Redis and nginx, which the other tests have off."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ..services.nginx import Nginx
from ..services.redis import Redis
from .peter import ADMIN, Peter, observed
from .shapes import Observed

pytestmark = [pytest.mark.service("redis"), pytest.mark.service("nginx")]
SEEN = {seen["path"].removeprefix("{ADMIN}"): seen for seen in observed("post")}
SENT = (
    "/api/redis/prime.json",
    "/domain/1/nginx-cache-expire.json",
    "/certificate-signed/1/nginx-cache-expire.json",
)


@pytest.fixture(scope="module")
def edge_peter(
    tmp_path_factory: pytest.TempPathFactory, redis_server: Redis, nginx: Nginx
) -> Iterator[Peter]:
    peter = Peter(
        tmp_path_factory.mktemp("peter"),
        **{
            "enable_redis": "true",
            "redis.url": redis_server.url,
            "redis.prime_style": "1",
            "enable_nginx": "true",
            "nginx.servers_pool": nginx.url,
            "nginx.userpass": nginx.userpass,
            "nginx.ca_bundle_pem": str(nginx.ca_file),
        },
    )
    yield peter
    peter.close()


@pytest.mark.parametrize("path", SENT)
def test_json_is_as_observed(edge_peter: Peter, known: Observed, path: str) -> None:
    answer = edge_peter.http.post(ADMIN + path)
    assert not list(known.faults(SEEN[path]["json"], answer.json))


def test_html_is_as_observed(edge_peter: Peter) -> None:
    path = "/domain/1/nginx-cache-expire"
    answer = edge_peter.http.post(ADMIN + path, status=303)
    wanted = re.escape(SEEN[path]["location"]).replace(r"\{ADMIN\}", ADMIN)
    wanted = re.sub(r"(\\{id\\}|(?<=event\\.id=)\d+)", r"\\d+", wanted)
    assert re.fullmatch(wanted, answer.headers["Location"].removeprefix("http://localhost"))


@pytest.mark.parametrize("action", ["cache-flush", "status"])
def test_servers_are_told_of_as_observed(edge_peter: Peter, nginx: Nginx, action: str) -> None:
    seen = SEEN[f"/api/nginx/{action}.json"]["json"]
    answer = edge_peter.http.post(f"{ADMIN}/api/nginx/{action}.json").json
    assert answer.keys() == seen.keys()
    assert answer["servers_status"].keys() == seen["servers_status"].keys()
    said = answer["servers_status"]["servers"][nginx.url]
    assert (said["result"], said["server"]) == ("success", "peter_sslers:openresty")


@pytest.mark.parametrize("page", ["redis", "redis/1", "nginx", "nginx/1"])
def test_pages_are_there(edge_peter: Peter, page: str) -> None:
    assert edge_peter.http.get(f"{ADMIN}/operations/{page}").status_int == 200
