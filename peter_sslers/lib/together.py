"""Work that several threads want done at once: one of them does it for all."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)


class _Wish(Generic[T, R]):
    def __init__(self, what: T) -> None:
        self.what = what
        self.taken = False
        self.results: list[R] = []  # one, if it was fulfilled


class Together(Generic[T, R]):
    """One thread works; what others bring meanwhile is done next, in one go."""

    def __init__(self) -> None:
        self._waiting: deque[_Wish[T, R]] = deque()
        self._turn = threading.Lock()

    def do(
        self,
        what: T,
        for_all: Callable[[Callable[[], list[T]]], Sequence[R]],
        alone: Callable[[], R],
    ) -> R:
        """The result for `what`, by whichever thread.

        `for_all` asks the function that it is given for what there is to do, as late as it can: it
        is asked again, and may answer more, if it has to begin anew. It answers a result for each
        in their order. If it raises, each thread does its own by `alone`, so that whoever is not
        at fault has his result, and who is has his own error.
        """
        wish: _Wish[T, R] = _Wish(what)
        self._waiting.append(wish)
        with self._turn:
            if not wish.taken:
                self._lead(for_all)
        return wish.results[0] if wish.results else alone()

    def _lead(self, for_all: Callable[[Callable[[], list[T]]], Sequence[R]]) -> None:
        taken: list[_Wish[T, R]] = []

        def waiting() -> list[T]:
            while self._waiting:
                taken.append(self._waiting.popleft())
                taken[-1].taken = True
            return [wish.what for wish in taken]

        try:
            results = for_all(waiting)
        except Exception as exc:
            if len(waiting()) == 1:
                raise
            log.info("%d at once failed, now one by one: %s", len(taken), type(exc).__name__)
            return
        for wish, result in zip(taken, results, strict=True):
            wish.results.append(result)
