"""Shards: two against one on this machine, and what more would do on a machine with more cores."""

from __future__ import annotations

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Outcome, Row, Sample, Series
from benchmarks.processes import thread_seconds

WORKLOADS = {"home": "HOME of 20 items", "mix": "mixed requests, 90 % reads", "like": "LIKE"}
_PIPELINE = 16
# The clock of threads ticks a hundred times a second: a share of it needs some seconds.
_BUSY_SECONDS_MIN = 0.01


def _measured(context: Context, shards: int, workload: str) -> Sample:
    """The rate, with the rate that the busiest thread would allow if each had a core."""
    served = context.stage.serve(context.scale.middle, "--shards", str(shards))
    before = thread_seconds(served.pid)
    load = context.drive(
        served, workload, connections=context.scale.connections, pipeline=_PIPELINE)
    spent = {
        thread: seconds - before.get(thread, 0)
        for thread, seconds in thread_seconds(served.pid).items()}
    # Warming up is part of what the threads have spent.
    requests = load.rate * (context.scale.seconds + context.scale.warmup)
    busiest = max(max(spent.values()), _BUSY_SECONDS_MIN)
    return Sample(load.rate, {"busiest": requests / busiest})


def run(context: Context) -> Outcome:
    scale = context.scale
    outcome = Outcome()
    found: dict[int, dict[str, Figure]] = {}
    one, two = scale.shards[0], scale.shards[1]
    # Alternating between one and two; for more one look is enough, as nobody compares their rates.
    samples: dict[tuple[int, str], list[Sample]] = {}
    for number in range(scale.rounds):
        for shards in (one, two) if number % 2 == 0 else (two, one):
            for workload in WORKLOADS:
                samples.setdefault((shards, workload), []).append(
                    _measured(context, shards, workload))
    for shards in scale.shards[2:]:
        for workload in WORKLOADS:
            samples[shards, workload] = [_measured(context, shards, workload)]
    for (shards, workload), taken in samples.items():
        found.setdefault(shards, {})[workload] = Figure.of(taken, "requests/s")
    for workload, what in WORKLOADS.items():
        outcome.rows.append(Row(
            f"shards/{workload}", f"{what}, {two} shards, the load client on the same cores",
            found[two][workload], f"Roost, {one} shard", found[one][workload], True, "always"))
    outcome.curves += [
        Curve(
            "rate-against-shards", "Requests per second against shards, as measured here",
            "shards (threads that serve)", "requests per second",
            [Series(what, [
                (float(shards), found[shards][workload].value) for shards in scale.shards])
             for workload, what in WORKLOADS.items()],
            reason="Threads beyond the cores of this machine cannot help, and the load client "
            "takes its part of them."),
        Curve(
            "work-against-shards", "Requests per second against shards, by the busiest thread",
            "shards (threads that serve)", "requests per second, if each thread had a core",
            [Series(what, [
                (float(shards), found[shards][workload].more["busiest"])
                for shards in scale.shards])
             for workload, what in WORKLOADS.items()],
            is_growth=True, reason="The processor time of the busiest thread is what would limit "
            "a machine with a core for each. It grows with the shards until what every shard does "
            "for every event, and what the journal's one thread does, outweighs a shard's part.")]
    return outcome


CASE = Case("shards", "two shards against one, and the work of the busiest of up to 32", run)
