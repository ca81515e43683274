"""A throw-away nginx that answers as the Lua module does, without it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .processes import Process, find, free_port
from .tls import self_signed

CACHE = "/.peter_sslers/nginx/shared_cache"
SERVER = '"server": "peter_sslers:openresty", "server_version": "1.0.0"'
STATUS = (
    '{"result": "success", "keys": {"valid": [], "invalid": [], "autocert": []}, '
    '"config": {"expiries": {"ngx.shared.cert_cache": 600, "resty.lrucache": 60}, '
    f'"maxitems": {{"resty.lrucache": 200}}}}, {SERVER}}}'
)
CONF = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
{user}
events {{ }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    default_type application/json;
    auth_basic "x"; auth_basic_user_file {folder}/users;
    location = {cache}/status {{ alias {folder}/status.json; }}
    location = {cache}/expire/all {{ alias {folder}/all.json; }}
    location ~ ^{cache}/expire/domain/broken\\. {{ alias {folder}/broken.txt; }}
    location {cache}/expire/domain/ {{ rewrite ^ {cache}/domain last; }}
    location = {cache}/domain {{ internal; alias {folder}/domain.json; }}
  }}
}}
"""


class Nginx:
    """HTTPS with Basic authentication; names that begin with `broken.` get an answer that is none.

    `ca_file` is what its TLS certificate is checked with.
    """

    def __init__(self, folder: Path, userpass: str = "peter:ssl:ers") -> None:
        folder.chmod(0o755)
        self.folder = folder
        self.userpass = userpass
        self.port = free_port()
        self.ca_file, key = self_signed(folder)
        user, _, password = userpass.partition(":")
        digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
        (folder / "users").write_text(f"{user}:{{SHA}}{digest}\n")
        (folder / "status.json").write_text(STATUS)
        (folder / "all.json").write_text(f'{{"result": "success", "expired": "all", {SERVER}}}')
        (folder / "domain.json").write_text(
            f'{{"result": "success", "expired": "domain", {SERVER}}}'
        )
        (folder / "broken.txt").write_text("no JSON")
        (folder / "nginx.conf").write_text(
            CONF.format(
                folder=folder,
                port=self.port,
                certificate=self.ca_file,
                key=key,
                cache=CACHE,
                user="user root;" if folder.owner() == "root" else "",
            )
        )
        argv = [find("nginx") or "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self._process = Process([*argv, "-e", str(folder / "error.log")], folder / "log")
        self._process.wait_for_port(self.port)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The paths so far, below `CACHE`."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [line.split('"')[1].split()[1].removeprefix(CACHE) for line in lines]

    def stop(self) -> None:
        self._process.stop()


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    server = Nginx(tmp_path_factory.mktemp("nginx"))
    yield server
    server.stop()
