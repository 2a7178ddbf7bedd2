"""What clients notice of a snapshot that is taken under load, and how fast it is written."""

from __future__ import annotations

import os
import struct
import threading
import time
from dataclasses import dataclass

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Figure, Floor, Outcome, Row, Sample, Series, against_bound
from benchmarks.load import Load
from benchmarks.stage import Served

FLOOR = Floor(1.5, "≤ 1.5 ×")
MEGABYTES_PER_SECOND_MIN = 200
# Far below what the server can do: what is looked for is a disturbance, not its limit.
_REQUESTS_PER_SECOND = 2_000
_MAGIC_BYTES = 8
# Length of the compressed bytes, of the content, and a checksum.
_FRAME_HEAD = struct.Struct("<III")
# A snapshot of the whole network takes some seconds.
_TIMES_LONGER = 4


@dataclass(frozen=True)
class Sizes:
    """Bytes of a snapshot: in its file, and before compression."""

    file: int
    content: int

    @staticmethod
    def of(path: str) -> Sizes:
        """From the heads of its frames, as docs/format.md describes them."""
        content = 0
        with open(path, "rb") as file:
            file.seek(_MAGIC_BYTES)
            while True:
                compressed, plain, _ = _FRAME_HEAD.unpack(file.read(_FRAME_HEAD.size))
                if compressed == 0:
                    return Sizes(os.path.getsize(path), content)
                content += plain
                file.seek(compressed, os.SEEK_CUR)


class Snapshots:
    """Takes one snapshot after another until it is told to stop: their sizes and seconds."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.taken: list[tuple[Sizes, float]] = []
        self.failure: Exception | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._take)

    def _take(self) -> None:
        try:
            with self.served.admin() as admin:
                while not self._is_over.is_set():
                    began = time.monotonic()
                    admin.execute_command("SNAPSHOT")
                    seconds = time.monotonic() - began
                    self.taken.append((Sizes.of(self._newest()), seconds))
                    # Where nothing has happened since, there is nothing to take.
                    self._is_over.wait(0.05)
        except Exception as failure:  # noqa: BLE001  told by whoever waits
            self.failure = failure

    def _newest(self) -> str:
        """Their names are positions."""
        names = [
            name for name in os.listdir(self.served.snapshots) if name.endswith(".snapshot")]
        return os.path.join(self.served.snapshots, max(names))

    def __enter__(self) -> Snapshots:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        if self.failure:
            raise self.failure


def run(context: Context) -> Outcome:
    scale = context.scale
    served = context.stage.serve(scale.whole)
    taken: list[tuple[Sizes, float]] = []
    loads: dict[str, Load] = {}

    def load(name: str) -> Sample:
        found = context.drive(
            served, "mix", connections=scale.connections, pipeline=4, rate=_REQUESTS_PER_SECOND,
            seconds=scale.seconds * _TIMES_LONGER)
        loads[name] = found
        return Sample(found.p99_9_us / 1_000)

    def load_beside_snapshots() -> Sample:
        with Snapshots(served) as snapshots:
            found = load("while snapshots are taken")
        taken.extend(snapshots.taken)
        return found

    found = context.measure(
        {"without": lambda: load("without"), "with": load_beside_snapshots}, "ms")
    speed = Figure.of(
        [Sample(sizes.content / 1e6 / seconds) for sizes, seconds in taken], "MB/s")
    sizes, seconds = taken[-1]
    rows = [
        Row(
            "snapshot/p99.9", f"mixed requests ({_REQUESTS_PER_SECOND:,}/s, 90 % reads), p99.9, "
            "while snapshots are taken", found["with"], "the same without", found["without"], False,
            "always", FLOOR),
        against_bound(
            "snapshot/speed", "snapshot under load, bytes before compression per second", speed,
            MEGABYTES_PER_SECOND_MIN, True,
            note=f"the last of {len(taken)} had {sizes.content / 1e6:.0f} MB, compressed to "
            f"{sizes.file / 1e6:.0f} MB, and took {seconds:.1f} s from the command to its reply")]
    curve = Curve(
        "snapshot-latency", f"Mixed requests at {_REQUESTS_PER_SECOND:,}/s, by percentile",
        "1 / (1 − share of all requests)", "milliseconds",
        [Series(name, [(1 / (1 - share), us / 1_000) for share, us in item.curve if share < 1])
         for name, item in loads.items()],
        reason="Entities are copied a slice at a time between requests, so the far right end is "
        "where a snapshot shows.")
    return Outcome(rows, [curve])


CASE = Case("snapshot", "what clients notice of a snapshot, and how fast it is written", run)
