"""From the command to serving, with a snapshot and without, in networks that grow."""

from __future__ import annotations

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Outcome, Sample, Series, against_bound
from benchmarks.scale import NetworkSize
from benchmarks.stage import Start

SNAPSHOT_SECONDS_MAX = 5
EVENTS_PER_SECOND_MIN = 2_000_000


def _sample(start: Start) -> Sample:
    return Sample(start.seconds, {
        "processor_seconds": start.processor_seconds, "events": float(start.events)})


def _without_snapshot(context: Context, size: NetworkSize) -> Figure:
    """Once: in the large network it takes long, and if one is on record nothing is done."""
    stage = context.stage
    found = [start for start in stage.starts if start.size == size and not start.had_snapshot]
    if not found:
        stage.restart(size, is_folding=True)
        found = [stage.starts[-1]]
    return Figure.of([_sample(start) for start in found], "s")


def _from_snapshot(context: Context, size: NetworkSize) -> Figure:
    stage = context.stage
    stage.serve(size)
    samples = []
    for _ in range(context.scale.rounds):
        # Stopped in order: the snapshot is of the last event.
        stage.restart(size)
        samples.append(_sample(stage.starts[-1]))
    return Figure.of(samples, "s")


def run(context: Context) -> Outcome:
    sizes = context.scale.growing
    without: dict[NetworkSize, Figure] = {}
    snapshots: dict[NetworkSize, Figure] = {}
    for size in sizes:
        without[size] = _without_snapshot(context, size)
        snapshots[size] = _from_snapshot(context, size)
    whole = context.scale.whole
    folding = without[whole]
    events = folding.more["events"]
    rate = Figure(
        events / folding.value, "events/s", [events / value for value in folding.samples])
    rows = [
        against_bound(
            "start/snapshot", f"start to serving from a snapshot, {whole.people:,} people",
            snapshots[whole], SNAPSHOT_SECONDS_MAX, False, shown=f"{SNAPSHOT_SECONDS_MAX} s"),
        against_bound(
            "start/fold", f"start to serving without snapshots, {events:,.0f} events", rate,
            EVENTS_PER_SECOND_MIN, True, shown="2 M events/s",
            note=f"{folding.value:.1f} s from the command to serving")]
    points = {
        "from a snapshot": [(float(size.people), snapshots[size].value) for size in sizes],
        "without snapshots": [(float(size.people), without[size].value) for size in sizes]}
    curve = Curve(
        "start-against-people", "Start to serving against people", "people", "seconds",
        [Series(name, found) for name, found in points.items()],
        is_growth=True, reason="A snapshot holds every person and follow once, a journal every "
        "event; in small networks it is the process' own start that is seen.")
    return Outcome(rows, [curve])


CASE = Case("start", "start to serving, from a snapshot and without, against people", run)
