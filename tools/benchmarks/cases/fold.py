"""How fast the journal is folded into all entities and projections, beside LMDB on its own."""

from __future__ import annotations

import os
import shutil

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Figure, Outcome, Row, Sample, against_bound
from benchmarks.native_programs import lmdb_limit
from benchmarks.processes import processor_seconds
from harness.clients import client
from harness.server import Server

EVENTS_PER_SECOND_MIN = 2_000_000
LMDB_ENTRIES, LMDB_ENTRIES_QUICK = 1_000_000, 20_000
# A tick of the clock that counts a process' time.
SECONDS_MIN = 0.01
# About what an event takes in the journal.
LMDB_ENTRY_BYTES = 60


def _start_alone(context: Context) -> float:
    """Processor seconds of a start on an empty directory: no part of the fold."""
    data = context.workplace.new("empty")
    with Server(data) as server:
        seconds = processor_seconds(server.pid)
    context.workplace.remove(data)
    return seconds


def _folding(context: Context, alone: float) -> Sample:
    stage = context.stage
    stage.restart(context.scale.middle, is_folding=True)
    start = stage.starts[-1]
    seconds = max(start.processor_seconds - alone, SECONDS_MIN)
    return Sample(start.events / seconds, {
        "events": float(start.events), "events_per_second_on_the_clock":
        start.events / start.seconds})


def _folding_higgs(context: Context, alone: float) -> Sample:
    assert context.higgs
    data = context.workplace.copy(context.higgs, "higgs")
    shutil.rmtree(os.path.join(data, "snapshots"), ignore_errors=True)
    server = Server(data, "--snapshot-every", 0).start(timeout_s=600)
    seconds = max(processor_seconds(server.pid) - alone, SECONDS_MIN)
    with client(server.port, password=server.admin_token()) as admin:
        events = int(admin.info("journal")["journal_position"])
    server.kill()
    context.workplace.remove(data)
    return Sample(events / seconds)


def run(context: Context) -> Outcome:
    scale = context.scale
    entries = LMDB_ENTRIES_QUICK if scale.is_quick else LMDB_ENTRIES
    alone = _start_alone(context)
    contenders = {
        "Roost": lambda: _folding(context, alone),
        "LMDB": lambda: Sample(lmdb_limit(
            context.workplace, entries, LMDB_ENTRY_BYTES, scale.connections, 0)[1])}
    if context.higgs:
        contenders["Higgs"] = lambda: _folding_higgs(context, alone)
    found = context.measure(contenders, "events/s")
    rows = [
        against_bound(
            "fold/rate", f"fold of {scale.middle.follows:,} follows and what belongs to them, "
            "events per processor second", found["Roost"], EVENTS_PER_SECOND_MIN, True,
            shown="2 M events/s"),
        Row(
            "fold/lmdb", "the same, beside reading as many entries through a cursor",
            found["Roost"], "LMDB", Figure(
                found["LMDB"].value, "entries/s", found["LMDB"].samples), True, "")]
    if context.higgs:
        rows.append(against_bound(
            "fold/higgs", "fold of the Higgs week, events per processor second", found["Higgs"],
            EVENTS_PER_SECOND_MIN, True, shown="2 M events/s"))
    return Outcome(rows)


CASE = Case("fold", "the rate of the fold, beside LMDB's own reading", run)
