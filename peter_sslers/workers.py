"""Several processes that serve the same sockets: Python computes in one thread at a time."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

_PAUSE_S = 1.0  # before a process takes the place of one that broke


class Workers:
    """Forks `count` processes that do `work`, and replaces each that breaks.

    They end when told to, by SIGTERM, and when this process is gone. `work` ends on SIGTERM by
    itself; it must not have begun here: threads and open connections do not survive a fork.
    """

    def __init__(self, count: int, work: Callable[[], None]) -> None:
        self._count = count
        self._work = work
        self._pids: set[int] = set()
        self._stopping = False
        self._alive = os.pipe()  # nobody ever writes: it ends with this process

    def run(self) -> None:
        """Returns when all have ended; in each of them, when its work is done."""
        if any(self._fork() for _ in range(self._count)) or self._watch():
            self._work()

    def _watch(self) -> bool:
        """Until all have ended; True in a new process."""
        while self._pids:
            pid, status = os.wait()
            self._pids.discard(pid)
            if not self._stopping:
                log.error("Worker %s ended with status %s", pid, os.waitstatus_to_exitcode(status))
                time.sleep(_PAUSE_S)
            if not self._stopping and self._fork():
                return True
        return False

    def stop(self) -> None:
        """Also called by a signal's handler; `run` returns when all have ended."""
        self._stopping = True
        for pid in self._pids:
            os.kill(pid, signal.SIGTERM)

    def _fork(self) -> bool:
        """True in the new process."""
        both = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, both)  # one that came now would miss the newest
        try:
            pid = os.fork()
            if pid:
                self._pids.add(pid)
                return False
            self._pids.clear()
            os.close(self._alive[1])
            for number in both:
                signal.signal(number, signal.SIG_DFL)
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            return True
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, both)

    def _end_with_parent(self) -> None:
        os.read(self._alive[0], 1)
        os.kill(os.getpid(), signal.SIGTERM)
