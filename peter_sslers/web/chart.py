"""Bars of a chart, as the numbers that its SVG is written with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Counted(Protocol):
    """What happens in a span of time: what was planned, and what somebody has to do."""

    @property
    def planned(self) -> int: ...

    @property
    def by_hand(self) -> int: ...

    @property
    def total(self) -> int: ...


@dataclass(frozen=True)
class Bar:
    """One span, in the chart's units: a span is 10 wide, the whole 100 high."""

    title: str
    x: int
    planned: float
    by_hand: float


def nice_top(spans: Sequence[Counted]) -> int:
    """The end of the chart's scale: 1, 2 or 5 times a power of ten, at least 10."""
    most = max((span.total for span in spans), default=0)
    top = 10
    while top < most:
        top = next(top_next for top_next in _steps(top) if top_next > top)
    return top


def _steps(top: int) -> list[int]:
    power = 10 ** (len(str(top)) - 1)
    return [2 * power, 5 * power, 10 * power]


def bars(spans: Sequence[Counted], names: Sequence[str]) -> list[Bar]:
    """Zero-based; what is there at all is at least 2.5 high."""
    top = nice_top(spans)

    def high(count: int) -> float:
        return max(2.5, round(100 * count / top, 1)) if count else 0.0

    return [
        Bar(_title(span, name), 10 * n + 1, high(span.planned), high(span.by_hand))
        for n, (span, name) in enumerate(zip(spans, names, strict=True))
    ]


def _title(span: Counted, name: str) -> str:
    return f"{name}: {span.total} expire, {span.by_hand} of them renewed by hand"
