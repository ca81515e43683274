"""Several processes that serve the same sockets: Python computes in one thread at a time."""

from __future__ import annotations

import logging
import mmap
import os
import signal
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

_PAUSE_S = 1.0  # before a process takes the place of one that broke


class Load:
    """What each of several processes has to do, in memory that they share."""

    def __init__(self, count: int) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * count)).cast("I")

    def is_least(self, place: int, own: int) -> bool:
        """Tell the others how much the process at `place` has: whether none of them has less."""
        self._counts[place] = own
        return own <= min(self._counts)


class Workers:
    """Forks `count` processes that do `work`, and replaces each that breaks.

    `work` is given the place of its process, from 0: who replaces one that broke takes its place.

    They end when told to, by SIGTERM, and when this process is gone. `work` ends on SIGTERM by
    itself; it must not have begun here: threads and open connections do not survive a fork.
    Where they are `pinned` each stays on one of the CPUs that this process may use, in turn.
    """

    def __init__(self, count: int, work: Callable[[int], None], *, pinned: bool = False) -> None:
        self._count = count
        self._work = work
        self._cpus = sorted(os.sched_getaffinity(0)) if pinned else []
        self._places: dict[int, int] = {}  # of each by its pid
        self._own = 0
        self._stopping = False
        self._alive = os.pipe()  # nobody ever writes: it ends with this process

    def run(self) -> None:
        """Returns when all have ended; in each of them, when its work is done."""
        if any(self._fork() for _ in range(self._count)) or self._watch():
            self._work(self._own)

    def _watch(self) -> bool:
        """Until all have ended; True in a new process."""
        while self._places:
            pid, status = os.wait()
            if self._places.pop(pid, None) is None:
                continue
            if not self._stopping:
                log.error("Worker %s ended with status %s", pid, os.waitstatus_to_exitcode(status))
                time.sleep(_PAUSE_S)
            if not self._stopping and self._fork():
                return True
        return False

    def stop(self) -> None:
        """Also called by a signal's handler; `run` returns when all have ended."""
        self._stopping = True
        for pid in self._places:
            os.kill(pid, signal.SIGTERM)

    def _fork(self) -> bool:
        """True in the new process."""
        place = min(set(range(self._count)) - set(self._places.values()))
        both = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, both)  # one that came now would miss the newest
        try:
            pid = os.fork()
            if pid:
                self._places[pid] = place
                return False
            self._places.clear()
            self._own = place
            if self._cpus:
                os.sched_setaffinity(0, {self._cpus[place % len(self._cpus)]})
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
