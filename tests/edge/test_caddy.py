"""A real Caddy that has no certificate but Peter's."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from peter_sslers.web.credentials import Hash
from tests.services.estate import Ca as Authority
from tests.services.peter import Peter, StartPeter
from tests.services.processes import Process, find, free_port

from . import uploads
from .test_with_peter import Nobody

pytestmark = pytest.mark.service("caddy")

AUTHORITY = Authority("Caddy")
USER, PASSWORD = "caddy", "correct horse"
MANUAL = (Path(__file__).parents[2] / "docs" / "edge.md").read_text()
CADDYFILE = MANUAL.partition("## Caddy")[2].split("```")[1].strip()
PETER = "http://caddy:secret@127.0.0.1:7201/.well-known/admin"  # as it stands there
GLOBAL = """
    admin off
    auto_https disable_redirects
    storage file_system {folder}
    skip_install_trust
"""


@pytest.fixture(scope="module")
def peter(start_peter: StartPeter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peter]:
    file = tmp_path_factory.mktemp("credentials") / "users"
    file.write_text(f"{USER}:{Hash.of(PASSWORD)}\n")
    peter = start_peter(Nobody(), admin_userpass_file=str(file))
    peter.http.auth = (USER, PASSWORD)
    yield peter
    peter.stop()


@pytest.fixture(scope="module")
def caddy(peter: Peter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Caddy, as the manual's file says it, but for places; its port."""
    folder, port = tmp_path_factory.mktemp("caddy"), free_port()
    address = peter.url.replace("//", f"//{USER}:{PASSWORD.replace(' ', '%20')}@")
    text = CADDYFILE.replace(PETER, address).replace("{", "{" + GLOBAL.format(folder=folder), 1)
    text = text.replace("https:// {", f"https://:{port} {{\n    bind 127.0.0.1")
    file = folder / "Caddyfile"
    file.write_text(text.replace("on_demand\n", "on_demand\n        issuer internal\n"))
    argv = [find("caddy") or "caddy", "run", "--config", str(file), "--adapter", "caddyfile"]
    process = Process(argv, folder / "caddy.log", env={"HOME": str(folder)})
    process.wait_for_port(port)
    yield port
    process.stop()


def upload(peter: Peter, *names: str) -> int:
    """The serial number of a new certificate."""
    return uploads.upload(peter, AUTHORITY, *names).certificate.serial_number


def handshake(port: int, name: str) -> x509.Certificate:
    """What a client is shown. Raises SSLError where there is nothing."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")


def test_certificate_is_peters_and_the_newest(peter: Peter, caddy: int) -> None:
    for _ in range(2):
        serial = upload(peter, "site.example.com")
        assert handshake(caddy, "site.example.com").serial_number == serial


def test_wildcard_of_the_parent(peter: Peter, caddy: int) -> None:
    serial = upload(peter, "*.wild.example.com")
    assert handshake(caddy, "any.wild.example.com").serial_number == serial


def test_known_name_without_a_certificate_is_caddys_to_issue(peter: Peter, caddy: int) -> None:
    peter.posted("/domain/new", domain_name="own.example.com")
    assert "Caddy Local Authority" in handshake(caddy, "own.example.com").issuer.rfc4514_string()


@pytest.mark.parametrize("name", ["unknown.example.org", "1"])
def test_unknown_name_gets_nothing(peter: Peter, caddy: int, name: str) -> None:
    with pytest.raises(ssl.SSLError):
        handshake(caddy, name)


def test_disabled_name_gets_nothing(peter: Peter, caddy: int) -> None:
    upload(peter, "off.example.com")
    handshake(caddy, "off.example.com")
    number = peter.get("/domain/off.example.com")["Domain"]["id"]
    peter.posted(f"/domain/{number}/mark", action="inactive")
    with pytest.raises(ssl.SSLError):
        handshake(caddy, "off.example.com")
