"""docs/benchmarks.md and its plots, made from the recorded result."""

from __future__ import annotations

import os
import re

from benchmarks.figures import BOUND
from benchmarks.report import table
from benchmarks.report.plot import drawn
from benchmarks.report.result import Result
from benchmarks.report.shape import name
from harness.server import ROOT

PAGE = os.path.join(ROOT, "docs", "benchmarks.md")
RECORDED = os.path.join(ROOT, "docs", "benchmarks")
RESULT = "result.json"
# The words around the figures. Not a page itself: its links are docs/benchmarks.md's.
_FRAME = os.path.join(RECORDED, "frame.txt")
# Of a core: above it the load client, and not the server, may have been the limit.
CLIENT_SHARE_MAX = 0.9
_NOTHING = "No result has been recorded yet: `tools/bench` records one."


def recorded() -> Result | None:
    """The result in docs/benchmarks; None where there is none."""
    path = os.path.join(RECORDED, RESULT)
    return Result.read(path) if os.path.exists(path) else None


def _summary(result: Result) -> str:
    with_floor = [row for row in result.rows if row.floor]
    missed = [row for row in with_floor if not row.is_met]
    machine = "\n".join(f"| {item} | {value} |" for item, value in result.machine.items())
    words = (
        f"Recorded until {result.time}, in {result.seconds / 60:.0f} minutes of measuring "
        f"([result.json](benchmarks/{RESULT})). Of {len(with_floor)} floors "
        f"{len(with_floor) - len(missed)} are met")
    if missed:
        words += "; not met:\n\n" + "\n".join(
            f"- {row.what}: {table.ratio(row)}"
            f"{'' if row.peer_name == BOUND else f' {row.peer_name}'}, the floor is "
            f"{row.floor.words}" for row in missed if row.floor)
    else:
        words += "."
    return f"{words}\n\n| machine | |\n|---|---|\n{machine}"


def _plots(result: Result) -> str:
    parts = []
    for curve in result.curves:
        parts.append(f"![{curve.title}](benchmarks/{curve.key}.svg)")
        names = "; ".join(
            f"{series.name}: {name(series.points)}" for series in curve.series
            if curve.is_growth)
        words = ". ".join(part for part in (names, curve.reason) if part)
        if words:
            parts.append(f"*{curve.title}.* {words}")
    return "\n\n".join(parts)


def notes(result: Result) -> str:
    """What has to be said of rows, and of which the client was the limit and not the server."""
    lines = [f"- {row.what}: {row.note}" for row in result.rows if row.note]
    for row in result.rows:
        sides = {"Roost": row.roost, row.peer_name: row.peer}
        lines += [
            f"- {row.what}: the load client took {figure.more['client_share'] * 100:.0f} % of a "
            f"core; {side} could do more" for side, figure in sides.items()
            if figure.more.get("client_share", 0) > CLIENT_SHARE_MAX]
    lines += [f"- {note}" for outcome in result.outcomes.values() for note in outcome.notes]
    return "\n".join(dict.fromkeys(lines))


def page(result: Result | None) -> str:
    """The text of docs/benchmarks.md."""
    with open(_FRAME, encoding="utf-8") as file:
        frame = file.read()
    parts = dict.fromkeys(["summary", "table", "notes", "plots"], "")
    parts["summary"] = _NOTHING
    if result:
        parts = {
            "summary": _summary(result), "table": table.markdown(result.rows),
            "notes": notes(result), "plots": _plots(result)}
    text = re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match.group(1)], frame)
    return re.sub(r"\n{3,}", "\n\n", text)


def write_result(result: Result, directory: str) -> None:
    """The JSON and the plots into a directory, in the place of those that are there."""
    os.makedirs(directory, exist_ok=True)
    for file_name in os.listdir(directory):
        if file_name.endswith(".svg"):
            os.remove(os.path.join(directory, file_name))
    for curve in result.curves:
        with open(os.path.join(directory, f"{curve.key}.svg"), "w", encoding="utf-8") as file:
            file.write(drawn(curve))
    result.write(os.path.join(directory, RESULT))


def record(result: Result) -> None:
    """Into docs/benchmarks, and the page with it."""
    write_result(result, RECORDED)
    write_page()


def write_page() -> None:
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page(recorded()))
