"""Peter as a process that is killed (signal 9) at a commit of our choice.

The process is forked from a server that has imported everything, so that a start costs little.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from peter_sslers.lib.database import Database

from .peter import Peter, write_ini
from .processes import START_S, free_port, listening

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(
    ["peter_sslers.web.app", "peter_sslers.web.admin", "peter_sslers.server", __name__]
)


class When(StrEnum):
    """Where in a commit the process dies."""

    BEFORE = "before"  # nothing of it is on disk
    AFTER = "after"


@dataclass(frozen=True)
class Death:
    """At which commit of the admin's threads, counted from the arming, and where in it."""

    number: int
    when: When


def _serve(ini: str, armed: str) -> None:
    """The child: pserve with a Database that may kill it."""
    from pyramid.paster import get_app

    from peter_sslers.server import serve

    _make_mortal(Path(armed))
    port = next(line for line in Path(ini).read_text().splitlines() if "listen" in line)
    serve(get_app(ini), {"__file__": ini}, listen=port.partition("=")[2].strip())


def _make_mortal(armed: Path) -> None:
    """`armed` holds "NUMBER WHEN"; each commit counts it down, the one at 0 is the last."""
    objects, rows = Database.writing, Database.writing_rows
    turn = threading.Lock()

    def strike(when: When) -> None:
        with turn:
            if not threading.current_thread().name.startswith("admin") or not armed.exists():
                return
            number, chosen = armed.read_text().split()
            if chosen != when:
                return
            if number == "0":
                os.kill(os.getpid(), signal.SIGKILL)
            armed.write_text(f"{int(number) - 1} {chosen}")

    @contextlib.contextmanager
    def writing(self: Database, session: Session) -> Iterator[None]:
        with objects(self, session):
            yield
            strike(When.BEFORE)
        strike(When.AFTER)

    @contextlib.contextmanager
    def writing_rows(self: Database, session: Session) -> Iterator[Connection]:
        with rows(self, session) as connection:
            yield connection
            strike(When.BEFORE)
        strike(When.AFTER)

    Database.writing = writing  # type: ignore[method-assign]
    Database.writing_rows = writing_rows  # type: ignore[method-assign]


class MortalPeter:
    """Served on `port` by a process that `arm()` makes die."""

    def __init__(self, ini: Path, port: int) -> None:
        self.ini = ini
        self.port = port
        self._armed = ini.with_suffix(".armed")
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._armed.unlink(missing_ok=True)
        self._process = FORK.Process(
            target=_serve, args=(str(self.ini), str(self._armed)), daemon=True
        )
        self._process.start()
        deadline = time.monotonic() + START_S
        while not listening(self.port):
            if not self._process.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"{self.ini} is not served")
            time.sleep(0.01)

    def arm(self, death: Death) -> None:
        self._armed.write_text(f"{death.number} {death.when}")

    def was_killed(self) -> bool:
        """After a request that got no answer."""
        assert self._process is not None
        self._process.join(5)
        return self._process.exitcode == -signal.SIGKILL

    def stop(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()

    def running(self) -> bool:
        return self._process is not None and self._process.is_alive()


@contextlib.contextmanager
def mortal_twin(public: Peter, **options: str) -> Iterator[Peter]:
    """The same Peter in a process that can be armed; that of `public` answers the CA's polls."""
    port = free_port()
    ini = public.ini.with_name("mortal.ini")
    write_ini(ini, port, public.database_url, public.ca, **options)
    process = MortalPeter(ini, port)
    process.start()
    yield Peter(ini, port, public.database_url, public.ca, process)
    process.stop()
