"""What is measured and what it is held against: figures, rows of the table, curves."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# The peer's name where a figure is held against a number of its own.
BOUND = "the bound"


@dataclass(frozen=True)
class Sample:
    """One measurement. `more` is what came with it: percentiles, processor time, …"""

    value: float
    more: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """The median of some samples, and all of them in the order in which they were taken."""

    value: float
    unit: str
    samples: list[float]
    more: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def of(samples: Sequence[Sample], unit: str) -> Figure:
        """The median, and that of everything that came with all samples. Needs one at least."""
        values = [sample.value for sample in samples]
        names = set.intersection(*(set(sample.more) for sample in samples))
        more = {
            name: statistics.median(sample.more[name] for sample in samples)
            for name in sorted(names)}
        return Figure(statistics.median(values), unit, values, more)


@dataclass(frozen=True)
class Floor:
    """What a ratio must reach: at least, or at most, so much. `words` as the table shows it."""

    ratio: float
    words: str


@dataclass(frozen=True)
class Row:
    """One line of the table: a figure of Roost beside a peer's, or beside a bound of its own.

    `ratio` is Roost's figure divided by the other one; `is_higher_better` says which way is good.
    """

    key: str
    what: str
    roost: Figure
    peer_name: str
    peer: Figure
    is_higher_better: bool
    durability: str
    floor: Floor | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.roost.value / self.peer.value

    @property
    def is_met(self) -> bool | None:
        """None where there is no floor."""
        if self.floor is None:
            return None
        if self.is_higher_better:
            return self.ratio >= self.floor.ratio
        return self.ratio <= self.floor.ratio

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"ratio": self.ratio, "is_met": self.is_met}

    @staticmethod
    def from_json(value: dict[str, Any]) -> Row:
        fields = {item.name: value[item.name] for item in dataclasses.fields(Row)}
        fields["roost"] = Figure(**value["roost"])
        fields["peer"] = Figure(**value["peer"])
        fields["floor"] = Floor(**value["floor"]) if value["floor"] else None
        return Row(**fields)


def bound(value: float, unit: str) -> Figure:
    """The figure of a floor that is a number of its own and not a peer's."""
    return Figure(value, unit, [value])


def against_bound(
    key: str, what: str, roost: Figure, most_or_least: float, is_higher_better: bool,
    durability: str = "", note: str = "", shown: str = "",
) -> Row:
    """A row whose floor is a number: its ratio is the part of it that is used, or reached."""
    sign = "≥" if is_higher_better else "≤"
    words = f"{sign} {shown or f'{most_or_least:g} {roost.unit}'}"
    return Row(
        key, what, roost, BOUND, bound(most_or_least, roost.unit), is_higher_better,
        durability, Floor(1, words), note)


@dataclass(frozen=True)
class Series:
    """One line of a plot: points (x, y) in ascending x."""

    name: str
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """A plot: how something grows, or a distribution. `reason` says what it is made of; what the
    lines of one that grows are called (flat, linear, …) is computed."""

    key: str
    title: str
    x_label: str
    y_label: str
    series: list[Series]
    is_x_logarithmic: bool = True
    is_y_logarithmic: bool = True
    reason: str = ""
    is_growth: bool = False

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> Curve:
        series = [
            Series(item["name"], [(point[0], point[1]) for point in item["points"]])
            for item in value["series"]]
        return Curve(**(value | {"series": series}))


@dataclass
class Outcome:
    """What one benchmark found: rows, curves, and sentences that belong below the table."""

    rows: list[Row] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
