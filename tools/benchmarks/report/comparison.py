"""A new run against the recorded one: which ratios have become worse."""

from __future__ import annotations

from benchmarks.figures import BOUND, Row
from benchmarks.machine import COMPARABLE
from benchmarks.report.numbers import times
from benchmarks.report.result import Result

# Figures with these units are the same on every machine.
_SIZES = ("bytes", "KiB", "MiB", "GiB")
# How much worse a ratio may be before it is named: the runs of one machine differ by some of it.
FALL_MAX = 0.15


def _fall(before: Row, now: Row) -> float:
    """The part of the ratio that was lost; negative where it was gained."""
    if before.ratio <= 0 or now.ratio <= 0:
        return 0.0
    kept = now.ratio / before.ratio if now.is_higher_better else before.ratio / now.ratio
    return 1 - kept


def _depends_on_machine(row: Row) -> bool:
    return row.peer_name == BOUND and not row.roost.unit.startswith(_SIZES)


def fallen(recorded: Result, new: Result) -> list[str]:
    """A sentence for each row that fell by more than `FALL_MAX`, or that is gone although its
    benchmark was run. Times that stand against a number and not a peer depend on the machine: they
    are compared only where it is the same."""
    is_same_machine = all(
        recorded.machine.get(name) == new.machine.get(name) for name in COMPARABLE)
    sentences = []
    for name, outcome in recorded.outcomes.items():
        if name not in new.outcomes:
            continue
        now_by_key = {row.key: row for row in new.outcomes[name].rows}
        for before in outcome.rows:
            now = now_by_key.get(before.key)
            if now is None:
                sentences.append(f"{before.key}: was recorded and is not measured any more")
                continue
            if _depends_on_machine(before) and not is_same_machine:
                continue
            if _fall(before, now) > FALL_MAX:
                sentences.append(
                    f"{now.key}: {now.what}: {times(before.ratio)} {now.peer_name} was recorded, "
                    f"now it is {times(now.ratio)}, {_fall(before, now) * 100:.0f} % worse")
    return sentences
