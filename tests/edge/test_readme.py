"""The README's configurations, and the example files, as they stand, but for paths and ports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.services.processes import free_port
from tests.services.tls import self_signed

from .conftest import StartNginx
from .nginx import DEFAULT, MODULE, Nginx, Site, run
from .pairs import Issuer
from .upstream import Upstream

pytestmark = pytest.mark.service("nginx-lua")

BLOCKS = re.findall(r"```nginx\n(.*?)```", (MODULE / "README.md").read_text(), re.S)
NAME = "www.example.com"
LOAD = "".join(
    f"load_module modules/{name}.so;\n" for name in ("ndk_http_module", "ngx_http_lua_module")
)


class Documented(Nginx):
    """Runs a text of the README."""

    def __init__(self, folder: Path, text: str, upstream: Upstream) -> None:
        self.folder = folder
        self.tls_port, self.admin_port = free_port(), free_port()
        self._default = 0
        certificate, key = self_signed(folder)
        (folder / "htpasswd").write_text("peter:{PLAIN}sslers\n")
        here = {
            "443 ssl": f"127.0.0.1:{self.tls_port} ssl",
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "127.0.0.1:8090": f"127.0.0.1:{self.admin_port}",
            "http://127.0.0.1:7201/.well-known/admin": upstream.url,
            "/etc/nginx/edge.pem": str(certificate),
            "/etc/nginx/edge.key": str(key),
            "/etc/nginx/peter_sslers.htpasswd": str(folder / "htpasswd"),
            "/run/nginx.pid": str(folder / "pid"),
            "/var/log/nginx": str(folder),
            "/usr/local/share/lua/5.1/?.lua": f"{MODULE}/lib/?.lua",
            "user www-data": "user root",
            "modules/": "/usr/lib/nginx/modules/",
            "6379": str(free_port()),
        }
        for documented, ours in here.items():
            text = text.replace(documented, ours)
        (folder / "nginx.conf").write_text(text)
        daemon = ["-g", f"daemon off; {'' if 'pid ' in text else f'pid {folder}/pid;'}"]
        self._process = run(folder, *daemon)
        self._process.wait_for_port(self.tls_port)


@pytest.fixture(params=["debian", "openresty"])
def documented(
    request: pytest.FixtureRequest, tmp_path: Path, upstream: Upstream
) -> Iterator[Nginx]:
    debian, openresty = BLOCKS
    # Here is no OpenResty, but what it has built in can be loaded.
    path = 'http {\n lua_package_path "/usr/local/share/lua/5.1/?.lua;;";'
    text = debian if request.param == "debian" else LOAD + openresty.replace("http {", path)
    nginx = Documented(tmp_path, text, upstream)
    yield nginx
    nginx.stop()


def test_documented_configuration_serves(
    documented: Nginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    assert documented.handshake(NAME)[0].serial_number == pair.serial
    path = "/.peter_sslers/nginx/shared_cache/status"
    with requests.Session() as http:
        http.trust_env = False
        url = f"http://127.0.0.1:{documented.admin_port}{path}"
        answer = http.get(url, auth=("peter", "sslers"), timeout=10)
    assert answer.json()["keys"]["valid"] == [NAME]


def example(name: str) -> str:
    return (MODULE / "examples" / f"ssl_certhandler-{name}.lua").read_text()


def test_examples_stand_in_blocks(
    start_nginx: StartNginx, upstream: Upstream, issuer: Issuer
) -> None:
    pair = issuer.issue(NAME)
    upstream.serves(NAME, pair)
    handlers = "".join(
        f"location /mine/{name} {{ content_by_lua_block {{\n{example(name)}}} }}\n"
        for name in ("expire", "status")
    )
    lookup = example("lookup").replace("http://127.0.0.1:7201/.well-known/admin", upstream.url)
    arguments = re.search(r"set_ssl_certificate\((.*)\)", lookup)
    assert arguments
    nowhere = f"peter_sslers.redis_update_defaults('127.0.0.1', {free_port()}, 9)"
    nginx = start_nginx(Site(arguments[1], init=nowhere, locations=handlers))
    assert nginx.serial(NAME) == pair.serial
    assert nginx.serial("x.invalid") == DEFAULT
    assert nginx.get("/status", mount="/mine").json()["keys"]["valid"] == [NAME]
    assert nginx.get("/expire/all", mount="/mine").json()["expired"] == "all"


def test_every_option_is_documented() -> None:
    text = (MODULE / "README.md").read_text()
    source = (MODULE / "lib/resty/peter_sslers/options.lua").read_text()
    options = re.findall(r"^    (\w+) = [^\n]*,$", source, re.M)
    assert len(options) > 30
    assert [name for name in options if f"`{name}`" not in text] == []


def test_every_function_is_documented() -> None:
    text = (MODULE / "README.md").read_text()
    source = (MODULE / "lib/resty/peter_sslers.lua").read_text()
    functions = re.findall(r"^(?:function )?M\.(\w+)", source, re.M)
    assert len(functions) > 15
    assert [name for name in functions if f"{name}(" not in text] == []
