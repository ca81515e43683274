"""The servers of `make demo`: each a process on a free port of loopback, its files in .demo/."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
BIN = ROOT / ".venv" / "bin"
CHILDREN: list[subprocess.Popen[bytes]] = []


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(name: str, *argv: str | Path, env: dict[str, str] | None = None) -> None:
    with (HOME / f"{name}.log").open("wb") as log:
        CHILDREN.append(
            subprocess.Popen(
                [str(a) for a in argv], stdout=log, stderr=log, cwd=HOME, env=env or os.environ
            )
        )


def wait_for(port: int, what: str) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if any(child.poll() is not None for child in CHILDREN):
            break
        time.sleep(0.1)
    raise SystemExit(f"{what} did not start; see the logs in {HOME}")


def start_ca(validation_port: int) -> int:
    """Pebble, an ACME server for tests, and a resolver that says 127.0.0.1 to every name."""
    port, dns, management = free_port(), free_port(), free_port()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "30", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", "pebble.key", "-out", "pebble.pem"),
        ],
        cwd=HOME,
        check=True,
        capture_output=True,
    )
    config = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": "",
        "certificate": "pebble.pem",
        "privateKey": "pebble.key",
        "httpPort": validation_port,
        "tlsPort": free_port(),
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
        "certificateValidityPeriod": 90 * 86400,
    }
    (HOME / "pebble.json").write_text(json.dumps({"pebble": config}))
    start(
        "dns",
        *("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""),
        *("-dns01", f"127.0.0.1:{dns}", "-http01", "", "-https01", "", "-tlsalpn01", ""),
        *("-management", f"127.0.0.1:{management}"),
    )
    quick = {**os.environ, "PEBBLE_VA_NOSLEEP": "1"}
    start(
        "pebble",
        *("pebble", "-config", "pebble.json", "-dnsserver", f"127.0.0.1:{dns}", "-strict"),
        env=quick,
    )
    wait_for(port, "Pebble")
    return port


def start_redis() -> int:
    port = free_port()
    start("redis", "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "")
    wait_for(port, "Redis")
    return port


def start_peter(port: int, ca_port: int, redis_port: int, nginx_port: int) -> str:
    """The development .ini with a database, a port and an ACME server of its own."""
    ini = HOME / "demo.ini"
    ini.write_text(
        f"""[app:main]
use = config:{ROOT}/example_development.ini#main
sqlalchemy.url = sqlite:///{HOME}/ssl_minnow.sqlite
certificate_authority = pebble-demo
certificate_authority_directory = https://127.0.0.1:{ca_port}/dir
certificate_authority_ca_bundle = {HOME}/pebble.pem
certificate_authority_testing = False
certificate_authorities_enable = pebble-demo
acme_http01_self_check = False
enable_redis = True
redis.url = redis://127.0.0.1:{redis_port}/9
redis.prime_style = 1
enable_nginx = True
nginx.servers_pool = http://127.0.0.1:{nginx_port}

[server:main]
use = egg:peter_sslers#main
listen = 127.0.0.1:{port}
"""
    )
    subprocess.run([BIN / "initialize_peter_sslers_db", ini], check=True, cwd=HOME)
    start("peter", BIN / "pserve", ini)
    wait_for(port, "Peter")
    return f"http://127.0.0.1:{port}/.well-known/admin"


NGINX = """
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
{user}
daemon off;
worker_processes 2;
pid {home}/nginx.pid;
error_log {home}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {home}/t1;
    proxy_temp_path {home}/t2;
    fastcgi_temp_path {home}/t3;
    uwsgi_temp_path {home}/t4;
    scgi_temp_path {home}/t5;
    lua_package_path "{root}/lua-resty-peter_sslers/lib/?.lua;;";
    lua_shared_dict cert_cache 10m;
    init_by_lua_block {{
        local peter_sslers = require "resty.peter_sslers"
        peter_sslers.initialize()
        peter_sslers.redis_update_defaults("127.0.0.1", {redis_port}, 9)
    }}
    init_worker_by_lua_block {{
        require("resty.peter_sslers").initialize_worker(600, 60, 200)
    }}
    server {{
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {home}/pebble.pem;
        ssl_certificate_key {home}/pebble.key;
        ssl_certificate_by_lua_block {{
            require("resty.peter_sslers").set_ssl_certificate(1, "{admin}")
        }}
        location / {{ return 200 "hello\\n"; }}
    }}
    server {{
        listen 127.0.0.1:{port};
        location /.peter_sslers/nginx/shared_cache/expire {{
            content_by_lua_block {{ require("resty.peter_sslers").expire_ssl_certs() }}
        }}
        location /.peter_sslers/nginx/shared_cache/status {{
            content_by_lua_block {{ require("resty.peter_sslers").status_ssl_certs() }}
        }}
    }}
}}
"""


def start_nginx(port: int, redis_port: int, admin: str) -> int:
    """With the module, and a certificate that is nobody's; the port of its TLS."""
    tls_port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    (HOME / "nginx.conf").write_text(
        NGINX.format(
            user=user,
            home=HOME,
            root=ROOT,
            redis_port=redis_port,
            tls_port=tls_port,
            port=port,
            admin=admin,
        )
    )
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    config, log = HOME / "nginx.conf", HOME / "nginx-error.log"
    start("nginx", binary, "-p", HOME, "-c", config, "-e", log)
    wait_for(tls_port, "nginx")
    return tls_port
