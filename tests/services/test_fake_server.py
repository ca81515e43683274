"""tools/fake_server.py answers where Peter and the Lua module would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from .processes import Process, free_port

TOOL = Path(__file__).parents[2] / "tools" / "fake_server.py"
ADMIN = "/.well-known/admin"
NGINX = "/.peter_sslers/nginx/shared_cache"


class Client:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.http = requests.Session()
        self.http.trust_env = False

    def get(self, path: str, **kw: Any) -> requests.Response:
        answer = self.http.get(self.url + path, timeout=20, **kw)
        assert answer.headers["X-Peter-SSLers"] == "fakeserver"
        return answer

    def post(self, path: str, body: str) -> requests.Response:
        """As the Lua module does it: without a Content-Type."""
        return self.http.post(self.url + path, data=body.encode(), timeout=20)


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    port = free_port()
    log = tmp_path_factory.mktemp("fake") / "log"
    process = Process([sys.executable, str(TOOL), "--port", str(port)], log)
    process.wait_for_port(port)
    client = Client(port)
    yield client
    client.http.close()
    process.stop()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "fakeserver"),
        ("/.well-known/acme-challenge/token-1", "token-1"),
        ("/.well-known/public/whoami", "a.example.com<"),
        (ADMIN, "a.example.com<"),
    ],
)
def test_pages(fake: Client, path: str, text: str) -> None:
    answer = fake.get(path, headers={"Host": "a.example.com:80"})
    assert answer.headers["Content-Type"].startswith("text/html")
    assert text in answer.text


def test_config_of_a_name(fake: Client) -> None:
    found = fake.get(f"{ADMIN}/domain/A.example.com/config.json?openresty=1").json()
    assert found["domain"]["domain_name"] == "a.example.com"
    assert "PRIVATE KEY" in found["certificate_signed__latest_single"]["private_key"]["pem"]
    missing = fake.get(f"{ADMIN}/domain/unknown.example.com/config.json")
    assert (missing.status_code, missing.json()["code"]) == (404, "404 Not Found")


def test_autocert(fake: Client) -> None:
    path = f"{ADMIN}/api/domain/autocert.json"
    assert fake.get(path).json()["instructions"][-1] == "HTTP POST required"
    assert fake.post(path, "domain_name=a.example.com").json()["result"] == "success"
    refused = fake.post(path, "domain_name=unknown.example.com").json()
    assert refused["form_errors"]["domain_name"]
    assert refused["certificate_signed__latest_multi"] is None


def test_nginx_routes(fake: Client) -> None:
    assert fake.get(f"{NGINX}/status").json()["keys"].keys() == {"valid", "invalid", "autocert"}
    assert fake.get(f"{NGINX}/expire/all").json()["expired"] == "all"
    one = fake.get(f"{NGINX}/expire/domain/a.example.com").json()
    assert (one["expired"], one["domain"]) == ("domain", "a.example.com")
    for path in ("expire", "expire/nonsense", "expire/domain/a/b"):
        answer = fake.get(f"{NGINX}/{path}")
        assert (answer.status_code, answer.json()["reason"]) == (404, "Unknown URI")


def test_anything_else_is_not_found(fake: Client) -> None:
    assert fake.get("/other").status_code == 404
