"""From SAY to the push that brings the message to somebody else."""

from __future__ import annotations

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Outcome, Sample, Series, against_bound

P99_MS_MAX = 5
# Percentiles at a rate that the server has no say in.
_TIMES_LONGER = 3


def run(context: Context) -> Outcome:
    scale = context.scale
    served = context.stage.serve(scale.whole)
    loads = [
        context.drive(
            served, "push", connections=scale.subscribers, rate=scale.messages_per_second,
            seconds=scale.seconds * _TIMES_LONGER)
        for _ in range(scale.rounds)]
    p99 = Figure.of([Sample(load.whole["p99_us"] / 1_000) for load in loads], "ms")
    row = against_bound(
        "push/p99", f"SAY until it is pushed to another connection, p99, {scale.subscribers:,} "
        f"subscribers, {scale.messages_per_second:,} messages/s", p99, P99_MS_MAX, False, "always")
    curve = Curve(
        "push-latency", f"SAY until it is pushed, by percentile, {scale.subscribers:,} subscribers",
        "1 / (1 − share of all arrivals)", "milliseconds",
        [Series("Roost, synced before it is pushed", [
            (1 / (1 - share), us / 1_000) for share, us in loads[-1].curve if share < 1])],
        reason="Measured from when a message was due, and a push waits for its sync: the height is "
        "the disk's, the right end is what disturbs it.")
    return Outcome([row], [curve])


CASE = Case("push", "from SAY to the push at another connection", run)
