"""ACME servers as the whole process shares them: directory, nonces, connections."""

from __future__ import annotations

import importlib.metadata
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from .documents import LONGEST, retry_after
from .messages import Directory
from .problems import BadAnswer, BadNonce, Gone, Problem, Unreachable, clean, refusal
from .response import Response
from .transport import Raw, Transport, tls_context

log = logging.getLogger("peter_sslers.lib.acme_v2")

TIMEOUT_S = 30.0
DIRECTORY_AGE_S = 3600.0
NONCES = 64
SHOWN = 4000  # characters of an answer in the log
BODY = 1024 * 1024  # bytes that an answer may have


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it. `status` 0: no answer, and `problem` tells why.

    `nonce_retry`: the server did not like the nonce; the same message goes out again.
    """

    method: str
    url: str
    status: int
    elapsed_s: float
    problem: Problem | Unreachable | BadAnswer | None
    nonce_retry: bool


@dataclass(frozen=True)
class Watch:
    """Who wants to know of requests: `before` is called before each one, `heard` after it."""

    before: Callable[[], None] | None = None
    heard: Callable[[Exchange], None] | None = None


NOBODY = Watch()


@dataclass(frozen=True)
class Outgoing:
    """A request. `shown` is what the log may show of its body; `limit`: bytes of the answer."""

    method: str
    url: str
    body: bytes | None = None
    accept: str = "application/json"
    limit: int = BODY
    shown: str = ""


class Servers:
    """Every ACME server that this process talks to. Made once; any thread may use it.

    An answer's URLs must be of the directory's origin, or of one of `allow_hosts`.
    """

    def __init__(
        self,
        user_agent: str = "",
        timeout: float = TIMEOUT_S,
        allow_hosts: Collection[str] = (),
    ) -> None:
        self._user_agent = (
            user_agent or f"peter_sslers/{importlib.metadata.version('peter_sslers')}"
        )
        self._timeout_s = timeout
        self._allow_hosts = frozenset(allow_hosts)
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, str | None, bool], Server] = {}

    def get(self, directory_url: str, ca_bundle: str | None = None, verify: bool = True) -> Server:
        """The server with that directory. `ca_bundle`: a file's path or PEM text, instead of the
        system's store; with verify=False nothing is checked: for test installations.

        Raises SettingsError for a bundle that can not be read, BadAnswer for what is no http URL.
        """
        asked = (directory_url, ca_bundle, verify)
        with self._lock:
            if asked not in self._servers:
                transport = Transport(
                    self._user_agent, self._timeout_s, tls_context(ca_bundle, verify)
                )
                self._servers[asked] = Server(directory_url, transport, self._allow_hosts)
            return self._servers[asked]

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for server in self._servers.values():
                server.close()
            self._servers.clear()


class Server:
    """One ACME server: RFC 8555 sections 6.5, 7.1.1 and 7.2."""

    def __init__(
        self, directory_url: str, transport: Transport, allow_hosts: frozenset[str] = frozenset()
    ) -> None:
        self.directory_url = directory_url
        self._origin = _origin(_split(directory_url))
        self._allow_hosts = allow_hosts
        self._transport = transport
        # The freshest goes first; the oldest falls out. Both ends of a deque are thread-safe.
        self._nonces: deque[str] = deque(maxlen=NONCES)
        self._directory: Directory | None = None
        self._directory_until = 0.0

    def directory(self, watch: Watch = NOBODY, *, anew: bool = False) -> Directory:
        """What the server offers. Asked once an hour; an old answer is better than none.

        `anew`: ask now, and no old answer will do.
        No lock: who waits for a server that is silent would wait for the others' time-outs, too.
        """
        known = self._directory
        if known and not anew and time.monotonic() < self._directory_until:
            return known
        try:
            answer = self.send(Outgoing("GET", self.directory_url), watch)
            known = Directory.parse(answer.document(self.own))
        except (Unreachable, BadAnswer, Problem) as exc:
            if anew or not known:
                raise
            log.warning("the directory of %s stays as it was: %s", self.directory_url, exc)
        self._directory = known
        self._directory_until = time.monotonic() + DIRECTORY_AGE_S
        return known

    def nonce(self, watch: Watch = NOBODY) -> str:
        """A nonce that nobody has used; asks for one only if none came with an earlier answer."""
        out = Outgoing("HEAD", self.directory(watch).new_nonce)
        while True:
            try:
                return self._nonces.pop()
            except IndexError:
                answer = self.send(out, watch)
            # It is in the pool now, where another thread may be quicker.
            if _nonce(answer.raw) is None:
                raise BadAnswer(f"{out.url} gave no Replay-Nonce")

    def own(self, url: str) -> str:
        """The same URL if it is the server's own; section 6.1 and threats of section 10.

        Raises BadAnswer: a server could make us call others, our own network for example.
        """
        parts = _split(url)
        ours = _origin(parts) == self._origin
        told = parts.scheme == self._origin[0] and parts.hostname in self._allow_hosts
        if not ours and not told:
            raise BadAnswer(f"{self.directory_url} points to another host: {clean(url, 200)}")
        return url

    def send(self, out: Outgoing, watch: Watch = NOBODY) -> Response:
        """One exchange. Raises Problem, Unreachable, BadAnswer; keeps the nonce that came along."""
        self.own(out.url)
        if watch.before:
            watch.before()
        began = time.monotonic()
        status = 0
        problem: Problem | Unreachable | BadAnswer | None = None
        if out.shown:
            log.debug("%s %s: %s", out.method, out.url, out.shown)
        try:
            raw = self._exchange(out)
            status = raw.status
            return _judged(out, raw)
        except (Problem, Unreachable, BadAnswer) as exc:
            problem = exc
            if isinstance(exc, Problem):
                self._heard_no(out.url, exc)
            raise
        finally:
            elapsed = time.monotonic() - began
            log.info(
                "%s %s -> %s in %.0f ms", out.method, out.url, status or "no answer", elapsed * 1000
            )
            if watch.heard:
                retry = isinstance(problem, BadNonce)
                watch.heard(Exchange(out.method, out.url, status, elapsed, problem, retry))

    def _heard_no(self, url: str, problem: Problem) -> None:
        """It does not know a URL of its own directory, or a profile that may have been in it."""
        known = self._directory.urls() if self._directory else ()
        is_lost = isinstance(problem, Gone) and url in known
        if is_lost or problem.type == "invalidProfile":
            self._directory_until = 0.0

    def _exchange(self, out: Outgoing) -> Raw:
        headers = {"Accept": out.accept}
        if out.body is not None:
            headers["Content-Type"] = "application/jose+json"  # section 6.2
        raw = self._transport.exchange(out.method, out.url, out.body, headers, out.limit)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %s", out.url, clean(raw.body.decode(errors="replace"), SHOWN))
        nonce = _nonce(raw)
        if nonce:
            self._nonces.append(nonce)
        return raw

    def close(self) -> None:
        self._transport.close()


def _judged(out: Outgoing, raw: Raw) -> Response:
    """An answer with 2xx, or the error that another one stands for."""
    response = Response(
        out.url, raw, retry_after(raw.headers.get("Retry-After"), datetime.now(UTC))
    )
    if 200 <= raw.status < 300:
        return response
    host = urlsplit(out.url).netloc
    if raw.status < 400:
        raise BadAnswer(f"{host} redirects to another place (HTTP {raw.status}); not followed")
    document = response.problem_document()
    if not document and raw.status >= 500:
        raise Unreachable(f"{host} answered HTTP {raw.status}", response.retry_after_s)
    raise refusal(raw.status, document, response.retry_after_s)


def _nonce(raw: Raw) -> str | None:
    """Section 6.5.1: what is not base64url is not a nonce."""
    nonce: str = raw.headers.get("Replay-Nonce", "")
    return nonce if re.fullmatch(r"[A-Za-z0-9_-]{1,512}", nonce) else None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    plain = url.isascii() and url.isprintable() and " " not in url  # RFC 3986
    if not usable or parts.username is not None or not plain or len(url) > LONGEST:
        raise BadAnswer(f"no URL of an ACME server: {clean(url, 200)}")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
