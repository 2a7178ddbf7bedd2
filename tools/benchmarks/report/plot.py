"""Plots as SVG: a frame, a grid, one line a series. Small enough to be read in a diff."""

from __future__ import annotations

import math
from html import escape

from benchmarks.figures import Curve, Series
from benchmarks.report.numbers import number

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 78, 18, 44, 50
LEGEND_LINE = 17
# More points than these make a line that needs no marks.
MARKED_POINTS_MAX = 12
# Room between the outermost points and the frame, as a part of the axis.
MARGIN = 0.04
# Told apart also by who sees few colours: Okabe and Ito's.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
_SHAPES = ["circle", "square", "diamond", "triangle"]


class Axis:
    """Values on a line of pixels, in proportion or by their logarithm."""

    def __init__(self, values: list[float], start: float, end: float, is_logarithmic: bool) -> None:
        self.is_logarithmic = is_logarithmic and min(values) > 0
        self.start, self.end = start, end
        low, high = min(values), max(values)
        if self.is_logarithmic:
            self.low, self.high = math.log10(low), math.log10(high)
        else:
            self.low, self.high = min(0.0, low), high
        if self.high - self.low < 1e-9:
            self.low, self.high = self.low - 0.5, self.high + 0.5
        margin = (self.high - self.low) * MARGIN
        self.high += margin
        if self.is_logarithmic:
            self.low -= margin

    def at(self, value: float) -> float:
        place = math.log10(value) if self.is_logarithmic else value
        return self.start + (place - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values within the axis."""
        if self.is_logarithmic:
            powers = range(math.floor(self.low), math.ceil(self.high) + 1)
            steps = [1] if self.high - self.low > 2 else [1, 2, 5]
            found = [step * 10.0 ** power for power in powers for step in steps]
        else:
            rough = (self.high - self.low) / 5
            unit = 10.0 ** math.floor(math.log10(rough))
            step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
            first = math.ceil(self.low / step)
            found = [step * count for count in range(first, math.floor(self.high / step) + 1)]
        low, high = sorted((self.start, self.end))
        return [value for value in found if low - 0.5 <= self.at(value) <= high + 0.5]


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, more: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {more}/>'


def _mark(x: float, y: float, number_of_series: int) -> str:
    colour = COLOURS[number_of_series % len(COLOURS)]
    shape = _SHAPES[number_of_series % len(_SHAPES)]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
    corners = {
        "square": [(-3, -3), (3, -3), (3, 3), (-3, 3)],
        "diamond": [(0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0)],
        "triangle": [(0, -4), (4, 3.5), (-4, 3.5)]}[shape]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def _frame(curve: Curve, x: Axis, y: Axis) -> list[str]:
    parts = [_text(LEFT, 22, curve.title, 'font-size="15" font-weight="bold"')]
    for value in x.ticks():
        parts.append(_line(x.at(value), TOP, x.at(value), HEIGHT - BOTTOM, 'class="grid"'))
        parts.append(_text(
            x.at(value), HEIGHT - BOTTOM + 17, number(value), 'text-anchor="middle"'))
    for value in y.ticks():
        parts.append(_line(LEFT, y.at(value), WIDTH - RIGHT, y.at(value), 'class="grid"'))
        parts.append(_text(LEFT - 7, y.at(value) + 4, number(value), 'text-anchor="end"'))
    parts.append(_text(
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, curve.x_label, 'text-anchor="middle"'))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(_text(
        16, middle, curve.y_label,
        f'text-anchor="middle" transform="rotate(-90 16 {middle:.1f})"'))
    return parts


def _series(series: Series, number_of_series: int, x: Axis, y: Axis) -> list[str]:
    colour = COLOURS[number_of_series % len(COLOURS)]
    places = [(x.at(px), y.at(py)) for px, py in series.points]
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    if len(places) > MARKED_POINTS_MAX:
        return parts
    return parts + [_mark(px, py, number_of_series) for px, py in places]


def drawn(curve: Curve) -> str:
    """The whole picture. Points whose logarithm is needed and missing are left out."""
    lines = [
        Series(series.name, [
            point for point in series.points
            if (point[0] > 0 or not curve.is_x_logarithmic)
            and (point[1] > 0 or not curve.is_y_logarithmic)])
        for series in curve.series]
    lines = [series for series in lines if series.points]
    if not lines:
        raise ValueError(f"the plot {curve.key} has no points")
    points = [point for series in lines for point in series.points]
    x = Axis([point[0] for point in points], LEFT, WIDTH - RIGHT, curve.is_x_logarithmic)
    y = Axis([point[1] for point in points], HEIGHT - BOTTOM, TOP, curve.is_y_logarithmic)
    height = HEIGHT + LEGEND_LINE * len(lines) + 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        "<style>.grid { stroke: #ddd; stroke-width: 1 }</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    parts += _frame(curve, x, y)
    for at, series in enumerate(lines):
        parts += _series(series, at, x, y)
        legend_y = HEIGHT + LEGEND_LINE * at + 4
        parts.append(_mark(LEFT + 6, legend_y - 4, at))
        parts.append(_text(LEFT + 18, legend_y, series.name))
    return "\n".join(parts + ["</svg>"]) + "\n"
