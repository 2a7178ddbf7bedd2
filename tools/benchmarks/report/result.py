"""The result of a run as JSON, written and read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from benchmarks.figures import Curve, Outcome, Row

FORMAT = 1


@dataclass
class Result:
    """Everything that a run found. `outcomes` by benchmark, in the order of the table."""

    scale: str
    time: str
    machine: dict[str, str]
    seconds: float = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        return [row for outcome in self.outcomes.values() for row in outcome.rows]

    @property
    def curves(self) -> list[Curve]:
        return [curve for outcome in self.outcomes.values() for curve in outcome.curves]

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT, "scale": self.scale, "time": self.time, "machine": self.machine,
            "seconds": self.seconds,
            "benchmarks": {
                name: {
                    "rows": [row.as_json() for row in outcome.rows],
                    "curves": [curve.as_json() for curve in outcome.curves],
                    "notes": outcome.notes}
                for name, outcome in self.outcomes.items()}}

    def write(self, path: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.as_json(), file, indent=1, ensure_ascii=False)
            file.write("\n")

    @staticmethod
    def read(path: str) -> Result:
        """Raises ValueError for a file of another format."""
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
        if value.get("format") != FORMAT:
            raise ValueError(f"{path} is not a result of this version")
        outcomes = {
            name: Outcome(
                [Row.from_json(row) for row in found["rows"]],
                [Curve.from_json(curve) for curve in found["curves"]], found["notes"])
            for name, found in value["benchmarks"].items()}
        return Result(
            value["scale"], value["time"], value["machine"], value["seconds"], outcomes)
