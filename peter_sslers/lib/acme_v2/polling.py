"""Waiting for a server to make up its mind: RFC 8555 section 7.5.1."""

from __future__ import annotations

import threading
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
    first_s: float = FIRST_S,
    deadline_s: float = 30.0,
    sleep: Callable[[float], object] = time.sleep,
    before_sleep: Callable[[], None] | None = None,
    wake: threading.Event | None = None,
) -> T:
    """Ask until the answer is final, or `deadline_s` seconds are over.

    The first time after `first_s`, then less and less often; a Retry-After is obeyed, and one that
    lies behind the deadline ends the waiting at once. So the answer may be an unsettled one: what
    it is about stays as it is, for whoever asks next. `wake` ends a pause early: set it when the
    server has fetched what it was told to look at.
    """
    end = time.monotonic() + deadline_s
    pause = usual = min(first_s, deadline_s)
    while True:
        if before_sleep:
            before_sleep()
        _rest(pause, sleep, wake)
        answer = ask()
        if answer.status not in WAITING:
            return answer
        left = end - time.monotonic()
        told = answer.retry_after_s or 0.0
        if left <= 0 or told > left:
            return answer
        usual = min(usual * GROWTH, LONGEST_S)
        pause = min(max(usual, told), left)


def _rest(pause: float, sleep: Callable[[float], object], wake: threading.Event | None) -> None:
    if wake is None:
        sleep(pause)
    elif wake.wait(pause):
        wake.clear()
