"""Work that several threads want done at once: one does it for all, and errors stay with theirs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from peter_sslers.lib.together import Together
from tests.services.waiting import until

NUMBERS = [1, 2, 3, 4]
Waiting = Callable[[], list[int]]


class Squares:
    """Squares numbers; the first thread waits until `count` are there."""

    def __init__(self, count: int, bad: int = 0) -> None:
        self.together: Together[int, int] = Together()
        self.count = count
        self.bad = bad
        self.runs: list[list[int]] = []
        self.singles: list[int] = []

    def of(self, number: int) -> int:
        return self.together.do(number, self.all, lambda: self.one(number))

    def all(self, waiting: Waiting) -> Sequence[int]:
        until(lambda: len(waiting()) >= self.count)
        found = waiting()
        self.runs.append(found)
        if self.bad in found:
            raise ArithmeticError("at once")
        return [number**2 for number in found]

    def one(self, number: int) -> int:
        self.singles.append(number)
        if number == self.bad:
            raise ArithmeticError("alone")
        return number**2


def test_who_waits_is_served_with_the_others() -> None:
    squares = Squares(len(NUMBERS))
    with ThreadPoolExecutor(len(NUMBERS)) as threads:
        assert list(threads.map(squares.of, NUMBERS)) == [1, 4, 9, 16]
    assert [sorted(run) for run in squares.runs] == [NUMBERS]
    assert squares.singles == []


def test_an_error_is_its_own_and_harms_no_other() -> None:
    squares = Squares(len(NUMBERS), bad=3)
    with ThreadPoolExecutor(len(NUMBERS)) as threads:
        asked = [threads.submit(squares.of, number) for number in NUMBERS]
    assert [f.result() for f in asked if not f.exception()] == [1, 4, 16]
    with pytest.raises(ArithmeticError, match="alone"):
        asked[2].result()
    assert sorted(squares.singles) == NUMBERS


def test_who_is_the_only_one_fails_at_once() -> None:
    squares = Squares(1, bad=3)
    with pytest.raises(ArithmeticError, match="at once"):
        squares.of(3)
    assert squares.singles == []
    assert squares.of(2) == 4


def test_one_that_failed_before_it_began_is_not_done_later() -> None:
    together: Together[int, int] = Together()

    def broken(_waiting: Waiting) -> Sequence[int]:
        raise OSError("no turn")

    with pytest.raises(OSError, match="no turn"):
        together.do(1, broken, lambda: 1)
    done: list[int] = []
    assert together.do(2, lambda waiting: done.extend(waiting()) or [4], lambda: 0) == 4
    assert done == [2]


def test_many_threads_lose_nothing() -> None:
    squares = Squares(1)
    started = threading.Barrier(8)

    def run(first: int) -> list[int]:
        started.wait()
        return [squares.of(number) for number in range(first, first + 50)]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(run, range(1, 401, 50)))
    assert [square for some in found for square in some] == [n**2 for n in range(1, 401)]
    assert sorted(n for run_ in squares.runs for n in run_) == list(range(1, 401))
