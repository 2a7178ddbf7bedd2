"""What a post by the most popular account does to the posts of everybody else."""

from __future__ import annotations

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Floor, Outcome, Row, Sample, Series
from benchmarks.load import Load

FLOOR = Floor(2, "≤ 2 ×")
# Posts by others, and how often the most popular account posts: far more often than people do.
_POSTS_PER_SECOND = 200
_CELEBRITY_POSTS_PER_SECOND = 2
_FOLLOWERS = 100
# Its figures are percentiles of posts at a modest rate: they need longer than a rate does.
_TIMES_LONGER = 3


def _measured(context: Context) -> Load:
    scale = context.scale
    served = context.stage.serve(scale.whole)
    return context.drive(
        served, "celebrity", followers=_FOLLOWERS, rate=_POSTS_PER_SECOND,
        celebrity_rate=_CELEBRITY_POSTS_PER_SECOND, connections=min(16, scale.connections),
        seconds=scale.seconds * _TIMES_LONGER)


def run(context: Context) -> Outcome:
    loads = [_measured(context) for _ in range(context.scale.rounds)]

    def figure(phase: str) -> Figure:
        return Figure.of(
            [Sample(load.whole[phase]["p99_us"] / 1_000) for load in loads], "ms")

    largest = context.scale.whole.people
    row = Row(
        "celebrity/p99", "others' posts until visible, p99, while the most popular account (of "
        f"{largest:,} people) posts {_CELEBRITY_POSTS_PER_SECOND} times a second",
        figure("with"), "the same without it", figure("without"), False, "always", FLOOR)
    curve = Curve(
        "celebrity-latency", "Others' posts until visible, by percentile",
        "1 / (1 − share of all posts)", "milliseconds",
        [Series(name, [
            (1 / (1 - share), us / 1_000)
            for share, us in loads[-1].whole[phase]["curve"] if share < 1])
         for phase, name in (("without", "without the celebrity"), ("with", "with it"))],
        reason="What the most popular account posts is not pushed to its followers but merged when "
        "their homes are read: so the two lines should lie on each other.")
    return Outcome([row], [curve])


CASE = Case("celebrity", "others' posts while the most popular account posts", run)
