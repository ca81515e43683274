"""The HTTP server: waitress, with threads for the public paths that no admin request can take."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from .errors import SettingsError
from .settings.server import ServerSettings
from .web.access import refusal_to_listen
from .web.app import found_in
from .web.public import is_public
from .web.submitted import MAX_BODY
from .workers import Load, Workers

log = logging.getLogger(__name__)

# Ours where the .ini says nothing. One waiting order holds one connection, so waitress's own
# limit of 100 would let a hundred of them keep the CA out.
# A body is written to disk before anybody looks at it; waitress would take 1 GB. Up to twice what
# forms may have, our own pages say that it is too large.
_WAITRESS = {
    "connection_limit": "1000",
    "asyncore_use_poll": "true",
    "ident": "",
    "max_request_body_size": str(2 * MAX_BODY),
}
_PUBLIC_BODY = "65536"  # bytes: no public path reads any
_FOR_OTHERS_S = 0.002  # a connection is left to processes that have fewer
_TICK_S = 0.25  # how often a running server looks whether it was told to stop
# How long a thread that computes keeps those waiting that come back from the database, at each of
# their statements, with SQLite's lock in their hands; Python's own 5 ms are twice a whole write.
_SWITCH_S = 0.0005
_GARBAGE = 10_000  # new objects after which Python looks for cycles; its own 700 are one page's


class NamedThreads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Waitress's threads under a name of their own in the log."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__()
        self.name = name
        self._count = count

    def start(self) -> None:
        self.set_thread_count(self._count)

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        name = f"{self.name}-{thread_no}"
        threading.Thread(target=target, name=name, args=(thread_no,), daemon=True).start()


class ReservedThreads:
    """A task dispatcher of waitress: requests for public paths have threads of their own."""

    def __init__(self, threads: int, public_threads: int, url_prefix: str = "") -> None:
        self._prefix = url_prefix.rstrip("/")
        self.admin = NamedThreads("admin", threads)
        self.public = NamedThreads("public", public_threads)

    def add_task(self, channel: Any) -> None:
        """`channel` is a waitress HTTPChannel: a task of it serves the first of its requests."""
        path = getattr(channel.requests[0], "path", "")  # a broken request has none
        (self.public if is_public(path.removeprefix(self._prefix)) else self.admin).add_task(
            channel
        )

    def start(self) -> None:
        self.admin.start()
        self.public.start()

    def set_thread_count(self, count: int) -> None:
        self.admin.set_thread_count(count)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        until = monotonic() + timeout
        done = self.admin.shutdown(cancel_pending, timeout)
        return bool(self.public.shutdown(cancel_pending, max(0, until - monotonic())) and done)


class Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress answers by itself, a body that is too large above all: on `.json` in JSON."""

    def execute(self) -> None:
        if not getattr(self.request, "path", "").lower().endswith(".json"):
            super().execute()
            return
        error = self.request.error
        said = {"result": "error", "error": f"{error.reason}: {error.body}"}
        body = json.dumps(said).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = Refusal


class PublicOnly:
    """The application as the second listener shows it: nothing but the public paths."""

    def __init__(self, application: WSGIApplication, header: str) -> None:
        self._application = application
        self._headers = [
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Length", "10"),
            ("X-Peter-SSLers", header),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if is_public(environ.get("PATH_INFO", "")):
            return self._application(environ, start_response)
        start_response("404 Not Found", self._headers)
        return [b"Not Found\n"]


def _always(_connections: int) -> bool:
    return True


class Listener:
    """One waitress server and the loop that drives it.

    `is_least` is told how many connections it has, and says whether no other process has fewer.
    """

    def __init__(
        self,
        application: WSGIApplication,
        threads: ReservedThreads,
        is_least: Callable[[int], bool],
        **kw: Any,
    ) -> None:
        self._is_least = is_least
        self._sockets: dict[int, Any] = {}
        self._server = create_server(
            application, map=self._sockets, _dispatcher=threads, **{**_WAITRESS, **kw}
        )
        self._accepting = self._each("accepting")
        self._again_at = 0.0
        for server in self._accepting:
            server.channel_class = Channel
            server.readable = partial(self._may_accept, server.readable)
            server.handle_accept = partial(self._accept, server.handle_accept)

    @property
    def addresses(self) -> list[tuple[str, int | str]]:
        """(host, port) of each socket; ("unix", path) of a Unix socket."""
        if hasattr(self._server, "effective_listen"):
            return [(host, port) for host, port in self._server.effective_listen]
        return [(self._server.effective_host, self._server.effective_port)]

    @property
    def sockets(self) -> list[socket.socket]:
        return [server.socket for server in self._each("accepting")]

    def run(self, stopping: threading.Event, stop_after_s: float) -> None:
        """Serve until `stopping`, then accept nothing more and let running requests end."""
        while not stopping.is_set():
            self._turn()
        for server in self._each("accepting"):
            server.accepting = False
            server.del_channel()  # the loop does not look at it any more
            server.socket.close()
        until = monotonic() + stop_after_s
        while monotonic() < until and any(c.requests or c.writable() for c in self._channels()):
            self._turn()

    def close(self) -> None:
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _may_accept(self, readable: Callable[[], bool]) -> bool:
        return monotonic() >= self._again_at and readable()

    def _accept(self, accept: Callable[[], None]) -> None:
        """All processes are woken by a new connection: who has fewer may take it first."""
        now = monotonic()
        if not self._has_least() and now > self._again_at + _FOR_OTHERS_S:
            self._again_at = now + _FOR_OTHERS_S
        else:
            self._again_at = 0.0
            accept()

    def _has_least(self) -> bool:
        return self._is_least(sum(len(server.active_channels) for server in self._accepting))

    def _turn(self) -> None:
        self._has_least()
        wait = self._again_at - monotonic()
        timeout = wait if wait > 0 else _TICK_S
        wasyncore.loop(timeout=timeout, use_poll=True, map=self._sockets, count=1)

    def _channels(self) -> list[Any]:
        return [s for s in list(self._sockets.values()) if hasattr(s, "requests")]

    def _each(self, flag: str) -> list[Any]:
        return [s for s in list(self._sockets.values()) if getattr(s, flag, False)]


class Server:
    """All listeners of a process; `run` blocks until `stop`, SIGTERM or Ctrl-C.

    `bound`: each listener's sockets, where another process has opened them; `is_least` of each,
    where others serve them, too.
    """

    def __init__(
        self,
        application: WSGIApplication,
        raw: Mapping[str, str],
        bound: Sequence[Sequence[socket.socket]] = ((), ()),
        is_least: Sequence[Callable[[int], bool]] = (_always, _always),
    ) -> None:
        self.settings, for_waitress = ServerSettings.from_ini(raw)
        app = found_in(application)
        self._stopping = threading.Event()
        self._threads = ReservedThreads(
            self.settings.threads, self.settings.public_threads, for_waitress.get("url_prefix", "")
        )
        if app:
            # What only one of our pages takes; the others say themselves what they do not.
            largest = max(2 * MAX_BODY, app.settings.upload_bulk_max_mib * 1024**2 + MAX_BODY)
            for_waitress.setdefault("max_request_body_size", str(largest))
        if not {"host", "listen", "sockets", "unix_socket"} & for_waitress.keys():
            for_waitress["host"] = "127.0.0.1"  # waitress's own default is everybody
        served: list[tuple[WSGIApplication, dict[str, str]]] = [(application, for_waitress)]
        if self.settings.public_listen:
            public = PublicOnly(application, app.settings.x_peter_sslers if app else "production")
            own = {"listen": self.settings.public_listen, "max_request_body_size": _PUBLIC_BODY}
            served.append((public, {**_without_addresses(for_waitress), **own}))
        self.listeners = [
            Listener(shown, self._threads, least, **_at(kw, sockets))
            for (shown, kw), sockets, least in zip(served, bound, is_least, strict=False)
        ]
        refused = refusal_to_listen(app, self.listeners[0].addresses)
        if refused:
            self.close(0)
            raise SettingsError(refused)

    @property
    def addresses(self) -> list[tuple[str, int | str]]:
        return [address for listener in self.listeners for address in listener.addresses]

    def run(self) -> None:
        self._threads.start()
        loops = [
            threading.Thread(
                target=listener.run,
                args=(self._stopping, self.settings.stop_after_s),
                name="public-listener",
                daemon=True,
            )
            for listener in self.listeners[1:]
        ]
        for loop in loops:
            loop.start()
        with _stopped_by_signals(self.stop):
            try:
                self.listeners[0].run(self._stopping, self.settings.stop_after_s)
            finally:
                self.stop()
                for loop in loops:
                    loop.join(self.settings.stop_after_s)
                self.close(1)

    def stop(self) -> None:
        """From any thread: `run` ends when the running requests have ended."""
        self._stopping.set()

    def close(self, timeout: float = 0) -> None:
        self._threads.shutdown(timeout=timeout)
        for listener in self.listeners:
            listener.close()


_ADDRESSES = {"host", "port", "listen", "unix_socket", "unix_socket_perms", "sockets"}


def _without_addresses(waitress: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in waitress.items() if k not in _ADDRESSES}


def _at(waitress: Mapping[str, str], sockets: Sequence[socket.socket]) -> dict[str, Any]:
    return {**_without_addresses(waitress), "sockets": sockets} if sockets else {**waitress}


def serve(application: WSGIApplication, global_conf: Mapping[str, str], **kw: str) -> None:
    """PasteDeploy's server runner `egg:peter_sslers#main`: waitress's options and ours."""
    kw.pop("use", None)
    server = Server(application, kw)
    for host, port in server.addresses:
        log.info("Serving on %s", f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    # What is there now stays: to look through it for garbage took as long as a page.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    sys.setswitchinterval(_SWITCH_S)
    if server.settings.workers == 1:
        server.run()
    else:
        serve_by_several(server, application, kw)


def serve_by_several(server: Server, application: WSGIApplication, raw: Mapping[str, str]) -> None:
    """`server` opened the sockets, processes of their own serve them."""
    if app := found_in(application):
        app.close_connections()  # no two processes speak over one
    bound = [listener.sockets for listener in server.listeners]
    count = server.settings.workers
    loads = [Load(count) for _ in bound]

    def work(place: int) -> None:
        least = [partial(load.is_least, place) for load in loads]
        Server(application, raw, bound, least).run()

    workers = Workers(count, work, pinned=server.settings.worker_cpu_affinity)

    def stop() -> None:
        server.close()
        workers.stop()

    with _stopped_by_signals(stop):
        workers.run()


@contextlib.contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
