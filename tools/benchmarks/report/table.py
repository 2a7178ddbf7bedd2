"""The one table: what, Roost, peer, ratio, floor, met."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import BOUND, Row
from benchmarks.report.numbers import amount, spread, times

HEADINGS = ["what", "Roost", "peer", "ratio", "floor", "met?", "durability"]
_MET = {True: "yes", False: "NO", None: ""}


def ratio(row: Row) -> str:
    """The ratio, or the part of its bound."""
    if row.peer_name == BOUND:
        return f"{row.ratio * 100:.0f} % of {amount(row.peer)}"
    return times(row.ratio)


def cells(row: Row) -> list[str]:
    peer = f"{row.peer_name}: {amount(row.peer)}" if row.peer_name != BOUND else ""
    roost = f"{amount(row.roost)} {spread(row.roost)}".strip()
    return [
        row.what, roost, peer, ratio(row), row.floor.words if row.floor else "",
        _MET[row.is_met], row.durability]


def plain(rows: Sequence[Row]) -> str:
    """For a terminal: columns as wide as they need to be."""
    lines = [HEADINGS] + [cells(row) for row in rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADINGS))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines)


def markdown(rows: Sequence[Row]) -> str:
    lines = [HEADINGS, ["---"] * len(HEADINGS)] + [cells(row) for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
