"""Kills a server with -9 under load, again and again. After each restart every acknowledged write
must be there exactly once, every other one wholly or not at all, and a repeated key must have one
effect; now and then the whole journal is verified and folded again.

Each connection is one person, who alone writes in their own name; so each has one order of writes,
and what survives must be a beginning of it.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time

from harness import check
from harness.check import Mismatch
from harness.clients import Lines, Refused
from harness.server import Server, StartFailed, run
from harness.writer import Writer

PASSWORD = "correct horse battery"
LOAD_MS_MIN, LOAD_MS_MAX = 20, 900
CHATS = 3
# Events between snapshots: often enough that many crashes happen while one is written.
SNAPSHOT_EVERY = 1_000


class Town:
    """A server, its people, and what each of them has written."""

    def __init__(self, directory, connections, shards):
        self.server = Server(
            f"{directory}/data", "--shards", shards, "--snapshot-every", SNAPSHOT_EVERY)
        self.round = 0
        self.writers = []
        self.posts = []
        self.chats = []

        self.server.start()
        lines = Lines(self.server.port)
        for number in range(connections):
            name = f"writer{number}"
            lines.ask("SIGNUP", name, PASSWORD)
            self.writers.append(Writer(number, name, lines.ask("TOKEN", "NEW")["token"]))
            self.posts.append(lines.ask("POST", f"base {number}"))
        names = [writer.name for writer in self.writers]
        for number in range(CHATS):
            self.chats.append(lines.ask("CHAT", "NEW", *names[:-1], "TITLE", f"chat {number}"))
        lines.close()
        for writer in self.writers:
            writer.posts, writer.chats = self.posts, self.chats
            writer.others = [name for name in names if name != writer.name]
            writer.settled[f"base {writer.number}"] = self.posts[writer.number]

    def connections(self):
        """A logged-in connection for each writer."""
        opened = []
        for writer in self.writers:
            lines = Lines(self.server.port, timeout_s=60)
            lines.ask("AUTH", writer.token)
            opened.append(lines)
        return opened

    def start_round(self, number):
        self.round = number
        for writer in self.writers:
            writer.start_round(number)


def load(town, chance, wait):
    """Everybody writes at once until the server is killed, after `wait` at the latest."""
    opened = town.connections()
    refusals = []

    def work(writer, lines, own_chance):
        try:
            writer.write(lines, own_chance)
        except Refused as refusal:
            refusals.append(f"{writer.name} was refused: {refusal}")

    threads = [
        threading.Thread(target=work, args=(writer, lines, random.Random(chance.getrandbits(64))))
        for writer, lines in zip(town.writers, opened)]
    for thread in threads:
        thread.start()
    wait()
    town.server.kill()
    for thread in threads:
        thread.join()
    for lines in opened:
        lines.close()
    if refusals:
        raise Mismatch(refusals[0])


def check_round(town, is_full):
    """Compares everybody's writes with what is shown, retries, and compares again."""
    opened = town.connections()
    sums = {"acknowledged": 0, "unacknowledged": 0, "survived": 0, "retried": 0}
    counts = []
    for writer, shown in zip(town.writers, check.shown_by_writer(town, opened, is_full)):
        check.check_settled(writer, shown, is_full)
        counts.append(check.candidates(writer, shown))
    for writer in town.writers:
        sums["acknowledged"] += writer.acknowledged_count
        sums["unacknowledged"] += len(writer.writes) - writer.acknowledged_count
        sums["survived"] -= writer.acknowledged_count
    retried = [check.retry(writer, lines) for writer, lines in zip(town.writers, opened)]
    sums["retried"] = sum(map(len, retried))
    shown_by_writer = check.shown_by_writer(town, opened, False)
    for writer, shown, found, indexes in zip(town.writers, shown_by_writer, counts, retried):
        sums["survived"] += check.check_retried(writer, shown, found, indexes)
        writer.settle(shown)
    check.check_totals(town, opened)
    for lines in opened:
        lines.close()
    return sums


def check_command(*words):
    done = run(*words, timeout_s=600)
    if done.returncode != 0:
        raise Mismatch(
            f"roost {' '.join(map(str, words))} exited {done.returncode}:\n"
            f"{done.stdout}{done.stderr}")
    return done


def check_refold(town):
    """The live digests are what the journal gives when folded from its beginning."""
    check_command("rebuild", "--data", town.server.data, "--check")
    lines = Lines(town.server.port)
    lines.ask("AUTH", town.server.admin_token())
    live = lines.ask("PROJECTION", "DIGEST")
    lines.close()
    replayed = json.loads(check_command("replay", "--data", town.server.data, "--json").stdout)
    folded = {"position": replayed["position"]} | replayed["digests"]
    for name in live | folded:
        if live.get(name) != folded.get(name):
            raise Mismatch(
                f"{name} is {live.get(name)} in the server, {folded.get(name)} folded again")


def play_round(town, number, chance, is_full):
    town.start_round(number)
    load(town, chance, lambda: time.sleep(chance.uniform(LOAD_MS_MIN, LOAD_MS_MAX) / 1_000))
    if is_full:
        check_command("verify", "--data", town.server.data)
    before = time.monotonic()
    town.server.start()
    start_ms = (time.monotonic() - before) * 1_000
    sums = check_round(town, is_full)
    if is_full:
        check_refold(town)
    note = "; verify is clean, a refold agrees" if is_full else ""
    print(
        f"round {number}: {sums['acknowledged']} acknowledged, {sums['survived']} of "
        f"{sums['unacknowledged']} others survived, {sums['retried']} retried; "
        f"back in {start_ms:.0f} ms{note}", flush=True)
    return sums


def play_rounds(tool, town, rounds, options, body):
    """Calls `body` with the number of each round and whether everything is to be looked at after
    it, and ends the server. False if something was wrong: then it is told, and the data kept."""
    number = 0
    try:
        for number in range(1, rounds + 1):
            body(number, number % options.full_every == 0 or number == rounds)
    except (Mismatch, Refused, StartFailed) as problem:
        print(f"{tool}: round {number} of seed {options.seed}: {problem}", file=sys.stderr)
        print(f"{tool}: the data directory is kept: {town.server.data}", file=sys.stderr)
        return False
    finally:
        if town.server.is_running:
            town.server.kill()
    return True


def play(options):
    directory = tempfile.mkdtemp(prefix="roost-crash-")
    town = Town(directory, options.connections, options.shards)
    chance = random.Random(options.seed)
    totals = {}

    def play_one(number, is_full):
        for key, value in play_round(town, number, chance, is_full).items():
            totals[key] = totals.get(key, 0) + value

    if not play_rounds("crash", town, options.rounds, options, play_one):
        return 1
    shutil.rmtree(directory)
    print(
        f"{options.rounds} crashes: all {totals['acknowledged']} acknowledged writes are there "
        f"once; of {totals['unacknowledged']} others {totals['survived']} wholly, the rest not at "
        f"all; {totals['retried']} retries with a key had one effect each")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tools/crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--full-every", type=int, default=5, metavar="K",
        help="verify, refold and read the whole history each K rounds")
    options = parser.parse_args()
    if options.rounds < 1 or options.connections < 2 or options.full_every < 1:
        parser.error("rounds and K start at 1, connections at 2")
    return play(options)


if __name__ == "__main__":
    sys.exit(main())
