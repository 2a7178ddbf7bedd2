"""Measuring side by side: in each round everybody once, so that what disturbs disturbs all."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.figures import Figure, Sample

Measure = Callable[[], Sample]


def side_by_side(
    contenders: dict[str, Measure], unit: str, rounds: int
) -> dict[str, Figure]:
    """A figure for each contender: the median over the rounds. Every second round is in reverse, so
    that nobody always comes after the same one."""
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            samples[name].append(contenders[name]())
    return {name: Figure.of(found, unit) for name, found in samples.items()}
