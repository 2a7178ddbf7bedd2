"""Lives with a server for a long time: a mixed load over RESP2, RESP3 and plain lines, connections
that come and go, people who sign up and are erased, snapshots, rebuilds, backups, verifications,
ends in order and kills. Each person knows what must be there, and looks after every start.

At the end: no error that was not caused by a restart; memory is that of what is kept, not of how
long it ran; no descriptor has been lost; `verify` is content; live digests are those of a refold.
"""

import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.request

from harness import crash
from harness.check import Mismatch
from harness.clients import Lines, Refused, Resp
from harness.server import Server, StartFailed

PASSWORD = "correct horse battery"
POSTS_MAX = 40
SNAPSHOT_EVERY = 20_000
# In all lives but the last, whose memory is judged: it keeps a second state of everything.
VERIFYING = ["--verify-continuously", 10]
# So little that it is full long before the end: by default a server keeps a GiB of those in use.
ENTITIES_MIB = 64
# Of the whole time, these parts end with a restart; the rest is one long life.
RESTARTS_AT = [0.08, 0.16, 0.24, 0.32, 0.40]
# A life may not cost more memory than a start with the same state, times this, plus this: the
# newest records (JournalLimits.tailEventsMax), entities in use, buffers, pages of the allocator.
MEMORY_RATIO_MAX = 2.0
MEMORY_ROOM_MIB = 256
# Once the newest records fill their place, memory grows by less than this part in a quarter of a
# life, and the state that is kept.
TAIL_EVENTS_MAX = 131_072
GROWTH_MAX = 0.1
DESCRIPTORS_SPREAD_MAX = 24
GONE = (EOFError, ConnectionError, TimeoutError, OSError)


class World:
    """The server, who lives on it, and what went wrong."""

    def __init__(self, directory, options):
        self.server = Server(
            os.path.join(directory, "data"), "--shards", options.shards, "--http-port", 0,
            "--snapshot-every", SNAPSHOT_EVERY, "--entities-memory", ENTITIES_MIB, *VERIFYING)
        self.backup = os.path.join(directory, "backup")
        self.errors = []
        self.counts = {}
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.is_up = threading.Event()
        self.pause_s = 1 / options.rate * options.people

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def fail(self, sentence):
        """The first error ends it: what comes after would only follow from it."""
        with self.lock:
            self.errors.append(sentence)
        self.is_over.set()
        print(f"soak: {sentence}", file=sys.stderr, flush=True)

    def connect(self, dialect):
        """Waits for a server that is up; None if all is over."""
        while not self.is_over.is_set():
            if not self.is_up.wait(0.5):
                continue
            try:
                port = self.server.port
                if dialect == "lines":
                    return Lines(port, timeout_s=120)
                return Resp(port, int(dialect[-1]), timeout_s=120)
            except GONE:
                time.sleep(0.05)
        return None

    def operator(self):
        lines = self.connect("lines")
        if lines:
            lines.ask("AUTH", self.server.admin_token())
        return lines

    def again_and_again(self, name, work):
        """Until all is over. What breaks with a restart begins anew; all else is an error."""
        while not self.is_over.is_set():
            try:
                work()
            except GONE:
                self.count("broken connections")
                time.sleep(0.05)
            except Refused as refused:
                if not (refused.code == "BUSY" and "shutting down" in refused.message):
                    self.fail(f"{name} was refused: {refused}")
            except Mismatch as mismatch:
                self.fail(f"{name}: {mismatch}")
            except Exception as problem:  # A thread that ends without a word would prove nothing.
                self.fail(f"{name}: {problem!r}")


class Person:
    """Alone writes in their own name, and so knows what must be there."""

    def __init__(self, world, number):
        self.world, self.number, self.name = world, number, f"person_{number}"
        self.dialect = ["lines", "resp2", "resp3"][number % 3]
        self.chance = random.Random(number)
        self.posts, self.liked, self.followed, self.said = [], set(), set(), 0
        self.serial = 0
        self.pending = None
        self.token = self.chat = None
        self.others = []

    def sign_up(self):
        with Lines(self.world.server.port) as lines:
            lines.ask("SIGNUP", self.name, PASSWORD)
            self.token = lines.ask("TOKEN", "NEW")["token"]

    def live(self):
        """One connection, some hundred commands long."""
        lines = self.world.connect(self.dialect)
        if lines is None:
            return
        try:
            lines.ask("AUTH", self.token)
            self.settle(lines)
            self.look()
            for _ in range(self.chance.randint(50, 400)):
                if self.world.is_over.is_set():
                    break
                self.step(lines)
                time.sleep(self.chance.uniform(0, 2 * self.world.pause_s))
        finally:
            lines.close()

    def settle(self, lines):
        """What was not answered before the connection broke is asked again, with its key."""
        if self.pending:
            words, note = self.pending
            note(lines.ask(*words))
            self.pending = None

    def write(self, lines, note, *words):
        self.serial += 1
        self.pending = (words + ("KEY", f"k{self.serial}"), note)
        self.settle(lines)
        self.world.count("writes")

    def step(self, lines):
        roll = self.chance.random()
        if roll < 0.5:
            self.read(lines)
        elif roll < 0.68:
            text = f"{self.name} {self.serial} #soak{self.chance.randrange(9)} " + "word " * 20
            self.write(lines, self.posts.append, "POST", text)
            if len(self.posts) > POSTS_MAX:
                self.write(lines, self.note_deleted, "DELETE", self.posts[0])
        elif roll < 0.83 and self.posts:
            post = self.chance.choice(self.posts)
            command = "UNLIKE" if post in self.liked else "LIKE"
            self.write(lines, lambda _: self.liked.symmetric_difference_update({post}),
                       command, post)
        elif roll < 0.93:
            name = self.chance.choice(self.others)
            command = "UNFOLLOW" if name in self.followed else "FOLLOW"
            self.write(lines, lambda _: self.followed.symmetric_difference_update({name}),
                       command, name)
        elif self.chat:
            self.write(lines, self.note_said, "SAY", self.chat, f"{self.name} {self.serial}")

    def note_deleted(self, _):
        self.liked.discard(self.posts.pop(0))

    def note_said(self, _):
        self.said += 1

    def read(self, lines):
        words = self.chance.choice([
            ["HOME", "COUNT", 20], ["INBOX", "COUNT", 20], ["TRENDING"], ["UNREAD"], ["PUBLIC"],
            ["TIMELINE", self.chance.choice(self.others)], ["TAG", "soak3"], ["CHATS"],
            ["PROFILE", self.name]])
        lines.ask(*words)
        self.world.count("reads")

    def look(self):
        """What must be there is there, and nothing else."""
        words = ["TIMELINE", self.name, "COUNT", 200]
        with Lines(self.world.server.port) as plain:
            plain.ask("AUTH", self.token)
            page = plain.ask(*words)
            shown = [item["id"] for item in page["items"]]
            following = plain.ask("FOLLOWING", self.name, "COUNT", 200)["items"]
            liked = {post for post in self.posts if plain.ask("GET", post)["liked"]}
        if sorted(shown) != sorted(self.posts):
            raise Mismatch(f"{len(self.posts)} posts must be there, {len(shown)} are shown")
        if set(following) != self.followed:
            raise Mismatch(f"follows {sorted(self.followed)}, shown are {sorted(following)}")
        if liked != self.liked:
            raise Mismatch(f"likes {len(self.liked)} posts, {len(liked)} are shown")
        self.world.count("looks")


class Operator:
    """Snapshots, rebuilds with their ways back, backups, verifications."""

    def __init__(self, world):
        self.world = world
        self.chance = random.Random(0)

    def work(self):
        lines = self.world.operator()
        if lines is None:
            return
        with lines:
            while not self.world.is_over.wait(self.chance.uniform(1, 5)):
                self.one(lines)

    def one(self, lines):
        roll = self.chance.random()
        if roll < 0.3:
            lines.ask("SNAPSHOT")
            self.world.count("snapshots")
        elif roll < 0.7:
            name = self.chance.choice(["home", "inbox", "trending", "timelines", "all"])
            names = {item["name"] for item in lines.ask("PROJECTION", "LIST")}
            if name != "all" and name not in names:
                return
            lines.ask("PROJECTION", "REBUILD", name, "WAIT")
            self.world.count("rebuilds")
            if name != "all" and self.chance.random() < 0.4:
                lines.ask("PROJECTION", "REVERT", name)
                self.world.count("ways back")
        elif roll < 0.85:
            lines.ask("BACKUP", self.world.backup)
            self.world.count("backups")
        else:
            found = lines.ask("JOURNAL", "VERIFY")
            if not found["ok"]:
                raise Mismatch(f"JOURNAL VERIFY: {found}")
            self.world.count("verifications")


class Leavers:
    """Who signs up, says something, and is erased."""

    def __init__(self, world, people):
        self.world, self.people, self.number = world, people, 0

    def work(self):
        self.number += 1
        name = f"leaver_{self.number}"
        lines = self.world.connect("lines")
        if lines is None:
            return
        with lines:
            lines.ask("SIGNUP", name, PASSWORD)
            lines.ask("POST", f"{name} with @{self.people[0].name} #leaving")
            lines.ask("DM", self.people[1].name, "farewell")
            lines.ask("ERASE", PASSWORD)
        self.world.count("erasures")
        lines = self.world.connect("lines")
        if lines is None:
            return
        with lines:
            try:
                lines.ask("PROFILE", name)
                raise Mismatch(f"{name} was erased and is there")
            except Refused as refused:
                if refused.code != "GONE":
                    raise
        self.world.is_over.wait(5)


class Listener:
    """Who is subscribed for a while, by redis-py's protocol, and comes back."""

    def __init__(self, world, person):
        self.world, self.person = world, person

    def work(self):
        lines = self.world.connect("resp3")
        if lines is None:
            return
        with lines:
            lines.ask("AUTH", self.person.token)
            for channel in ("home", "inbox", "public"):
                lines.ask("SUBSCRIBE", channel)
            end = time.monotonic() + 20
            while time.monotonic() < end and not self.world.is_over.is_set():
                lines.send("PING")
                while lines.read() not in ("PONG", ["PONG", ""]):
                    self.world.count("pushes")
                time.sleep(0.1)


class Gauge:
    """Memory and descriptors of the process, now and then."""

    def __init__(self, world):
        self.world = world
        self.samples = []

    def take(self):
        url = f"http://127.0.0.1:{self.world.server.http_port}/metrics"
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                text = reply.read().decode()
        except GONE:
            return None

        def value(name):
            return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))

        sample = {
            "at": time.monotonic(), "mib": value("process_resident_memory_bytes") / (1 << 20),
            "fds": value("process_open_fds") - value("roost_connections"),
            "position": value("roost_journal_position"),
            "entities": value("roost_entities_memory_bytes") / (1 << 20),
            "skipped": value("roost_projections_skipped_events")}
        self.samples.append(sample)
        return sample


def play(world, people, options):
    """Until the time is over, with the restarts on the way. Returns the gauge of the last life."""
    end_s = options.minutes * 60
    restarts = [end_s * part for part in RESTARTS_AT]
    began, reported = time.monotonic(), 0
    gauge = Gauge(world)
    operator, leavers = Operator(world), Leavers(world, people)
    jobs = [(person.name, person.live) for person in people]
    jobs += [("the operator", operator.work), ("a leaver", leavers.work)]
    jobs += [(f"listener {n}", Listener(world, people[n]).work) for n in range(3)]
    threads = [
        threading.Thread(target=world.again_and_again, args=job, daemon=True) for job in jobs]
    world.is_up.set()
    for thread in threads:
        thread.start()
    while time.monotonic() - began < end_s and not world.is_over.is_set():
        if not world.server.is_running:
            world.fail(f"the server has ended by itself:\n{world.server.output}")
            break
        now = time.monotonic() - began
        if restarts and now > restarts[0]:
            restarts.pop(0)
            if not restarts:
                check_standing_verification(world)
                start = world.server.flags.index(VERIFYING[0])
                del world.server.flags[start:start + len(VERIFYING)]
            restart(world, is_kill=len(restarts) % 2 == 0)
            gauge = Gauge(world)
        sample = gauge.take()
        if sample and now - reported >= options.report_s:
            reported = now
            print(
                f"{now / 60:.1f} min: {sample['mib']:.0f} MiB, {sample['entities']:.0f} of them "
                f"entities, {sample['fds']:.0f} descriptors beside connections, "
                f"position {sample['position']:.0f}, {len(world.errors)} errors", flush=True)
        time.sleep(1)
    world.is_over.set()
    for thread in threads:
        thread.join(180)
        if thread.is_alive():
            world.fail("somebody still waits for an answer")
    return gauge


def check_standing_verification(world):
    with Lines(world.server.port) as lines:
        lines.ask("AUTH", world.server.admin_token())
        verification = lines.ask("INFO", "verification")
    if "verification_mismatches_in_all:0" not in verification:
        world.fail(f"the standing verification says: {verification}")


def restart(world, is_kill):
    world.is_up.clear()
    if is_kill:
        world.server.kill()
        world.count("kills")
    else:
        status = world.server.terminate(300)
        world.count("ends in order")
        if status != 0:
            world.fail(f"the server ended with {status}:\n{world.server.output}")
    world.server.start(timeout_s=300)
    world.is_up.set()


def look_at_the_end(world, people, gauge):
    """What the last life has cost, and whether all is as it must be."""
    last = gauge.take()
    for person in people:
        with Lines(world.server.port) as lines:
            lines.ask("AUTH", person.token)
            person.settle(lines)
            person.look()
    crash.check_command("verify", "--data", world.server.data)
    crash.check_refold(world)
    crash.check_command("restore", "--from", world.backup, "--data", world.backup + ".restored")
    crash.check_command("verify", "--data", world.backup + ".restored")
    restart(world, is_kill=False)
    fresh = Gauge(world)
    for person in people:
        with Lines(world.server.port) as lines:
            lines.ask("AUTH", person.token)
            for _ in range(50):
                person.read(lines)
            person.look()
    first = fresh.take()
    quarters = [quarter_mib(gauge.samples, number) for number in range(4)]
    events = last["position"] - gauge.samples[0]["position"]
    print(
        f"memory by quarters of the last life, of {events:.0f} events: "
        + ", ".join(f"{mib:.0f}" for mib in quarters)
        + f" MiB; {first['mib']:.0f} MiB after a start with the same state")
    if events < 3 * TAIL_EVENTS_MAX:
        print("too short to say that memory is flat")
    elif quarters[3] > quarters[2] * (1 + GROWTH_MAX):
        raise Mismatch(f"memory grows: {quarters[2]:.0f} MiB, then {quarters[3]:.0f} MiB")
    bound = first["mib"] * MEMORY_RATIO_MAX + MEMORY_ROOM_MIB
    if last["mib"] > bound:
        raise Mismatch(f"{last['mib']:.0f} MiB at the end, more than {bound:.0f}")
    descriptors = [sample["fds"] for sample in gauge.samples]
    print(f"descriptors beside connections: {min(descriptors):.0f} to {max(descriptors):.0f}, "
          f"{first['fds']:.0f} after a start")
    if last["fds"] - first["fds"] > DESCRIPTORS_SPREAD_MAX:
        raise Mismatch(f"{last['fds']:.0f} descriptors at the end")
    if last["skipped"]:
        raise Mismatch(f"{last['skipped']:.0f} events were skipped")


def quarter_mib(samples, number):
    """The mean of a quarter of the samples."""
    part = samples[len(samples) * number // 4:len(samples) * (number + 1) // 4] or samples
    return sum(sample["mib"] for sample in part) / len(part)


def main():
    parser = argparse.ArgumentParser(prog="tools/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--rate", type=float, default=400, help="commands a second, about")
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--report-s", type=float, default=60, help="seconds between lines")
    options = parser.parse_args()
    if options.minutes <= 0 or options.people < 3 or options.rate <= 0:
        parser.error("minutes and rate are more than 0, people 3 at least")
    directory = tempfile.mkdtemp(prefix="roost-soak-")
    world = World(directory, options)
    people = [Person(world, number) for number in range(options.people)]
    began = time.monotonic()
    try:
        world.server.start()
        for person in people:
            person.sign_up()
            person.others = [other.name for other in people if other is not person]
        with Lines(world.server.port) as lines:
            lines.ask("AUTH", people[0].token)
            chat = lines.ask("CHAT", "NEW", *people[0].others, "TITLE", "Soak")
        for person in people:
            person.chat = chat
        gauge = play(world, people, options)
        if not world.errors:
            look_at_the_end(world, people, gauge)
    except (Mismatch, Refused, StartFailed) as problem:
        world.fail(str(problem))
    finally:
        world.is_over.set()
        if world.server.is_running:
            world.server.kill()
    print(f"{(time.monotonic() - began) / 60:.1f} minutes: " + ", ".join(
        f"{number} {what}" for what, number in sorted(world.counts.items())))
    if world.errors:
        print(f"soak: {len(world.errors)} errors; kept: {directory}", file=sys.stderr)
        return 1
    shutil.rmtree(directory)
    print("no errors; verify is clean, and live is what a refold gives")
    return 0


if __name__ == "__main__":
    sys.exit(main())
