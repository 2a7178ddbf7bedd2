"""The Roost servers of a run, one at a time, each on a copy of a network."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass

import redis

from benchmarks.networks import Networks
from benchmarks.processes import processor_seconds
from benchmarks.scale import NetworkSize, Scale
from benchmarks.workplace import Workplace
from harness.server import Server

_START_TIMEOUT_S = 1_800
_CHECK_TIMEOUT_S = 600
# What a server says of a journal that it checks beside serving it.
_CHECKING = "the journal is checked while it is served"
_CHECKED = "the journal is whole up to position"
# More connections than any benchmark opens, and no snapshot in the middle of a measurement.
_FLAGS = ["--connections-max", "20000", "--snapshot-every", "0"]


@dataclass(frozen=True)
class Start:
    """One start of a server, from the command to serving."""

    size: NetworkSize
    had_snapshot: bool
    seconds: float
    processor_seconds: float
    events: int


def has_snapshot(data: str) -> bool:
    """Whether a data directory holds a snapshot."""
    snapshots = os.path.join(data, "snapshots")
    return os.path.isdir(snapshots) and any(os.scandir(snapshots))


class Served:
    """A running server on a copy of a network."""

    def __init__(self, size: NetworkSize, data: str, flags: tuple[str, ...]) -> None:
        self.size = size
        self.data = data
        self.flags = flags
        self.server = Server(data, *_FLAGS, *flags)

    def start(self) -> Start:
        had_snapshot = has_snapshot(self.data)
        began = time.monotonic()
        self.server.start(timeout_s=_START_TIMEOUT_S)
        took = time.monotonic() - began
        processor = processor_seconds(self.pid)
        with self.admin() as admin:
            events = int(admin.info("journal")["journal_position"])
        self._let_it_check()
        return Start(self.size, had_snapshot, took, processor, events)

    def _let_it_check(self) -> None:
        """What a start has left to the background is done before anything is measured: it is the
        start's work, and would be charged to whatever happens to come first."""
        began = time.monotonic()
        while _CHECKING in self.server.output and _CHECKED not in self.server.output:
            if time.monotonic() - began > _CHECK_TIMEOUT_S:
                raise RuntimeError(f"the journal was not checked:\n{self.server.output}")
            time.sleep(0.1)

    @property
    def snapshots(self) -> str:
        return os.path.join(self.data, "snapshots")

    @property
    def pid(self) -> int:
        return self.server.pid

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def tokens(self) -> str:
        return os.path.join(self.data, "tokens.json")

    def fresh_tokens(self, connections: int) -> str:
        """The tokens with other people first, for so many connections: those who have liked what
        there is to like, or follow whom there is to follow, would change nothing again."""
        path = f"{self.tokens}.fresh"
        with open(path if os.path.exists(path) else self.tokens, encoding="utf-8") as file:
            tokens = json.load(file)
        # Those who came first the last time go to the end.
        people, taken = tokens["people"], tokens.get("taken", 0)
        tokens["people"] = people[taken:] + people[:taken]
        tokens["taken"] = connections
        with open(path, "w", encoding="utf-8") as file:
            json.dump(tokens, file)
            file.write("\n")
        return path

    def admin(self) -> redis.Redis:
        """A client with every right. Each of its calls may wait for long."""
        return redis.Redis(
            port=self.server.port, password=self.server.admin_token(), decode_responses=True,
            socket_timeout=600)

    def stop(self) -> None:
        """In order: with a snapshot at the end."""
        status = self.server.terminate(timeout_s=600)
        if status != 0:
            raise RuntimeError(f"roost ended with status {status}:\n{self.server.output}")


class Stage:
    """Starts and stops servers as the benchmarks ask for them."""

    def __init__(self, scale: Scale, workplace: Workplace, networks: Networks) -> None:
        self.scale = scale
        self.workplace = workplace
        self.networks = networks
        # All starts so far: what a long one took need not be measured again.
        self.starts: list[Start] = []
        self._current: Served | None = None
        self._copies: dict[str, str] = {}

    def serve(self, size: NetworkSize, *flags: str) -> Served:
        """A server on this network with these flags: the one that runs, where it is that, or a new
        one. All servers of a network follow each other on one copy: each finds what was written."""
        current = self._current
        if current and current.size == size and current.flags == flags:
            return current
        self.stop()
        return self._started(Served(size, self.data(size), flags))

    def restart(self, size: NetworkSize, *flags: str, is_folding: bool = False) -> Served:
        """A server that has just been started, from the newest snapshot or, `is_folding`, without
        any."""
        self.stop()
        served = Served(size, self.data(size), flags)
        if is_folding:
            shutil.rmtree(served.snapshots, ignore_errors=True)
        return self._started(served)

    def from_snapshot(self, size: NetworkSize) -> Served:
        """A server that has just come up from a snapshot: one without anything left of folding."""
        if not has_snapshot(self.data(size)):
            self.serve(size)
        return self.restart(size)

    def _started(self, served: Served) -> Served:
        self._current = served
        self.starts.append(served.start())
        return served

    def data(self, size: NetworkSize) -> str:
        """The copy of a network that servers serve."""
        if size.name not in self._copies:
            self._copies[size.name] = self.workplace.copy(self.networks.path(size), size.name)
        return self._copies[size.name]

    def drop(self, size: NetworkSize) -> None:
        """Ends its server and removes the copy."""
        if self._current and self._current.size == size:
            self.close()
        if size.name in self._copies:
            self.workplace.remove(self._copies.pop(size.name))

    def stop(self) -> None:
        """Ends the server that runs, if one does, in order."""
        if self._current:
            served, self._current = self._current, None
            served.stop()

    def close(self) -> None:
        """Ends it at once, whatever it is doing."""
        if self._current:
            self._current.server.kill()
            self._current = None
