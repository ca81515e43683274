"""Our application behind real sockets: in a thread, or in a process that can be killed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from waitress import wasyncore
from waitress.server import create_server

from .processes import Process, free_port

_TICK_S = 0.05  # how often a served thread looks whether it was told to end
Wsgi = Callable[[dict[str, Any], Any], Any]


class ServedThread:
    """A WSGI application on ports of loopback, by waitress in a thread of this process."""

    def __init__(self, app: Wsgi, *ports: int) -> None:
        """Without ports: on a free one."""
        self.ports = ports or (free_port(),)
        self._map: dict[int, Any] = {}
        listen = " ".join(f"127.0.0.1:{port}" for port in self.ports)
        self._server: Any = create_server(app, map=self._map, listen=listen, threads=8)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def _run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=_TICK_S, use_poll=True, map=self._map, count=1)

    def close(self) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._map, ignore_all=True)


class ServedProcess:
    """`pserve INI` in a process of its own; `ports` are those that the .ini names."""

    def __init__(self, ini: Path, *ports: int, env: Mapping[str, str] | None = None) -> None:
        self.ini = ini
        self.ports = ports
        self.env = env
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._process.log.read_text()

    def start(self) -> None:
        """Also again after a stop or kill."""
        argv = [sys.executable, "-m", "pyramid.scripts.pserve", str(self.ini)]
        self._process = Process(argv, self.ini.with_suffix(".log"), env=self.env)
        for port in self.ports:
            self._process.wait_for_port(port)

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def running(self) -> bool:
        return self._process.running()


@pytest.fixture
def serve() -> Iterator[Callable[..., ServedThread]]:
    """`serve(app, port, …)`: closed when the test ends."""
    served: list[ServedThread] = []

    def start(app: Wsgi, *ports: int) -> ServedThread:
        served.append(ServedThread(app, *ports))
        return served[-1]

    yield start
    for server in served:
        server.close()


@pytest.fixture
def serve_ini() -> Iterator[Callable[..., ServedProcess]]:
    """`serve_ini(path, port, …)`: ended when the test ends."""
    served: list[ServedProcess] = []

    def start(ini: Path, *ports: int) -> ServedProcess:
        served.append(ServedProcess(ini, *ports))
        return served[-1]

    yield start
    for server in served:
        if server.running():
            server.stop()
