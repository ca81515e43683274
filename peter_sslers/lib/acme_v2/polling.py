"""Waiting for a server to make up its mind: RFC 8555 section 7.5.1."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from ...enums import OrderStatus

WAITING = {OrderStatus.PENDING, OrderStatus.PROCESSING}  # the same words for every object
# Pebble on loopback needs some 5 ms to validate or to issue; asked then, one poll is enough.
FIRST_S = 0.01
GROWTH = 1.5
LONGEST_S = 3.0


class Answer(Protocol):
    """An Order, an Authorization or a Challenge."""

    @property
    def status(self) -> str: ...
    @property
    def retry_after_s(self) -> float | None: ...


T = TypeVar("T", bound=Answer)


def settled(
    ask: Callable[[], T],
    *,
    since: float | None = None,
    first_s: float = FIRST_S,
    deadline_s: float = 30.0,
    sleep: Callable[[float], object] = time.sleep,
) -> T:
    """Ask until the answer is final, or `deadline_s` seconds are over.

    The first time `first_s` after `since`, which is when a server that needs nothing of us was told
    (by `time.monotonic`; None: now), then less and less often; a Retry-After is obeyed, and one
    that lies behind the deadline ends the waiting at once. So the answer may be an unsettled one:
    what it is about stays as it is, for whoever asks next.
    """
    began = time.monotonic()
    end = began + deadline_s
    usual = min(first_s, deadline_s)
    pause = usual if since is None else max(usual / 2, since + usual - began)
    while True:
        sleep(pause)
        answer = ask()
        if answer.status not in WAITING:
            return answer
        left = end - time.monotonic()
        told = answer.retry_after_s or 0.0
        if left <= 0 or told > left:
            return answer
        usual = min(usual * GROWTH, LONGEST_S)
        pause = min(max(usual, told), left)
