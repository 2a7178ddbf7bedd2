"""Loss of power, on the real binary: a server is recorded under load, through the shim between it
and the system; then its disk is put together as it may be after a loss of power at any moment of
the recording, and the binary starts on it.

What was synced is there. Of what was not, chance keeps all, nothing, a beginning, any of the writes
or any of their sectors of 512 bytes; names (creations, renames, removals) are kept in order or any
of them, until their directory was synced; what is written through a map may be anything. Then:

- the server starts, and the token of the operator is valid if a client had been answered before;
- the journal is the beginning of what was recorded, to the end of a transaction: everything that
  was acknowledged, nothing that had not been begun, no half of anything;
- digests are the same however it came there: from a snapshot or from the journal alone;
- whoever was erased has no key any more, if that was acknowledged or is in the journal;
- `roost verify` is content.
"""

import argparse
import bisect
import collections
import concurrent.futures
import hashlib
import json
import os
import random
import shutil
import struct
import sys
import threading
import time

import lmdb

from harness import faults, recorded_load, recording
from harness.clients import Lines, Refused
from harness.server import Server, StartFailed, run

PHASES = 3
SNAPSHOT_EVERY = 150
# What a start may add by itself: the operator's account, and groups that the erased leave.
OWN_EVENTS = {"user.signed_up", "user.token_issued", "chat.left"}
TAIL_COUNT = 1_000


class Reference:
    """What was recorded, and what may be left of it."""

    def __init__(self, directory, writes, seed):
        self.directory = directory
        root = os.path.join(directory, "disk")
        os.makedirs(root)
        log_path = os.path.join(directory, "log")
        server = Server(
            os.path.join(root, "data"), "--shards", 2, "--snapshot-every", SNAPSHOT_EVERY)
        server.environment = faults.environment(root, log=log_path)
        authors = []
        for phase in range(PHASES):
            server.start()
            authors += recorded_load.live(server, phase, writes // PHASES, seed)
            # Once it ends in order, the other times it is killed: that has its own writes.
            server.terminate() if phase == PHASES - 2 else server.kill()
        server.environment = {}
        self.log = recording.read_log(log_path)
        server.start()
        self.lines = journal_lines(server)
        server.kill()
        records = [json.loads(line) for line in self.lines]
        self.erased = {
            record["position"]: int(record["actor"].split(":")[1])
            for record in records if record["type"] == "user.erased"}
        self._note_acknowledged(records, authors)
        self._note_commits(os.path.join(root, "data", "journal"))

    def _note_acknowledged(self, records, authors):
        """The highest position that had been acknowledged by each record of the log."""
        positions = collections.defaultdict(collections.deque)
        for record in records:
            positions[record["actor"], record["type"]].append(record["position"])
        self.acknowledged, self.acknowledged_erased = [], []
        newest = 0
        for index, actor, event in recorded_load.acknowledgements(self.log, authors):
            position = positions[actor, event].popleft()
            newest = max(newest, position)
            self.acknowledged.append((index, newest))
            if event == "user.erased":
                self.acknowledged_erased.append((index, int(actor.split(":")[1])))
        self.acknowledged_count = len(self.acknowledged)

    def _note_commits(self, journal):
        """Of each transaction of the journal: its index in the log, begun and durable, and the
        position that it leads to."""
        with lmdb.open(journal, readonly=True, lock=False, max_dbs=8) as environment:
            events = environment.open_db(b"events", create=False)
            with environment.begin(db=events) as transaction:
                firsts = [struct.unpack(">Q", key)[0] for key, _ in transaction.cursor()]
        self.begun, self.durable, self.positions = [], [], []
        disk, at = recording.Disk(), 0
        for index, record in enumerate(self.log):
            disk.apply(record)
            if record.path != "data/journal/data.mdb":
                continue
            if record.kind == recording.WRITE_BEGUN:
                self.begun.append(index)
            elif record.kind == recording.WRITE_ENDED:
                at = self._last_block(disk)
                following = bisect.bisect_right(firsts, at)
                self.durable.append(index)
                self.positions.append(
                    firsts[following] - 1 if following < len(firsts) else len(self.lines))

    def _last_block(self, disk):
        """The key of the newest block, as a reader sees it now."""
        path = os.path.join(self.directory, "look")
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, "data.mdb"), "wb") as file:
            file.write(disk.content("data/journal/data.mdb"))
        with lmdb.open(path, readonly=True, lock=False, max_dbs=8) as environment:
            events = environment.open_db(b"events", create=False)
            with environment.begin(db=events) as transaction:
                cursor = transaction.cursor()
                return struct.unpack(">Q", cursor.key())[0] if cursor.last() else 0

    def legal(self, index):
        """After which positions the journal may end, if the power fails behind this record."""
        durable = bisect.bisect_right(self.durable, index)
        begun = bisect.bisect_right(self.begun, index)
        before = self.positions[durable - 1] if durable else 0
        return [before] + self.positions[durable:begun]

    def acknowledged_by(self, index):
        found = bisect.bisect_right(self.acknowledged, (index, sys.maxsize))
        return self.acknowledged[found - 1][1] if found else 0


def journal_lines(server):
    with Lines(server.port) as lines:
        lines.ask("AUTH", server.admin_token())
        return tail(lines)


def tail(lines):
    found = []
    while True:
        page = lines.ask("JOURNAL", "TAIL", len(found) + 1, "COUNT", TAIL_COUNT)
        found += page
        if not page:
            return found


class Checker:
    """Starts the binary on one state after the other."""

    def __init__(self, reference, workplace):
        self.reference = reference
        self.workplace = workplace
        self.digests = {}
        self.lock = threading.Lock()
        self.counts = collections.Counter()

    def check(self, index, until, seed, tree):
        """None, or what is wrong with a disk as it may be after this record of the log; until
        another one was acknowledged what had been until then."""
        name = os.path.join(self.workplace, f"state-{index}-{seed}")
        noise = random.Random(f"{index} {seed}")
        recording.write_tree(tree, name, noise)
        try:
            problem = self._start(name, index, until)
        except StartFailed as failed:
            problem = f"the server does not start: {failed.output}"
        except (Refused, EOFError, ConnectionError, TimeoutError, OSError) as error:
            problem = f"the server does not answer: {error!r}"
        if problem is None:
            shutil.rmtree(name)
            return None
        # As it was found, not as the start has left it.
        shutil.rmtree(name)
        recording.write_tree(tree, name, random.Random(f"{index} {seed}"))
        return f"record {index}, variant {seed}: {problem}\n  kept: {name}"

    def _start(self, name, index, until):
        data = os.path.join(name, "data")
        acknowledged = self.reference.acknowledged_by(until)
        if not os.path.exists(data) and acknowledged:
            return f"the data directory is gone, after {acknowledged} acknowledged events"
        server = Server(data, "--snapshot-every", 0)
        with server:
            lines = Lines(server.port)
            try:
                lines.ask("AUTH", server.admin_token())
            except (Refused, FileNotFoundError) as refused:
                return f"the operator's token is of no use: {refused}"
            found = tail(lines)
            digests = lines.ask("PROJECTION", "DIGEST")
            lines.close()
            server.kill()
        return (
            self._compare(found, digests, index, acknowledged)
            or self._find_erased(data, found, until) or self._verify(data))

    def _compare(self, found, digests, index, acknowledged):
        expected = self.reference.lines
        common = 0
        for line, other in zip(found, expected):
            if line != other:
                break
            common += 1
        legal = self.reference.legal(index)
        if common < acknowledged:
            return f"{acknowledged} were acknowledged, {common} are left"
        if common not in legal:
            return f"the journal ends at {common}, not at one of {legal}"
        for line in found[common:]:
            event = json.loads(line)
            if event["type"] not in OWN_EVENTS:
                return f"behind the end at {common} there is {line}"
        self._count("ends at the last commit" if common == legal[0] else "holds the next commit")
        if len(found) > common:
            return None
        with self.lock:
            other = self.digests.setdefault(common, digests)
        return None if other == digests else f"other digests at {common} than before"

    def _find_erased(self, data, found, until):
        erased = {
            person for position, person in self.reference.erased.items() if position <= len(found)
            and found[position - 1] == self.reference.lines[position - 1]}
        erased |= {p for at, p in self.reference.acknowledged_erased if at <= until}
        if not erased:
            return None
        with lmdb.open(os.path.join(data, "keys"), readonly=True, lock=False, max_dbs=8) as opened:
            keys = opened.open_db(b"keys", create=False)
            with opened.begin(db=keys) as transaction:
                for person in erased:
                    # A tombstone is shorter than a key of 32 bytes.
                    value = transaction.get(struct.pack(">Q", person))
                    if value is not None and len(value) >= 32:
                        return f"user:{person} is erased, and their key is there"
        self._count("with erased people")
        leftover = [name for name in os.listdir(data) if name.startswith("keys.")]
        return f"left behind: {leftover}" if leftover else None

    def _verify(self, data):
        done = run("verify", "--data", data)
        if done.returncode == 0:
            return None
        return f"verify exits {done.returncode}: {done.stderr}"

    def _count(self, what):
        with self.lock:
            self.counts[what] += 1


def moments(reference):
    """Where the disk changes: index of the record, index of the last one before the next change,
    and the disk there. Nothing between them changes what may be left, but more is acknowledged."""
    disk = recording.Disk()
    log = reference.log
    changes = [
        index for index, record in enumerate(log)
        if record.kind not in (recording.SENT, recording.ACCEPTED)
        and not (record.kind == recording.OPENED and not record.flags & recording.CREATED)]
    following = dict(zip(changes, changes[1:] + [len(log)]))
    for index, record in enumerate(log):
        disk.apply(record)
        if index in following:
            yield index, following[index] - 1, disk


def distinct_states(reference, options):
    """States that were not there before, each with where it is from."""
    seen = set()
    for index, until, disk in moments(reference):
        for variant in range(options.variants):
            chance = random.Random(f"{options.seed} {index} {variant}")
            extreme = {0: "nothing", 1: "everything"}.get(variant)
            tree = disk.after_power_loss(chance, extreme)
            # The same disk with more acknowledged, or other ends that are legal, is another state.
            digest = hashlib.sha256(
                f"{reference.acknowledged_by(until)} {reference.legal(index)}".encode())
            recording.fingerprint(tree, digest)
            if digest.digest() not in seen:
                seen.add(digest.digest())
                yield index, until, variant, tree


def chosen(reference, options):
    """All states, or as many as are wanted, taken evenly from the whole recording."""
    if not options.states:
        yield from distinct_states(reference, options)
        return
    count = sum(1 for _ in distinct_states(reference, options))
    step = max(1, count / options.states)
    for number, state in enumerate(distinct_states(reference, options)):
        if int(number / step) != int((number - 1) / step) or number == 0:
            yield state


def check_all(checker, states, jobs):
    """Lets workers check them, with few waiting. Returns how many, and the problems."""
    problems, done, began = [], 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = set()

        def settle(finished):
            nonlocal done
            for future in finished:
                done += 1
                problem = future.result()
                if problem:
                    problems.append(problem)
                    print(problem, file=sys.stderr, flush=True)
                if done % 1_000 == 0:
                    print(f"{done} states, {len(problems)} problems, "
                          f"{time.monotonic() - began:.0f} s", flush=True)

        for state in states:
            waiting.add(pool.submit(checker.check, *state))
            if len(waiting) >= 2 * jobs:
                finished, waiting = concurrent.futures.wait(
                    waiting, return_when=concurrent.futures.FIRST_COMPLETED)
                settle(finished)
        settle(concurrent.futures.wait(waiting).done)
    return done, problems


def main():
    parser = argparse.ArgumentParser(prog="tools/power-loss", description=__doc__)
    parser.add_argument("--writes", type=int, default=600, help="commands that are recorded")
    parser.add_argument(
        "--variants", type=int, default=12, help="disks that are tried for each moment")
    parser.add_argument(
        "--states", type=int, default=0, help="about so many of the different ones; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if options.writes < 12 or options.variants < 1 or options.jobs < 1:
        parser.error("at least 12 writes, 1 variant and 1 job")
    directory = faults.directory_in_memory("roost-power-")
    reference = Reference(directory, options.writes, options.seed)
    print(
        f"recorded: {len(reference.log)} calls, {len(reference.positions)} transactions of the "
        f"journal, {len(reference.lines)} events, {reference.acknowledged_count} acknowledged "
        f"writes, {len(reference.erased)} erased people", flush=True)
    checker = Checker(reference, directory)
    done, problems = check_all(checker, chosen(reference, options), options.jobs)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(checker.counts.items()))
    print(f"{done} different states after a loss of power, {len(problems)} wrong; {counts}")
    return faults.finish("power-loss", directory, problems)


if __name__ == "__main__":
    sys.exit(main())
