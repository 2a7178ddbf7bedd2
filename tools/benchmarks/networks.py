"""The networks that Roost serves: made once by `roost-bench network`, kept for the next run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

from benchmarks.load import bench_binary
from benchmarks.scale import NetworkSize
from benchmarks.workplace import Workplace


class Networks:
    """Data directories that are never served themselves; servers get copies."""

    def __init__(self, workplace: Workplace, directory: str | None) -> None:
        """`directory`: where to look first for networks that somebody has made."""
        self.workplace = workplace
        self.directory = directory

    def path(self, size: NetworkSize) -> str:
        """The network's data directory; made if it is not there."""
        if self.directory:
            given = os.path.join(self.directory, size.name)
            if os.path.exists(os.path.join(given, "tokens.json")):
                return given
        kept = self.workplace.kept(os.path.join("networks", size.name))
        made_of = f"{kept}.json"
        if os.path.exists(made_of):
            with open(made_of, encoding="utf-8") as file:
                if json.load(file)["words"] == size.words():
                    return kept
        shutil.rmtree(kept, ignore_errors=True)
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        done = subprocess.run(
            [bench_binary(), "network", "--data", kept, *size.words()],
            check=True, capture_output=True, text=True)
        with open(made_of, "w", encoding="utf-8") as file:
            json.dump({"words": size.words(), "made": json.loads(done.stdout)}, file, indent=1)
        return kept
