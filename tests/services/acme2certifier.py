"""acme2certifier: an ACME server with external account binding, ARI and profiles."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import secrets
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .dns import Dns
from .processes import SERVERS, Process, free_port

EAB_KID = "kid-1"
EAB_HMAC_KEY = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
PROFILES = {"classic": "http://127.0.0.1/classic", "shortlived": "http://127.0.0.1/shortlived"}

# It has no program to serve itself: this is what its documentation runs, without a container.
SERVE = (
    "from waitress import serve;"
    "from acme2certifier.share.acme2certifier_wsgi import application;"
    "serve(application, host='127.0.0.1', port={port}, threads=8)"
)

CONFIG = """[DEFAULT]
debug: True
[Nonce]
nonce_check_disable: False
[DBhandler]
handler: wsgi
dbfile: {folder}/acme_srv.db
[CAhandler]
handler_module: acme2certifier.cahandlers.openssl_ca_handler
issuing_ca_key: {folder}/ca/key.pem
issuing_ca_cert: {folder}/ca/cert.pem
issuing_ca_crl: {folder}/ca/crl.pem
ca_cert_chain_list: []
cert_validity_days: 30
cert_save_path: {folder}/certificates
cn_enforce: False
[Certificate]
revocation_reason_check_disable: False
[Challenge]
{challenge}
[Order]
tnauthlist_support: False
profiles: {profiles}
[Directory]
tos_url: http://127.0.0.1/tos
[Renewalinfo]
renewalthreshold_pctg: 85
retry_after_timeout: 3600
{eab}
"""
EAB = """[EABhandler]
eab_handler_module: acme2certifier.eabhandlers.json_handler
key_file: {folder}/eab.json
"""


def low_address() -> str | None:
    """An address of loopback whose ports 53 and 80 are free; None if they are not for us.

    A random one: other runs of the tests do the same at the same time.
    """
    for _ in range(10):
        address = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
        try:
            for port in (53, 80):
                with socket.create_server((address, port)):
                    pass
        except PermissionError:
            return None
        except OSError:
            continue
        return address
    return None


@dataclass(frozen=True)
class A2cOptions:
    """How acme2certifier is to behave. With `eab` it wants EAB_KID and EAB_HMAC_KEY."""

    eab: bool = False


@dataclass
class Acme2certifier:
    """A running one, over plain HTTP. `address` is where it looks for names and http-01 answers.

    Without an address it believes everybody.
    """

    options: A2cOptions
    folder: Path
    address: str | None
    port: int = field(default_factory=free_port)
    ca_file: Path | None = None  # plain HTTP: nothing to verify

    def __post_init__(self) -> None:
        for name in ("ca", "certificates"):
            (self.folder / name).mkdir()
        _make_ca(self.folder / "ca")
        (self.folder / "eab.json").write_text(json.dumps({EAB_KID: EAB_HMAC_KEY}))
        self._start(PROFILES)

    def _start(self, profiles: Mapping[str, str]) -> None:
        config = self.folder / "acme_srv.cfg"
        config.write_text(self._config(profiles))
        env = {
            "PATH": os.environ.get("PATH", ""),
            "ACME_SRV_CONFIGFILE": str(config),
            "ACME2CERTIFIER_BASE_DIR": str(self.folder),
            "ACME2CERTIFIER_I_KNOW_THE_RISK": "1",  # for an instance without validation
        }
        python = str(SERVERS / "bin" / "python")
        argv = [python, "-c", SERVE.format(port=self.port)]
        log = self.folder / "acme2certifier.log"
        self._process = Process(argv, log, env=env, cwd=self.folder)
        self._process.wait_for_port(self.port)

    def _config(self, profiles: Mapping[str, str]) -> str:
        resolver = f'dns_server_list: ["{self.address}"]'
        return CONFIG.format(
            folder=self.folder,
            challenge=resolver if self.address else "challenge_validation_disable: True",
            profiles=json.dumps(profiles),
            eab=EAB.format(folder=self.folder) if self.options.eab else "",
        )

    @property
    def directory_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/directory"

    @property
    def looks_at(self) -> str:
        """`host:port` where a Peter has to show its public side; "" if nobody looks."""
        return f"{self.address}:80" if self.address else ""

    @contextlib.contextmanager
    def offering(self, profiles: Mapping[str, str]) -> Iterator[None]:
        """Other profiles than PROFILES, for a while; of one it would make no choice: it is taken.

        It starts anew and forgets nothing.
        """
        self.stop()
        self._start(profiles)
        yield
        self.stop()
        self._start(PROFILES)

    def database(self, statement: str, *values: Any) -> list[Any]:
        """What stands in its database, or shall stand there."""
        with contextlib.closing(sqlite3.connect(self.folder / "acme_srv.db")) as db, db:
            return db.execute(statement, values).fetchall()

    def revoked(self) -> set[int]:
        """The serial numbers in its list of revoked certificates."""
        crl = x509.load_pem_x509_crl((self.folder / "ca" / "crl.pem").read_bytes())
        return {entry.serial_number for entry in crl}

    def stop(self) -> None:
        self._process.stop()


def _make_ca(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme2certifier")])
    now = datetime.now(UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


StartAcme2certifier = Callable[[A2cOptions], Acme2certifier]


@pytest.fixture(scope="session")
def low_dns() -> Iterator[str | None]:
    """An address of our own with a DNS server on port 53 that says it is every name's."""
    address = low_address()
    server = Dns(address, 53) if address else None
    yield address
    if server:
        server.close()


@pytest.fixture(scope="session")
def start_acme2certifier(
    tmp_path_factory: pytest.TempPathFactory, low_dns: str | None
) -> Iterator[StartAcme2certifier]:
    """`start_acme2certifier(A2cOptions(...))`: one for the session for each set of options."""
    running: dict[A2cOptions, Acme2certifier] = {}

    def start(options: A2cOptions) -> Acme2certifier:
        if options not in running:
            folder = tmp_path_factory.mktemp("acme2certifier")
            running[options] = Acme2certifier(options, folder, low_dns)
        return running[options]

    yield start
    for server in running.values():
        server.stop()


@pytest.fixture(scope="session")
def acme2certifier(start_acme2certifier: StartAcme2certifier) -> Acme2certifier:
    """The one that wants external account binding."""
    return start_acme2certifier(A2cOptions(eab=True))


@pytest.fixture(scope="session")
def open_acme2certifier(start_acme2certifier: StartAcme2certifier) -> Acme2certifier:
    """The one that takes everybody."""
    return start_acme2certifier(A2cOptions())
