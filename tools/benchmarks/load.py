"""The load client, `roost-bench load`: one client for Roost and for Redis."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Sample
from harness.server import ROOT


# A very busy machine may answer nothing in a moment.
_TRIES_MAX = 3
_LONGER = 5


class LoadFailed(Exception):
    """The load client failed, or what it sent was answered with errors."""


def bench_binary() -> str:
    """The release binary, or the one that ROOST_BENCH_BINARY names."""
    path = os.environ.get("ROOST_BENCH_BINARY") or os.path.join(
        ROOT, ".build", "release", "roost-bench")
    if not os.path.exists(path):
        raise SystemExit(
            f"there is no {os.path.relpath(path)}; build it: "
            "swift build -c release --product roost-bench")
    return path


@dataclass(frozen=True)
class Load:
    """What a load came to. `whole` is everything that the client printed."""

    whole: dict[str, Any]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return float(self.whole["rate"])

    @property
    def p99_9_us(self) -> float:
        return float(self.whole["p99_9_us"])

    @property
    def curve(self) -> list[tuple[float, float]]:
        """(share of all requests, microseconds that so many took at most)"""
        return [(share, time) for share, time in self.whole["curve"]]

    def sample(self, name: str = "rate") -> Sample:
        """One of its numbers, with those that notes and plots need."""
        more = {
            key: float(self.whole[key])
            for key in ("p50_us", "p99_us", "p99_9_us", "client_cpu_seconds", "server_cpu_seconds")
            if key in self.whole}
        if "seconds" in self.whole:
            more["client_share"] = more["client_cpu_seconds"] / float(self.whole["seconds"])
        return Sample(float(self.whole[name]), more)


def _words(
    address: str, workload: str, options: dict[str, object], command: Sequence[str]
) -> list[str]:
    words = [bench_binary(), "load", "--json", "--address", address, "--workload", workload]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name.replace('_', '-')}")
        elif value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words + (["--", *command] if command else [])


def drive(
    address: str, workload: str, command: Sequence[str] = (), **options: object
) -> Load:
    """Runs a workload to its end, with the client's options; for longer where nothing was answered
    in the time that it had. LoadFailed where the client fails, or where an answer is an error."""
    for _ in range(_TRIES_MAX):
        load = _driven(address, workload, command, options)
        if load.whole.get("requests") != 0:
            return load
        options |= {"seconds": _LONGER * float(str(options["seconds"]))}
    raise LoadFailed(f"{workload}: nothing is answered")


def _driven(
    address: str, workload: str, command: Sequence[str], options: dict[str, object]
) -> Load:
    words = _words(address, workload, options, command)
    done = subprocess.run(words, capture_output=True, text=True)
    shown = " ".join(words[1:16])
    if done.returncode != 0:
        raise LoadFailed(f"{shown}: {done.stderr.strip()[-2000:]}")
    found = json.loads(done.stdout)
    if found["error_count"]:
        raise LoadFailed(f"{shown}: errors: {found['errors']}")
    return Load(found)
