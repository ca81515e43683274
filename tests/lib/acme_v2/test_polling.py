"""Waiting for an order: soon at first, then with patience."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from peter_sslers.enums import AuthorizationStatus, OrderStatus
from peter_sslers.lib.acme_v2 import polling


@dataclass(frozen=True)
class Answer:
    status: str
    retry_after_s: float | None = None


PENDING = Answer(OrderStatus.PENDING)
READY = Answer(OrderStatus.READY)


class Time:
    """A clock that only `sleep` moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 4))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(polling, "time", clock)
    return clock


def settle(clock: Time, *answers: Answer, deadline_s: float = 30.0) -> Answer:
    """The last answer is given again and again."""
    said = iter(answers)
    return polling.settled(
        lambda: next(said, answers[-1]), first_s=0.1, deadline_s=deadline_s, sleep=clock.sleep
    )


def test_the_first_question_comes_soon(clock: Time) -> None:
    assert settle(clock, READY) is READY
    assert clock.slept == [0.1]


def test_pauses_grow_up_to_three_seconds(clock: Time) -> None:
    settle(clock, *[PENDING] * 12, READY)
    assert clock.slept[:4] == [0.1, 0.15, 0.225, 0.3375]
    assert max(clock.slept) == 3.0


def test_retry_after_is_obeyed(clock: Time) -> None:
    settle(clock, Answer(OrderStatus.PROCESSING, 5.0), READY)
    assert clock.slept == [0.1, 5.0]


def test_retry_after_behind_the_deadline_ends_the_waiting(clock: Time) -> None:
    later = Answer(OrderStatus.PROCESSING, 60.0)
    assert settle(clock, later) is later
    assert clock.slept == [0.1]


def test_the_last_question_is_asked_at_the_deadline(clock: Time) -> None:
    assert settle(clock, PENDING, deadline_s=1.0) is PENDING
    assert clock.now == pytest.approx(1.0)


def test_without_time_one_question_is_asked(clock: Time) -> None:
    assert settle(clock, PENDING, deadline_s=0.0) is PENDING
    assert clock.slept == [0.0]


@pytest.mark.parametrize("status", [AuthorizationStatus.INVALID, OrderStatus.UNKNOWN])
def test_every_other_status_is_final(clock: Time, status: str) -> None:
    assert settle(clock, Answer(status)).status == status


@pytest.mark.parametrize(("since", "first"), [(-0.03, 0.07), (-5.0, 0.05), (0.0, 0.1)])
def test_time_that_has_passed_since_it_was_told_counts(
    clock: Time, since: float, first: float
) -> None:
    said = iter([PENDING, READY])
    polling.settled(lambda: next(said), since=since, first_s=0.1, sleep=clock.sleep)
    assert clock.slept == [first, 0.15]
