"""Peter and a local ACME server on this machine: one real order, from nothing to the certificate.

Run by `make demo`. It lives in the folder .demo/, listens on loopback only, uses free ports and
ends by itself. With KEEP=1 it goes on serving, for a look with a browser, until Ctrl-C.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
BIN = ROOT / ".venv" / "bin"
NAME = "shop.example.com"
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


def start_peter(port: int, ca_port: int) -> str:
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
enable_redis = False
enable_nginx = False

[server:main]
use = egg:peter_sslers#main
listen = 127.0.0.1:{port}
"""
    )
    subprocess.run([BIN / "initialize_peter_sslers_db", ini], check=True, cwd=HOME)
    start("peter", BIN / "pserve", ini)
    wait_for(port, "Peter")
    return f"http://127.0.0.1:{port}/.well-known/admin"


def ask(url: str, fields: dict[str, str] | None = None) -> Any:
    """GET, or POST `fields` as a form; the JSON that comes back."""
    data = urllib.parse.urlencode(fields).encode() if fields is not None else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, data), timeout=120) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{url} answered {error.code}: {error.read().decode()[:2000]}") from None


def page_status(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        status: int = answer.status
        return status


def order(admin: str) -> dict[str, Any]:
    """Make an account, make it the default, order; each by the call that a script would make."""
    options = ask(f"{admin}/acme-account/new.json")["valid_options"]["acme_account_provider_id"]
    provider = next(number for number, name in options.items() if name.startswith("pebble-demo"))
    account = ask(
        f"{admin}/acme-account/new.json",
        {
            "acme_account_provider_id": provider,
            "account__contact": "operator@example.com",
            "account__private_key_cycle": "single_certificate",
            "account__private_key_technology": "EC",
        },
    )["AcmeAccount"]
    say(f"  account {account['id']} registered: {account['account_url']}")
    ask(f"{admin}/acme-account/{account['id']}/mark.json", {"action": "global_default"})
    placed: dict[str, Any] = ask(
        f"{admin}/acme-order/new/freeform.json",
        {
            "domain_names_http01": NAME,
            "account_key_option": "account_key_global_default",
            "account_key_global_default": account["AcmeAccountKey"]["key_pem_md5"],
            "private_key_option": "private_key_for_account_key",
            "processing_strategy": "process_single",
        },
    )["AcmeOrder"]
    say(f"  order {placed['id']}: {placed['acme_status_order']}")
    return placed


def show(admin: str, placed: dict[str, Any]) -> None:
    number = placed["certificate_signed_id"]
    say("\nPages (they are gone when the demo ends; `make demo KEEP=1` keeps them):")
    for path in ("", f"/acme-order/{placed['id']}", f"/certificate-signed/{number}"):
        say(f"  {page_status(admin + path)}  {admin}{path}")
    say(f"\nWhat an edge server asks for: GET {admin}/domain/{NAME}/config.json")
    config = ask(f"{admin}/domain/{NAME}/config.json")
    single = config["certificate_signed__latest_single"]
    fullchain = single["fullchain"]["pem"]
    for part in ("private_key", "certificate", "chain", "fullchain"):
        single[part]["pem"] = single[part]["pem"].splitlines()[0] + "…"
    say(json.dumps(config, indent=2))
    say("\nThe certificate:")
    text = subprocess.run(
        ["openssl", "x509", "-noout", "-subject", "-issuer", "-dates", "-ext", "subjectAltName"],
        input=fullchain.encode(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    say(text.rstrip())
    say(fullchain.strip())


def main() -> None:
    began = time.monotonic()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    port = free_port()
    try:
        say("Starting an ACME server (Pebble) and Peter …")
        admin = start_peter(port, start_ca(port))
        say(f"  Peter: {admin}")
        say(f"Ordering a certificate for {NAME}, proved by http-01 …")
        show(admin, order(admin))
        say(f"\nDone in {time.monotonic() - began:.1f} s.")
        if os.environ.get("KEEP"):
            say(f"Still serving {admin} ; Ctrl-C ends it.")
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        for child in reversed(CHILDREN):
            child.terminate()
        for child in CHILDREN:
            child.wait(10)


if __name__ == "__main__":
    main()
