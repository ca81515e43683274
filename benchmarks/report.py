"""How a figure is printed: what was measured, the reference, their ratio and the limit."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence


def ratio(
    name: str, ours: float, reference: float, unit: str, *, most: float = 0, least: float = 0
) -> bool:
    """Print one line; False when the ratio is beyond its limit."""
    value = ours / reference
    good = (not most or value <= most) and (not least or value >= least)
    limit = f"at most {most:g}" if most else f"at least {least:g}"
    print(
        f"{name}: ours {ours:.4g} {unit}, reference {reference:.4g} {unit}, "
        f"ratio {value:.2f} ({limit}) {'ok' if good else 'MISSED'}"
    )
    return good


def spread(name: str, values: Sequence[float], unit: str) -> None:
    low, mid, high = min(values), statistics.median(values), max(values)
    print(f"  {name}: min {low:.4g}, median {mid:.4g}, max {high:.4g} {unit}, n {len(values)}")


def finish(good: bool) -> None:
    sys.exit(0 if good else 1)
