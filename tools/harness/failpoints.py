"""Kills the server with -9 at named points, under load, again and again; and checks after each
start what tools/crash checks, that whoever was erased is erased, and what is left behind.

A point is a call to the system, in front of which or behind which the shim kills the process: on
which kind of file, and the how-manieth. Nothing in the server knows of it.
"""

import argparse
import os
import random
import shutil
import struct
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

import lmdb

from harness import crash, faults
from harness.check import Mismatch
from harness.clients import Lines, Refused
from harness.server import wait_until

FIRES_IN_S = 60


@dataclass
class Point:
    rule: str
    # The kill is at one of the first so many such calls.
    nth_max: int
    # What the operator, or somebody who leaves, does meanwhile.
    work: str = "nothing"


POINTS = {
    "after enqueue": Point("op=write dsync=0 path=data/journal/data.mdb do=kill", 150),
    "mid-commit": Point("op=sync path=data/journal/data.mdb do=kill", 100),
    "before the commit": Point("op=write dsync=1 path=data/journal/data.mdb do=kill", 100),
    "before publish": Point("op=write dsync=1 path=data/journal/data.mdb do=kill-after", 100),
    "mid-snapshot": Point("op=write path=data/snapshots/*.writing do=kill", 60, "snapshots"),
    "before rename": Point("op=rename path=data/snapshots/* do=kill", 3, "snapshots"),
    "after rename": Point("op=rename path=data/snapshots/* do=kill-after", 3, "snapshots"),
    "during rebuild swap": Point(
        "op=rename,link,unlink,sync path=data/rebuilds* do=kill", 16, "rebuilds"),
    "during erase": Point("op=change path=data/keys[./]* do=kill", 60, "erasures"),
    "before a key is gone": Point("op=rename,unlink,rmdir path=data/keys* do=kill", 8, "erasures"),
}


class Workers:
    """Who does, over and over, what leads to the point; and what became of whom they erase."""

    def __init__(self, town):
        self.town = town
        # Names, with whether the erasure was acknowledged.
        self.leavers = {}

    def snapshots(self):
        with self._operator() as lines:
            while True:
                lines.ask("SNAPSHOT")

    def rebuilds(self):
        with self._operator() as lines:
            while True:
                for name in ("home", "inbox"):
                    lines.ask("PROJECTION", "REBUILD", name, "WAIT")
                    lines.ask("PROJECTION", "REVERT", name)

    def erasures(self):
        while True:
            name = f"leaver_{len(self.leavers)}"
            with Lines(self.town.server.port, timeout_s=60) as lines:
                self.leavers[name] = False
                lines.ask("SIGNUP", name, crash.PASSWORD)
                lines.ask("POST", f"what {name} said")
                lines.ask("ERASE", crash.PASSWORD)
                self.leavers[name] = True

    def nothing(self):
        return

    def start(self, work):
        def until_killed():
            try:
                getattr(self, work)()
            except (EOFError, ConnectionError, TimeoutError, OSError, Refused):
                return

        thread = threading.Thread(target=until_killed)
        thread.start()
        return thread

    def _operator(self):
        lines = Lines(self.town.server.port, timeout_s=60)
        lines.ask("AUTH", self.town.server.admin_token())
        return lines

    def check(self):
        """Everybody is erased of whom that was said, and nobody by half."""
        data = self.town.server.data
        gone = {}
        with self._operator() as lines:
            for name, is_acknowledged in self.leavers.items():
                try:
                    user = lines.ask("PROFILE", name)["id"]
                except Refused as refused:
                    if refused.code == "GONE":
                        gone[name] = True
                    elif is_acknowledged:
                        raise Mismatch(f"{name}, who was erased, is {refused}") from None
                    continue
                if is_acknowledged:
                    raise Mismatch(f"{name} (user:{user}) was erased, and is there")
            erased = [
                line for line in crash_tail(lines) if '"type":"user.erased"' in line]
        if len(erased) != len(gone):
            raise Mismatch(f"{len(erased)} erasures in the journal, {len(gone)} people are gone")
        with lmdb.open(
                os.path.join(data, "keys"), readonly=True, lock=False, max_dbs=8) as opened:
            keys = opened.open_db(b"keys", create=False)
            with opened.begin(db=keys) as transaction:
                for line in erased:
                    person = int(line.split('"actor":"user:')[1].split('"')[0])
                    value = transaction.get(struct.pack(">Q", person))
                    # A tombstone is shorter than a key.
                    if value is None or len(value) >= 32:
                        raise Mismatch(f"user:{person} is erased, and their key is there")
        leftover = [
            name for name in os.listdir(data) if name.startswith("keys.")
            or name.endswith(".creating")]
        if leftover:
            raise Mismatch(f"left behind: {leftover}")


def crash_tail(lines):
    at = 1
    while True:
        page = lines.ask("JOURNAL", "TAIL", at, "COUNT", 1_000)
        if not page:
            return
        yield from page
        at += len(page)


def play_round(town, workers, number, name, chance, is_full):
    point = POINTS[name]
    root = os.path.dirname(town.server.data)
    fired, guard = (os.path.join(root, file) for file in ("fired", "guard"))
    for path in (fired, guard):
        if os.path.exists(path):
            os.remove(path)
    nth = chance.randint(1, point.nth_max)
    town.server.environment = faults.environment(
        root, rules=f"{point.rule} nth={nth} while={guard}", fired=fired)
    town.server.kill()
    town.server.start()
    town.start_round(number)
    threads = []

    def wait():
        with open(guard, "w", encoding="ascii"):
            pass
        threads.append(workers.start(point.work))
        wait_until(lambda: not town.server.is_running, FIRES_IN_S)

    crash.load(town, chance, wait)
    for thread in threads:
        thread.join()
    if not faults.fired(fired):
        raise Mismatch(f"in {FIRES_IN_S} s nothing came to call {nth} of: {point.rule}")
    town.server.environment = {}
    before = time.monotonic()
    town.server.start()
    start_ms = (time.monotonic() - before) * 1_000
    sums = crash.check_round(town, is_full)
    workers.check()
    if is_full:
        crash.check_command("verify", "--data", town.server.data)
        crash.check_refold(town)
    print(
        f"round {number}, {name}, call {nth}: {sums['acknowledged']} acknowledged, "
        f"{sums['survived']} of {sums['unacknowledged']} others survived; back in "
        f"{start_ms:.0f} ms", flush=True)
    return sums["acknowledged"]


def play(options):
    directory = tempfile.mkdtemp(prefix="roost-points-")
    town = crash.Town(directory, options.connections, options.shards)
    workers = Workers(town)
    chance = random.Random(options.seed)
    names = options.points.split(",") if options.points else list(POINTS)
    rounds = options.rounds * len(names)
    acknowledged = 0

    def play_one(number, is_full):
        nonlocal acknowledged
        name = names[(number - 1) % len(names)]
        acknowledged += play_round(town, workers, number, name, chance, is_full)

    if not crash.play_rounds("fail-points", town, rounds, options, play_one):
        return 1
    shutil.rmtree(directory)
    erased = sum(workers.leavers.values())
    print(
        f"{rounds} kills at {len(names)} points: all {acknowledged} acknowledged writes are there "
        f"once, all {erased} erasures that were answered are done, nothing is there by half")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tools/fail-points", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="for each point")
    parser.add_argument("--points", help="separated by ',', of: " + ", ".join(POINTS))
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--full-every", type=int, default=5, metavar="K",
        help="verify, refold and read the whole history each K rounds")
    options = parser.parse_args()
    if options.points and not set(options.points.split(",")) <= set(POINTS):
        parser.error("points are " + ", ".join(POINTS))
    if options.rounds < 1 or options.connections < 2 or options.full_every < 1:
        parser.error("rounds and K start at 1, connections at 2")
    return play(options)


if __name__ == "__main__":
    sys.exit(main())
