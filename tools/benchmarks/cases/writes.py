"""Acknowledged writes beside Redis' LPUSH, at equal promises: synced before the answer, or each
second."""

from __future__ import annotations

from contextlib import closing

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Floor, Outcome, Row, Sample, Series
from benchmarks.load import LoadFailed
from benchmarks.native_programs import lmdb_limit
from benchmarks.peers.redis_server import Appending, RedisServer
from benchmarks.rounds import Measure
from benchmarks.stage import Served

KINDS = ["like", "follow", "post", "say"]
# Beside everysec: one that toggles and one that carries text.
KINDS_LATER = ["like", "post"]
# About what Roost keeps of a LIKE or of a short POST.
_LPUSH = ["LPUSH", "list:__r:100000__", "__x:60__"]
# Requests that may change nothing, as a part and as a number: a few follow whom they follow in the
# network already.
IDLE_SHARE_MAX, IDLE_MAX = 0.1, 20
_LMDB_ENTRIES = 20_000
_EVENT_BYTES = 60


def _floor(pipeline: int) -> Floor:
    return Floor(0.7, "≥ 0.7 ×") if pipeline >= 64 else Floor(1, "≥ 1 ×")


def _position(served: Served) -> int:
    with served.admin() as admin:
        return int(admin.info("journal")["journal_position"])


def _acknowledged(
    context: Context, served: Served, kind: str, connections: int, pipeline: int
) -> Sample:
    """The rate, if the requests have made events: one that changes nothing is no write."""
    before = _position(served)
    load = context.drive(served, kind, connections=connections, pipeline=pipeline)
    events = _position(served) - before
    requests = int(load.whole["requests"])
    if requests - events > max(IDLE_MAX, IDLE_SHARE_MAX * requests):
        raise LoadFailed(f"{requests} times {kind} made only {events} events")
    return load.sample()


def _measured(
    context: Context, redis: RedisServer, kinds: list[str], pipeline: int, *flags: str
) -> dict[str, Figure]:
    connections = context.scale.connections
    served = context.stage.serve(context.scale.whole, *flags)

    def roost(kind: str) -> Measure:
        return lambda: _acknowledged(context, served, kind, connections, pipeline)

    contenders: dict[str, Measure] = {kind: roost(kind) for kind in kinds}
    contenders["redis"] = lambda: context.drive_redis(
        redis, _LPUSH, connections=connections, pipeline=pipeline).sample()
    if redis.appending is Appending.ALWAYS:
        # One transaction holds what all connections have on the way.
        contenders["lmdb"] = lambda: Sample(lmdb_limit(
            context.workplace, _LMDB_ENTRIES, _EVENT_BYTES, connections * pipeline,
            context.scale.seconds / 2)[2])
    return context.measure(contenders, "writes/s")


def _rows(
    connections: int, found: dict[str, Figure], kinds: list[str], pipeline: int, is_synced: bool
) -> list[Row]:
    mode = "always" if is_synced else "everysec"
    roost_mode = "always" if is_synced else "interval"
    rows = []
    for kind in kinds:
        what = f"acknowledged {kind.upper()}, {connections} connections, pipeline {pipeline}"
        rows.append(Row(
            f"writes-{kind}-{pipeline}/redis-{mode}", what, found[kind], "Redis LPUSH",
            found["redis"], True, f"Roost: {roost_mode}; Redis: appendfsync {mode}",
            _floor(pipeline) if is_synced else None))
    if is_synced:
        rows.append(Row(
            f"writes-like-{pipeline}/lmdb", f"the same LIKE, {pipeline} in a pipeline",
            found["like"], "LMDB, synced transactions", found["lmdb"], True,
            "Roost: always; LMDB: sync"))
    return rows


def run(context: Context) -> Outcome:
    outcome = Outcome()
    rates: dict[str, list[tuple[float, float]]] = {}
    modes = [(Appending.ALWAYS, KINDS, ()), (
        Appending.EVERY_SECOND, KINDS_LATER, ("--durability", "interval"))]
    for appending, kinds, flags in modes:
        is_synced = appending is Appending.ALWAYS
        with closing(context.redis(appending)) as redis:
            for pipeline in context.scale.pipelines:
                found = _measured(context, redis, kinds, pipeline, *flags)
                outcome.rows += _rows(
                    context.scale.connections, found, kinds, pipeline, is_synced)
                if is_synced:
                    for name, figure in found.items():
                        rates.setdefault(name, []).append((float(pipeline), figure.value))
    names = {"redis": "Redis LPUSH, appendfsync always", "lmdb": "LMDB, synced transactions"}
    outcome.curves.append(Curve(
        "writes-against-pipeline", "Acknowledged and synced writes against pipeline",
        "requests on the way on each connection", "writes per second",
        [Series(names.get(name, name.upper()), points) for name, points in rates.items()],
        is_growth=True, reason="One sync is shared by all writes that are on the way: their rate "
        "rises with the pipeline until the processor, not the disk, is what is waited for."))
    return outcome


CASE = Case("writes", "acknowledged LIKE, FOLLOW, POST, SAY beside Redis LPUSH and LMDB", run)
