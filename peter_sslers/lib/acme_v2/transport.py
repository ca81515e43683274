"""One HTTP exchange within limits: no redirect, proxy or environment has a say in it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError

from ...errors import SettingsError
from ..patience import TooSlow, pools
from .problems import BadAnswer, Unreachable

CONNECT_TIMEOUT_S = 10.0
CONNECTIONS = 32  # kept open to one server
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Raw:
    """An answer as it came in."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes


class Transport:
    """A pool of connections, for any number of threads.

    urllib3 itself and not requests: one Session is not made for many threads, and it prefers the
    CA bundle of REQUESTS_CA_BUNDLE to the one that it is told.
    """

    def __init__(self, user_agent: str, timeout_s: float, tls: ssl.SSLContext) -> None:
        self._timeout_s = timeout_s
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS,
            retries=False,
            headers={"User-Agent": user_agent},
            timeout=urllib3.Timeout(min(CONNECT_TIMEOUT_S, timeout_s), timeout_s),
            ssl_context=tls,
        )
        self._pool.pool_classes_by_scheme = pools()

    def exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], limit: int
    ) -> Raw:
        """Raises Unreachable, or BadAnswer if the body is longer than `limit` bytes."""
        host = urllib3.util.parse_url(url).netloc
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers={**self._pool.headers, **headers},
                redirect=False,
                preload_content=False,
            )
            try:
                content = _read(response, host, limit)
            except BaseException:
                response.close()  # what was not read would be taken for the next answer
                raise
        except HTTPError as exc:
            raise Unreachable(f"{host} {_reason(exc)}") from exc
        response.release_conn()
        return Raw(response.status, response.headers, content)

    def close(self) -> None:
        self._pool.clear()


def _read(response: urllib3.BaseHTTPResponse, host: str | None, limit: int) -> bytes:
    content = bytearray()
    while chunk := response.read1(CHUNK, decode_content=False):
        content += chunk
        if len(content) > limit:
            raise BadAnswer(f"{host} sent more than {limit} bytes")
    return bytes(content)


def _reason(exc: HTTPError) -> str:
    match exc:
        case ConnectTimeoutError() if not isinstance(exc, NewConnectionError):
            return "does not answer: connecting timed out"
        case ReadTimeoutError() if isinstance(exc.__cause__, TooSlow):
            return "is too slow"
        case ReadTimeoutError():
            return "does not answer: timed out"
        case TlsError():
            return f"can not be trusted: {exc.__cause__ or exc}"
        case _:
            # urllib3 wraps what the operating system said, and sometimes twice.
            cause = exc.__cause__ or next((a for a in exc.args if isinstance(a, Exception)), exc)
            return f"can not be reached: {getattr(cause, 'strerror', None) or cause}"


def tls_context(ca_bundle: str | None, verify: bool) -> ssl.SSLContext:
    """Trust in the system's store or, instead of it, in `ca_bundle`: a file's path, or PEM text.

    Raises SettingsError for a bundle that can not be read.
    """
    try:
        if ca_bundle and "-----BEGIN" in ca_bundle:
            context = ssl.create_default_context(cadata=ca_bundle)
        else:
            context = ssl.create_default_context(cafile=ca_bundle or None)
    except (OSError, ValueError) as exc:  # ssl.SSLError is an OSError
        where = "the PEM text" if ca_bundle and "-----BEGIN" in ca_bundle else ca_bundle
        raise SettingsError(f"CA bundle {where}: {exc}") from exc
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
