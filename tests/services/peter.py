"""A whole Peter for tests: an .ini of its own, a database, `pserve`, and a real CA to talk to."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import pytest
import requests
from requests.adapters import HTTPAdapter

from peter_sslers.scripts import initialize_db

from .pebble import Options, Pebble, StartPebble
from .postgresql import PostgreSql
from .processes import free_port
from .served import ServedProcess

ADMIN = "/.well-known/admin"
INITIALIZE = "initialize_peter_sslers_db"
NUMBER = itertools.count(1)


def unused_name() -> str:
    """A name that no order of this session has had: a CA may hand out old authorizations."""
    return f"t{next(NUMBER)}-{free_port()}.example.com"


class Process(Protocol):
    """What serves a Peter."""

    def running(self) -> bool: ...
    def stop(self) -> None: ...


class Ca(Protocol):
    """An ACME server. `ca_file` is what its TLS certificate is checked with."""

    @property
    def directory_url(self) -> str: ...
    @property
    def ca_file(self) -> Path | None: ...


@dataclass
class Peter:
    """A served application. Form fields are posted as scripts do it; answers are JSON."""

    ini: Path
    port: int
    database_url: str
    ca: Ca
    process: Process
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.mount("http://", HTTPAdapter(pool_maxsize=64))  # tests order from many threads

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{ADMIN}"

    def get(self, path: str) -> Any:
        answer = self.http.get(f"{self.url}{path}.json", timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **fields: str) -> requests.Response:
        return self.http.post(f"{self.url}{path}.json", data=fields or None, timeout=120)

    def post_apart(self, path: str, **fields: str) -> requests.Response:
        """Over a connection of its own, so that each of several processes serves some."""
        with requests.Session() as http:
            http.trust_env = False
            return http.post(f"{self.url}{path}.json", data=fields, timeout=60)

    def posted(self, path: str, **fields: str) -> Any:
        answer = self.post(path, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def register(
        self, contact: str, technology: str = "EC", cycle: str = "single_certificate"
    ) -> requests.Response:
        """Make an account at the CA of the .ini."""
        options = self.get("/acme-account/new")["valid_options"]["acme_account_provider_id"]
        provider = next(n for n, name in options.items() if name.startswith("pebble-test"))
        return self.post(
            "/acme-account/new",
            acme_account_provider_id=provider,
            account__contact=contact,
            account__private_key_cycle=cycle,
            account__private_key_technology=technology,
        )

    def account(self, technology: str = "EC", cycle: str = "single_certificate") -> dict[str, Any]:
        """Register an account and make it the global default."""
        contact = f"{unused_name().split('.')[0]}@example.com"
        answer = self.register(contact, technology, cycle)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()["AcmeAccount"]
        self.posted(f"/acme-account/{made['id']}/mark", action="global_default")
        return made

    def order_fields(self, names: Sequence[str], strategy: str, **more: str) -> dict[str, str]:
        default = self.get("/acme-order/new/freeform")["valid_options"]["AcmeAccount_GlobalDefault"]
        return {
            "domain_names_http01": ",".join(names),
            "account_key_option": "account_key_global_default",
            "account_key_global_default": default["AcmeAccountKey"]["key_pem_md5"],
            "private_key_option": "private_key_for_account_key",
            "processing_strategy": strategy,
            **more,
        }

    def order(self, names: Sequence[str], strategy: str = "process_single") -> dict[str, Any]:
        fields = self.order_fields(names, strategy)
        placed: dict[str, Any] = self.posted("/acme-order/new/freeform", **fields)["AcmeOrder"]
        return placed

    def process_to_the_end(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """acme-process until the order says that there is nothing more to do."""
        for _ in range(len(order["domains_as_list"]) + 5):
            if not order["is_can_acme_process"]:
                break
            order = self.posted(f"/acme-order/{order['id']}/acme-process")["AcmeOrder"]
        return dict(order)

    def stop(self) -> None:
        self.http.close()
        if self.process.running():
            self.process.stop()


def write_ini(
    path: Path,
    port: int,
    database_url: str,
    ca: Ca,
    server: Mapping[str, str] = MappingProxyType({}),
    **options: str,
) -> Path:
    """A development .ini with a port, a database and an ACME server of its own.

    `server`: more lines of [server:main].
    """
    app = {
        "use": "egg:peter_sslers#main",
        "sqlalchemy.url": database_url,
        "enable_views_public": "true",
        "enable_views_admin": "true",
        "certificate_authority": "pebble-test",
        "certificate_authority_directory": ca.directory_url,
        "certificate_authority_protocol": "acme-v2",
        "certificate_authority_ca_bundle": str(ca.ca_file or ""),
        "acme_http01_self_check": "false",
        **options,
    }
    server = {"use": "egg:peter_sslers#main", "listen": f"127.0.0.1:{port}", **server}
    text = "".join(
        f"[{section}]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items()) + "\n"
        for section, lines in {"app:main": app, "server:main": server}.items()
    )
    path.write_text(text)
    return path


StartPeter = Callable[..., Peter]


@pytest.fixture(scope="session")
def running_peters() -> list[Peter]:
    """Those that `start_peter` has started and nobody has stopped: one at most."""
    return []


def stop_all(running: list[Peter]) -> None:
    while running:
        running.pop().stop()


@pytest.fixture(scope="session")
def start_peter(
    tmp_path_factory: pytest.TempPathFactory,
    challenge_port: int,
    running_peters: list[Peter],
    initialized_sqlite: Path,
) -> Iterator[StartPeter]:
    """`start_peter(ca, database_url="", server={…}, **ini options)`; at most one runs at a time.

    It listens where the session's Pebbles look for http-01 answers. With an `env` the command that
    initialises the database has it too, in a process of its own. Without a URL and an `env` the
    database is a copy of one that was initialised before.
    """

    def start(
        ca: Ca,
        database_url: str = "",
        env: Mapping[str, str] | None = None,
        server: Mapping[str, str] = MappingProxyType({}),
        **options: str,
    ) -> Peter:
        stop_all(running_peters)
        folder = tmp_path_factory.mktemp("peter")
        file = folder / "ssl_minnow.sqlite"
        url = database_url or f"sqlite:///{file}"
        ini = write_ini(folder / "peter.ini", challenge_port, url, ca, server, **options)
        if env is not None:
            command = Path(sys.executable).with_name(INITIALIZE)
            subprocess.run([command, ini], env=env, check=True)
        elif database_url:
            initialize_db.main([INITIALIZE, str(ini)])
        else:
            shutil.copy(initialized_sqlite, file)
        served = ServedProcess(ini, challenge_port, env=env)
        running_peters.append(Peter(ini, challenge_port, url, ca, served))
        return running_peters[-1]

    yield start
    stop_all(running_peters)


@pytest.fixture(scope="session")
def rude_pebble(start_pebble: StartPebble) -> Pebble:
    """Strict, and refuses five nonces in a hundred."""
    return start_pebble(Options(nonce_reject_percent=5))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of each kind; "" lets Peter make a SQLite file."""
    if request.param == "sqlite":
        return ""
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.create()
