"""Resident memory: of the whole network, of a follow, of a person who does nothing."""

from __future__ import annotations

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Outcome, Series, against_bound
from benchmarks.processes import private_bytes, resident_bytes
from benchmarks.scale import NetworkSize
from harness.server import Server

WHOLE_GIB_MAX = 2.5
FOLLOW_BYTES_MAX = 20
PERSON_BYTES_MAX = 400


def _private_after_start(context: Context, size: NetworkSize) -> int:
    """Of a server that has come up from a snapshot: what it needs, and nothing of what it needed to
    fold."""
    return private_bytes(context.stage.from_snapshot(size).pid)


def _empty(context: Context) -> int:
    """Of a server with nobody in it."""
    data = context.workplace.new("empty")
    with Server(data) as server:
        found = private_bytes(server.pid)
    context.workplace.remove(data)
    return found


def run(context: Context) -> Outcome:
    scale = context.scale
    alone = _empty(context)
    people = _private_after_start(context, scale.only_people)
    context.stage.drop(scale.only_people)
    follows = _private_after_start(context, scale.only_follows)
    context.stage.drop(scale.only_follows)
    growing = [(size, _private_after_start(context, size)) for size in scale.growing]
    # The last of those that grow.
    whole = context.stage.serve(scale.whole)
    resident = resident_bytes(whole.pid) / 2**30

    per_person = (people - alone) / scale.only_people.people
    per_follow = (follows - people) / scale.only_follows.follows
    rows = [
        against_bound(
            "memory/whole", f"resident memory, {scale.whole.people:,} people, "
            f"{scale.whole.follows:,} follows, {scale.whole.posts:,} posts",
            Figure(resident, "GiB", [resident]), WHOLE_GIB_MAX, False,
            shown=f"{WHOLE_GIB_MAX} GiB"),
        against_bound(
            "memory/follow", "memory of a follow, both directions",
            Figure(per_follow, "bytes", [per_follow]), FOLLOW_BYTES_MAX, False),
        against_bound(
            "memory/person", "memory of a person with a profile who does nothing",
            Figure(per_person, "bytes", [per_person]), PERSON_BYTES_MAX, False)]
    curve = Curve(
        "memory-against-follows", "Resident memory against follows", "follows", "MiB",
        [Series("all of a network", [
            (float(size.follows), found / 2**20) for size, found in growing])],
        is_growth=True, reason="Each follow stands once in each direction, each person and post "
        "once, besides the few MiB of an empty server.")
    return Outcome(rows, [curve])


CASE = Case("memory", "resident memory, of a whole network, a follow, a person", run)
