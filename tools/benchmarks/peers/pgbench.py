"""PostgreSQL's own load client, with prepared statements."""

from __future__ import annotations

import glob
import os
import re
import subprocess
from dataclasses import dataclass

from benchmarks.peers.daemon import PeerFailed
from benchmarks.peers.postgres_server import POSTGRES_BIN, PostgresServer


@dataclass(frozen=True)
class Pgbench:
    """What a run came to. Latencies in seconds, ascending."""

    rate: float
    latencies: list[float]

    def at(self, share: float) -> float:
        """What this share of all transactions took at most."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def pgbench(
    server: PostgresServer, script: str, directory: str, *, connections: int, seconds: float = 0,
    transactions: int = 0, is_synchronous: bool = True, variables: dict[str, int] | None = None,
) -> Pgbench:
    """Runs a script in a loop on each connection: for some seconds, at least one, or so many times
    on each."""
    os.makedirs(directory)
    path = os.path.join(directory, "script.sql")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script)
    command = [
        f"{POSTGRES_BIN}/pgbench", "-n", "-M", "prepared", "-f", path, "-c", str(connections),
        "-j", "1", "-l", "--log-prefix", os.path.join(directory, "log")]
    command += ["-t", str(transactions)] if transactions else ["-T", str(max(1, round(seconds)))]
    for name, value in (variables or {}).items():
        command += ["-D", f"{name}={value}"]
    commit = "on" if is_synchronous else "off"
    done = subprocess.run(
        command + server.where[:-2] + ["postgres"], capture_output=True, text=True,
        env=os.environ | {"PGOPTIONS": f"-c synchronous_commit={commit}"})
    match = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
    if done.returncode != 0 or match is None:
        raise PeerFailed(f"pgbench: {done.stderr[-2000:]}")
    latencies = []
    for name in glob.glob(os.path.join(directory, "log*")):
        with open(name, encoding="ascii") as file:
            latencies += [int(line.split(" ", 3)[2]) / 1e6 for line in file]
    if not latencies:
        raise PeerFailed("pgbench wrote down no transaction")
    return Pgbench(float(match.group(1)), sorted(latencies))
