"""Signed requests to one ACME server for one account, and the one place that repeats a badNonce."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import InvalidRequest
from . import jws
from .problems import BadNonce, Problem, Unreachable, pause
from .response import Response
from .server import BODY, Exchange, Outgoing, Server, Watch

TRIES = 20


class Client:
    """Speaks to `server` with `key`. Cheap to make: all that is worth keeping is the server's.

    `before` is called before every network request, `on_exchange` after it. `account_url` is set
    by `accounts.new`, `key` is replaced by `accounts.key_change`. `patience_s` is the longest
    Retry-After that a request is repeated after, once, if it can have done nothing; every other one
    is the caller's. `sent`: how often the latest message went out.
    """

    patience_s = 0.0
    sent = 0

    def __init__(
        self,
        server: Server,
        key: jws.Key,
        account_url: str | None = None,
        before: Callable[[], None] | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.server = server
        self.key = key
        self.account_url = account_url
        self.watch = Watch(before, on_exchange)

    def signing_with(self, key: jws.Key) -> Client:
        """The same with another key and no account: for what a certificate's own key may ask."""
        return Client(self.server, key, None, self.watch.before, self.watch.heard)

    def post(
        self,
        url: str,
        payload: Mapping[str, Any] | None = None,
        *,
        jwk: bool = False,
        accept: str = "application/json",
        limit: int = BODY,
    ) -> Response:
        """POST a signed payload, or POST-as-GET if there is none (RFC 8555 section 6.3).

        With `jwk` the message carries the key itself, not the account's URL (section 6.2). `limit`
        is the longest answer in bytes. Raises Problem, Unreachable, BadAnswer.
        """
        patience_s = self.patience_s
        self.sent = 0
        for _ in range(TRIES - 1):
            sent = self.sent
            try:
                return self._post(url, payload, jwk, accept, limit)
            except BadNonce:  # section 6.5: the refusal brought a fresh one
                continue
            except (Problem, Unreachable) as exc:
                told = pause(exc)
                is_no = isinstance(exc, Problem) and exc.is_no
                may_be_done = payload is not None and self.sent > sent and not is_no
                if told is None or told > patience_s or may_be_done:
                    raise
                patience_s = -1.0
                time.sleep(told)
        return self._post(url, payload, jwk, accept, limit)

    def _post(
        self, url: str, payload: Mapping[str, Any] | None, jwk: bool, accept: str, limit: int
    ) -> Response:
        header = {"url": url, "nonce": self.server.nonce(self.watch), **self._who(jwk)}
        body = jws.compact(jws.signed(self.key, header, payload))
        out = Outgoing("POST", url, body, accept, limit, _shown(payload))
        self.sent += 1
        return self.server.send(out, self.watch)

    def _who(self, jwk: bool) -> dict[str, Any]:
        if jwk:
            return {"jwk": self.key.jwk()}
        if not self.account_url:
            raise InvalidRequest("this account is not registered at its ACME server")
        return {"kid": self.account_url}


def _shown(payload: Mapping[str, Any] | None) -> str:
    """What the log may show of a payload: no signature that stands for a secret."""
    if payload is None:
        return "POST-as-GET"
    secret = {"externalAccountBinding": "***"}
    return json.dumps({k: secret.get(k, v) for k, v in payload.items()})
