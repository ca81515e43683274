"""A real nginx with the module, and TLS handshakes with it."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography import x509

from tests.services.processes import Process, find, free_port
from tests.services.tls import self_signed

MODULE = Path(__file__).parents[2] / "lua-resty-peter_sslers"
DEFAULT = -1  # instead of a serial: nginx's own certificate
ANSWER_S = 10

CONFIGURATION = """
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off;
user root;
worker_processes {workers};
pid {folder}/pid;
error_log {folder}/error.log {log_level};
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1;
    proxy_temp_path {folder}/t2;
    fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4;
    scgi_temp_path {folder}/t5;
    lua_package_path "{module}/lib/?.lua;{folder}/?.lua;;";
    lua_shared_dict cert_cache {dict_size};
    {http}
    init_by_lua_block {{
        local peter_sslers = require "resty.peter_sslers"
        peter_sslers.initialize()
        {init}
    }}
    init_worker_by_lua_block {{
        local peter_sslers = require "resty.peter_sslers"
        {init_worker}
    }}
    server {{
        listen 127.0.0.1:{tls_port} ssl reuseport backlog=1024;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_certificate_by_lua_block {{
            require("resty.peter_sslers").set_ssl_certificate({arguments})
        }}
        location / {{ return 200 "$pid"; }}
    }}
    server {{
        listen 127.0.0.1:{admin_port};
        location /.peter_sslers/nginx/shared_cache/expire {{
            content_by_lua_block {{ require("resty.peter_sslers").expire_ssl_certs() }}
        }}
        location /.peter_sslers/nginx/shared_cache/status {{
            content_by_lua_block {{ require("resty.peter_sslers").status_ssl_certs() }}
        }}
        location /.peter_sslers/nginx/shared_cache/metrics {{
            content_by_lua_block {{ require("resty.peter_sslers").metrics_ssl_certs() }}
        }}
        {locations}
    }}
}}
"""


@dataclass(frozen=True)
class Site:
    """What differs from test to test: Lua, and directives of nginx."""

    arguments: str  # of set_ssl_certificate
    init: str = ""
    init_worker: str = "peter_sslers.initialize_worker(600, 60, 200)"
    http: str = ""
    locations: str = ""
    dict_size: str = "10m"
    workers: int = 2
    resty_redis: str = ""  # Lua that is found as this module
    log_level: str = "info"
    admin_port: int = 0  # a free one


@dataclass(frozen=True)
class Shake:
    """What a handshake gave: the certificate's serial, and the worker that served it."""

    serial: int
    pid: int


class Nginx:
    def __init__(self, folder: Path, site: Site) -> None:
        self.folder = folder
        self.tls_port, self.admin_port = free_port(), site.admin_port or free_port()
        self.site = site
        certificate, key = self_signed(folder)
        self._default = x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(
                folder=folder,
                module=MODULE,
                certificate=certificate,
                key=key,
                tls_port=self.tls_port,
                **{**vars(site), "admin_port": self.admin_port},
            )
        )
        self._process = run(folder)
        self._process.wait_for_port(self.admin_port)
        self._process.wait_for_port(self.tls_port)

    @property
    def log(self) -> str:
        return (self.folder / "error.log").read_text(errors="replace")

    def get(self, path: str, mount: str = "/.peter_sslers/nginx/shared_cache") -> requests.Response:
        with requests.Session() as http:
            http.trust_env = False
            return http.get(f"http://127.0.0.1:{self.admin_port}{mount}{path}", timeout=ANSWER_S)

    def handshake(self, name: str | None, **options: Any) -> tuple[x509.Certificate, bytes]:
        """By a client that does not check what it gets; with what is answered to a request."""
        context = client(**options)
        with (
            socket.create_connection(("127.0.0.1", self.tls_port), ANSWER_S) as raw,
            context.wrap_socket(raw, server_hostname=name) as tls,
        ):
            der = tls.getpeercert(binary_form=True)
            tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: tls.recv(4096), b""))
        assert der is not None
        return x509.load_der_x509_certificate(der), answer.rpartition(b"\r\n")[2]

    def shake(self, name: str | None, **options: Any) -> Shake:
        presented, answer = self.handshake(name, **options)
        serial = presented.serial_number
        return Shake(DEFAULT if serial == self._default else serial, int(answer))

    def serial(self, name: str | None) -> int:
        return self.shake(name).serial

    def by_worker(self, name: str) -> dict[int, set[int]]:
        """Serials by worker, of as many handshakes as it takes to have met every worker twice."""
        met: dict[int, list[int]] = {}
        while len(met) < self.site.workers or min(map(len, met.values())) < 2:
            shake = self.shake(name)
            met.setdefault(shake.pid, []).append(shake.serial)
        return {pid: set(serials) for pid, serials in met.items()}

    def workers(self) -> list[int]:
        """Their process ids."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def reload(self) -> None:
        os.kill(self._process.pid, signal.SIGHUP)

    def stop(self) -> None:
        self._process.stop()


def run(folder: Path, *more: str) -> Process:
    """The nginx whose `nginx.conf` is in the folder, where everything else of it goes, too."""
    where = {"-p": folder, "-c": folder / "nginx.conf", "-e": folder / "error.log"}
    argv = [str(part) for pair in where.items() for part in pair]
    return Process([find("nginx") or "nginx", *argv, *more], folder / "out.log")


def client(ciphers: str = "", version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version:
        context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    return context
