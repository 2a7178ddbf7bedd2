"""What a connection that does nothing takes of the server's memory."""

from __future__ import annotations

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Figure, Outcome, Sample, against_bound

CONNECTION_KIB_MAX = 6


def run(context: Context) -> Outcome:
    scale = context.scale

    def once() -> Sample:
        # A server that has just started has no memory left over from earlier connections.
        served = context.stage.restart(scale.middle)
        found = context.drive(
            served, "idle", connections=scale.idle_connections, seconds=scale.seconds)
        return Sample(float(found.whole["bytes_per_connection"]) / 1024)

    found = Figure.of([once() for _ in range(scale.rounds)], "KiB")
    return Outcome([against_bound(
        "idle/connection", f"memory of an idle, logged-in connection, of "
        f"{scale.idle_connections:,}", found, CONNECTION_KIB_MAX, False)])


CASE = Case("idle", "memory of an idle connection", run)
