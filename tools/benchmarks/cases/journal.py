"""How many bytes of the disk an event takes."""

from __future__ import annotations

import json

from benchmarks.cases.context import Case, Context
from benchmarks.figures import BOUND, Figure, Outcome, Row, against_bound, bound
from harness.server import run as roost

EVENT_BYTES_MAX = 60


def _bytes_per_event(data: str) -> Figure:
    done = roost("stat", "--data", data, "--json", timeout_s=900)
    if done.returncode != 0:
        raise RuntimeError(f"roost stat: {done.stderr}")
    found = json.loads(done.stdout)
    value = found["bytes"]["journal"] / found["position"]
    return Figure(value, "bytes", [value], {"events": float(found["position"])})


def run(context: Context) -> Outcome:
    middle = context.scale.middle
    made = _bytes_per_event(context.networks.path(middle))
    rows = [Row(
        "journal/made", f"journal on disk per event, made network of {middle.people:,} people",
        made, BOUND, bound(EVENT_BYTES_MAX, "bytes"), False, "")]
    notes = []
    if context.higgs:
        rows.append(against_bound(
            "journal/higgs", "journal on disk per event, Higgs week, sealed text included",
            _bytes_per_event(context.higgs), EVENT_BYTES_MAX, False))
    else:
        notes.append("The Higgs week was not there to be measured: give its data with `--higgs`.")
    return Outcome(rows, [], notes)


CASE = Case("journal", "bytes of the journal per event", run)
