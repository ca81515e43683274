"""What follows for the edge when names are served otherwise: Redis first, then nginx."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import SslersError, UpstreamError
from ...settings import Settings
from ..cache.nginx import NginxPool
from ..database import Database, chunks
from ..store import served
from . import priming
from .priming import Progress

if TYPE_CHECKING:
    from ..cache.redis import RedisCache

log = logging.getLogger(__name__)

WAIT_S = 0.5  # how long a request waits for what follows from it, while all is well
CLOSE_S = 5.0
TELL_EVERY = 10_000  # names


@dataclass
class Batch:
    """What is to be done next: whatever comes while another is under way is done at once."""

    changed: set[int] = field(default_factory=set)  # ids of domains: Redis, and nginx after it
    asked: set[int] = field(default_factory=set)  # Redis alone
    everything: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def __bool__(self) -> bool:
        return bool(self.changed or self.asked or self.everything)

    def add(self, more: Batch) -> None:
        self.changed |= more.changed
        self.asked |= more.asked
        self.everything |= more.everything


class Edge:
    """One for the process; any thread may use it. `redis` and `nginx` are None where they are off.

    What follows from a change is done by a thread that is there while there is something to do. It
    never harms the change itself: what could not be done is logged, and the next priming of all
    names makes it good.
    """

    def __init__(
        self, database: Database, redis: RedisCache | None, nginx: NginxPool | None
    ) -> None:
        self.redis = redis
        self.nginx = nginx
        self.progress: Progress | None = None  # of the priming of all names, while it goes on
        self._database = database
        self._state = threading.Condition()
        self._next = Batch()
        self._is_running = False
        self._is_well = True
        atexit.register(self.wait, CLOSE_S)  # a command ends right after the change it has made

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Edge | None:
        """None where neither Redis nor nginx is switched on."""
        redis = nginx = None
        if settings.enable_redis:
            from ..cache.redis import RedisCache  # the package may be missing

            redis = RedisCache(settings)
        if settings.enable_nginx:
            nginx = NginxPool(settings)
        return cls(database, redis, nginx) if redis or nginx else None

    def changed(self, domain_ids: Iterable[int], everything: bool = False) -> None:
        """Names are served otherwise since a commit; `everything`: no telling which."""
        self._do(Batch(changed=set(domain_ids), everything=everything))

    def asked_for(self, domain_id: int) -> None:
        """An edge did not find the name in Redis: it will be there for the next one."""
        if self.redis:
            self._do(Batch(asked={domain_id}))

    def prime(self) -> Progress:
        """Every name, into Redis. Raises RedisFailed."""
        if self.redis is None:
            raise LookupError("Redis is off")
        try:
            return priming.everything(self._database, self.redis, self._tell)
        finally:
            self.progress = None

    def wait(self, seconds: float | None = None) -> bool:
        """Until nothing is left to do; False when it took longer."""
        with self._state:
            return self._state.wait_for(lambda: not self._is_running, seconds)

    def _do(self, more: Batch) -> None:
        """Waits for it a little: whoever looks into Redis after his request finds what it did."""
        with self._state:
            batch = self._next
            batch.add(more)
            if batch and not self._is_running:
                threading.Thread(target=self._run, name="edge", daemon=True).start()
                self._is_running = True
        if self._is_well and batch:
            batch.done.wait(WAIT_S)

    def _run(self) -> None:
        while batch := self._taken():
            try:
                is_primed = self._well(self._to_redis, batch)
                self._is_well = self._well(self._to_nginx, batch) and is_primed
            finally:
                batch.done.set()

    def _taken(self) -> Batch | None:
        with self._state:
            batch, self._next = self._next, Batch()
            if batch:
                return batch
            self._is_running = False
            self._state.notify_all()
            return None

    def _well(self, step: Callable[[Batch], None], batch: Batch) -> bool:
        """Nobody is there to be told of an error but the log."""
        try:
            step(batch)
        except SslersError as exc:
            log.warning("the edge was not told of a change: %s", exc)
        except Exception:
            log.exception("the edge was not told of a change")
        else:
            return True
        return False

    def _to_redis(self, batch: Batch) -> None:
        if self.redis is None:
            return
        if batch.everything:
            self.prime()
        else:
            priming.some(self._database, self.redis, batch.changed | batch.asked)

    def _to_nginx(self, batch: Batch) -> None:
        if self.nginx is None:
            return
        if batch.everything:
            told = [self.nginx.flush()]
        elif batch.changed:
            told = self.nginx.expire(self._names(batch.changed))
        else:
            return
        failed = {
            server: said.reason for row in told for server, said in row.items() if said.reason
        }
        if failed:
            raise UpstreamError("; ".join(f"{server}: {why}" for server, why in failed.items()))

    def _names(self, ids: set[int]) -> list[str]:
        found: list[str] = []
        for part in chunks(ids):
            with self._database.single_read() as connection:
                found += served.names_of(connection, part).values()
        return found

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        if progress.looked_at % TELL_EVERY == 0 or progress.is_over:
            log.info("priming Redis: %s", progress)
