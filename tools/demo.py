"""Peter and a local ACME server on this machine: a real order, and TLS handshakes with its result.

Run by `make demo`. It lives in the folder .demo/, listens on loopback only, uses free ports and
ends by itself. With KEEP=1 it goes on serving, for a look with a browser, until Ctrl-C.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from demo_servers import (
    CHILDREN,
    HOME,
    free_port,
    say,
    start_ca,
    start_nginx,
    start_peter,
    start_redis,
)

NAME = "shop.example.com"
PATIENCE_S = 20


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


def handshake(port: int) -> str:
    """The certificate, as PEM, that a TLS client is shown who asks for the name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 10) as raw,
        context.wrap_socket(raw, server_hostname=NAME) as tls,
    ):
        return ssl.DER_cert_to_PEM_cert(tls.getpeercert(binary_form=True) or b"")


def serial(pem: str) -> str:
    told = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"],
        input=pem.encode(),
        capture_output=True,
        check=True,
    )
    return told.stdout.decode().strip().removeprefix("serial=")


def served(admin: str, placed: dict[str, Any], port: int) -> None:
    """Show that a client is shown the certificate of an order. Raises SystemExit if it never is."""
    number = placed["certificate_signed_id"]
    wanted = serial(ask(f"{admin}/certificate-signed/{number}/config.json")["certificate"]["pem"])
    until = time.monotonic() + PATIENCE_S
    while (shown := serial(handshake(port))) != wanted:
        if time.monotonic() > until:
            raise SystemExit(f"nginx shows {shown}, not {wanted}; see the logs in {HOME}")
        time.sleep(0.1)
    say(f"  a client that asks for {NAME} is shown {shown}: CertificateSigned {number}")


def renew(admin: str, placed: dict[str, Any]) -> dict[str, Any]:
    url = f"{admin}/acme-order/{placed['id']}/renew/quick.json"
    renewed: dict[str, Any] = ask(url, {"processing_strategy": "process_single"})["AcmeOrder"]
    say(f"  order {renewed['id']}, the renewal of {placed['id']}: {renewed['acme_status_order']}")
    return renewed


def main() -> None:
    began = time.monotonic()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    port, nginx_port = free_port(), free_port()
    try:
        say("Starting an ACME server (Pebble), Redis, Peter and nginx …")
        redis_port = start_redis()
        admin = start_peter(port, start_ca(port), redis_port, nginx_port)
        tls_port = start_nginx(nginx_port, redis_port, admin)
        say(f"  Peter: {admin}")
        say(f"Ordering a certificate for {NAME}, proved by http-01 …")
        placed = order(admin)
        show(admin, placed)
        say(f"\nTLS handshakes with nginx at 127.0.0.1:{tls_port}, which asks Redis, then Peter:")
        served(admin, placed, tls_port)
        say("Renewing it …")
        served(admin, renew(admin, placed), tls_port)
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
