"""What a curve is called: flat, linear, …: by the power of x that y goes with."""

from __future__ import annotations

import math

_FLAT_MAX = 0.1
_NEARLY_FLAT_MAX = 0.3
_LINEAR = (0.85, 1.15)


def power(points: list[tuple[float, float]]) -> float | None:
    """The slope of the line through the logarithms (least squares). None where there are not two
    different x above zero."""
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return (
        sum((x - mean_x) * (y - mean_y) for x, y in logs)
        / sum((x - mean_x) ** 2 for x, _ in logs))


def name(points: list[tuple[float, float]]) -> str:
    """In words, with the power where they leave it open."""
    found = power(points)
    if found is None:
        return "a single point"
    if abs(found) <= _FLAT_MAX:
        return "flat"
    if abs(found) <= _NEARLY_FLAT_MAX:
        return f"nearly flat (power {found:.2f})"
    if found < 0:
        return f"falling (power {found:.2f})"
    if found < _LINEAR[0]:
        return f"slower than linear (power {found:.2f})"
    if found <= _LINEAR[1]:
        return "linear"
    return f"faster than linear (power {found:.2f})"
