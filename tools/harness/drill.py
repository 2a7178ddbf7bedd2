"""An auditor's drill: tampers with copies of a data directory, and asks which command notices.

Whoever tampers here knows the format and has every key of the machine but the one that signs
checkpoints. What leaves a trace in the directory itself is found by `verify`; what leaves none,
because everything was computed anew, by a checkpoint that the auditor kept elsewhere.
"""

import copy
import os
import shutil
import struct
import sys
import tempfile
import zlib
from dataclasses import dataclass

import cbor2
import lmdb

from harness.clients import Lines
from harness.server import Server, run
from tampering import MAP_BYTES, Tampered

PASSWORD = "correct horse battery"
PEOPLE = ("ada", "ben", "cleo")


@dataclass
class Row:
    """One way to tamper: what was done, the command that must notice, and its sentence."""

    name: str
    done: str
    command: tuple
    says: str
    quiet: tuple = ()


@dataclass
class Outcome:
    """What the command said; `caught` if it exited 1 with the sentence that the row expects, and
    the commands that cannot notice were content."""

    row: Row
    caught: bool
    said: str


class Audit:
    """A town with two checkpoints, and a copy from the time of the first."""

    def __init__(self, directory):
        self.directory = str(directory)
        self.data = self.path("data")
        self.early = self.path("early")
        self.signing = self.path("signing.key")
        self.live(range(20), is_first=True)
        self.first, self.key = self.sign("first")
        shutil.copytree(self.data, self.early)
        self.live(range(20, 40), is_first=False)
        self.second, _ = self.sign("second")

    def path(self, name):
        return os.path.join(self.directory, name)

    def live(self, numbers, is_first):
        with Server(self.data) as server:
            people = [Lines(server.port) for _ in PEOPLE]
            for name, lines in zip(PEOPLE, people, strict=True):
                if is_first:
                    lines.ask("SIGNUP", name, PASSWORD, "NAME", name.title())
                else:
                    lines.ask("AUTH", name, PASSWORD)
            ada, ben, cleo = people
            if is_first:
                ben.ask("FOLLOW", "ada")
                cleo.ask("FOLLOW", "ada")
            for number in numbers:
                post = ada.ask("POST", f"number {number} of #audit", "KEY", f"k{number}")
                ben.ask("LIKE", post)
                cleo.ask("REPLY", post, f"answer {number}")
            for lines in people:
                lines.close()
            if server.terminate() != 0:
                raise SystemExit(f"audit-drill: the server did not end well:\n{server.output}")

    def sign(self, name):
        done = run("checkpoint", "--data", self.data, "--key", self.signing, "--out",
                   self.path(name))
        if done.returncode != 0:
            raise SystemExit(f"audit-drill: no checkpoint: {done.stderr}")
        return self.path(name), done.stderr.strip().removeprefix("public key: ")

    def size(self, checkpoint):
        with open(checkpoint, encoding="utf-8") as file:
            return int(file.read().splitlines()[1])

    def ask(self, command, data):
        """Exit status, and what is said on standard error."""
        words = [{"FIRST": self.first, "SECOND": self.second, "KEY": self.key,
                  "SIZE": str(self.size(self.first))}.get(word, word) for word in command]
        done = run(words[0], "--data", data, *words[1:])
        return done.returncode, done.stderr.strip()


class Raw:
    """The tables of a journal as they are stored, to be changed without computing anything anew."""

    TABLES = (b"events", b"meta", b"requests")

    def __init__(self, data):
        self.path = os.path.join(data, "journal")
        environment = lmdb.open(self.path, readonly=True, lock=False, max_dbs=8, create=False)
        handles = {name: environment.open_db(name, create=False) for name in self.TABLES}
        with environment.begin() as transaction:
            self.tables = {
                name: [(bytes(key), bytes(value))
                       for key, value in transaction.cursor(db=handle)]
                for name, handle in handles.items()}
        environment.close()

    def write(self):
        shutil.rmtree(self.path)
        os.mkdir(self.path, 0o700)
        environment = lmdb.open(self.path, max_dbs=8, map_size=MAP_BYTES)
        handles = {name: environment.open_db(name) for name in self.TABLES}
        with environment.begin(write=True) as transaction:
            for name, entries in self.tables.items():
                for key, value in entries:
                    transaction.put(key, value, db=handles[name])
        environment.close()
        os.remove(os.path.join(self.path, "lock.mdb"))


def flipped(value, at):
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1:]


# The ways to tamper: each takes the audit and a copy of the data directory.


def edit(audit, data):
    raw = Raw(data)
    blocks = raw.tables[b"events"]
    key, value = blocks[len(blocks) // 2]
    blocks[len(blocks) // 2] = (key, flipped(value, len(value) - 40))
    raw.write()


def drop(audit, data):
    raw = Raw(data)
    del raw.tables[b"events"][len(raw.tables[b"events"]) // 2]
    raw.write()


def swap(audit, data):
    raw = Raw(data)
    blocks = raw.tables[b"events"]
    middle = len(blocks) // 2
    (one, first), (two, second) = blocks[middle], blocks[middle + 1]
    blocks[middle], blocks[middle + 1] = (one, second), (two, first)
    raw.write()


def truncate(audit, data):
    journal = Tampered(data)
    journal.truncate(audit.size(audit.second) - 3)
    journal.write()


def append(audit, data):
    """To the town as it was at the first checkpoint: events that nobody did."""
    shutil.rmtree(data)
    shutil.copytree(audit.early, data)
    journal = Tampered(data)
    end = audit.size(audit.first)
    liked, last = journal.at(journal.find("post.liked", end)), journal.events()[-1]
    for number in range(1, audit.size(audit.second) - end + 1):
        forged = copy.copy(liked)
        forged.request, forged.time = None, last.time
        forged.position, forged.sequence = end + number, sum(
            event.owner == liked.owner for event in journal.events()) + 1
        journal.blocks[-1].append(forged)
    journal.write()


def roll_back(audit, data):
    shutil.rmtree(data)
    shutil.copytree(audit.early, data)


def recompute(audit, data):
    journal = Tampered(data)
    place = journal.find("post.published")
    journal.at(place).plain = journal.at(place).plain.replace(b"number", b"rumour")
    journal.write()


def swap_snapshots(audit, data):
    folder = os.path.join(data, "snapshots")
    one, two = sorted(os.listdir(folder))[-2:]
    for source, target in [(one, "x"), (two, one), ("x", two)]:
        os.rename(os.path.join(folder, source), os.path.join(folder, target))


def edit_keys(audit, data):
    """Two people's keys change places, checksums and all."""
    path = os.path.join(data, "keys")
    environment = lmdb.open(path, max_dbs=8, map_size=MAP_BYTES)
    keys, meta = environment.open_db(b"keys"), environment.open_db(b"meta")
    with environment.begin(write=True) as transaction:
        (one, first), (two, second) = [
            (bytes(user), bytes(value)[:-4]) for user, value in transaction.cursor(db=keys)
            if len(value) > 4][:2]
        for user, key in [(one, second), (two, first)]:
            transaction.put(user, key + struct.pack("<I", zlib.crc32(user + key)), db=keys)
        transaction.put(b"transaction", struct.pack(">Q", transaction.id()), db=meta)
    environment.close()
    os.remove(os.path.join(path, "lock.mdb"))


def change_request(data, change):
    raw = Raw(data)
    requests = raw.tables[b"requests"]
    key, value = requests[len(requests) // 2]
    content = cbor2.dumps(change(cbor2.loads(value[4:])), canonical=True)
    requests[len(requests) // 2] = (
        key, struct.pack("<I", zlib.crc32(key + content)) + content)
    raw.write()


def edit_request(audit, data):
    change_request(data, lambda answer: [*answer[:3], [2, answer[3][1] + 1]])


def move_request(audit, data):
    change_request(data, lambda answer: [answer[0] + 1, *answer[1:]])


def drop_request(audit, data):
    raw = Raw(data)
    del raw.tables[b"requests"][len(raw.tables[b"requests"]) // 2]
    raw.write()


QUICK, FULL = ("verify", "--quick"), ("verify",)
HELD_FIRST = ("verify", "--quick", "--checkpoint", "FIRST", "--key", "KEY")
HELD_SECOND = ("verify", "--quick", "--checkpoint", "SECOND", "--key", "KEY")
PROVE = ("prove", "SIZE", "--checkpoint", "FIRST")

ROWS = {
    edit: Row("edit", "a byte of an event changed", QUICK, "the hash of its block does not fit"),
    drop: Row("drop", "a block of events taken out", QUICK, "its block is missing"),
    swap: Row("swap", "two blocks of events exchanged", QUICK, "says that it begins at"),
    truncate: Row(
        "truncate", "the last events cut off, chain and tree anew", HELD_SECOND,
        "it ends before that, but the checkpoint has", (FULL,)),
    append: Row(
        "append", "events that nobody did put after the first checkpoint's", HELD_SECOND,
        "are not those of the checkpoint", (QUICK, HELD_FIRST)),
    roll_back: Row(
        "roll back", "the directory as it was at the first checkpoint", HELD_SECOND,
        "it ends before that, but the checkpoint has", (FULL, HELD_FIRST)),
    recompute: Row(
        "edit with recomputed chain", "a text rewritten, seals, chain and tree anew", PROVE,
        "does not begin with", (FULL,)),
    swap_snapshots: Row(
        "swap snapshots", "two snapshots exchange names", QUICK, "has another position inside"),
    edit_keys: Row(
        "edit keys", "two people's keys exchanged, checksums anew", FULL,
        "its text cannot be unsealed with the key of its author", (QUICK,)),
    edit_request: Row(
        "edit idempotency index", "another answer kept under a key, checksum anew", QUICK,
        "keeps an answer that the event cannot have led to"),
    move_request: Row(
        "edit idempotency index", "a key pointed at another's event, checksum anew", QUICK,
        "the entry of a key of user:"),
    drop_request: Row(
        "edit idempotency index", "a key taken out", QUICK, "it lacks the key of the request"),
}


def play(audit, tamper, target):
    """Tampers with a fresh copy at `target`, and asks."""
    shutil.copytree(audit.data, target)
    tamper(audit, target)
    row = ROWS[tamper]
    content = all(audit.ask(command, target)[0] == 0 for command in row.quiet)
    status, said = audit.ask(row.command, target)
    return Outcome(row, content and status == 1 and row.says in said, said)


def untouched(audit, target):
    """Every command is content with a copy that nobody touched; else what it said."""
    shutil.copytree(audit.data, target)
    for command in (QUICK, FULL, HELD_FIRST, HELD_SECOND, PROVE):
        status, said = audit.ask(command, target)
        if status != 0:
            return f"{' '.join(command)}: {said}"
    return None


def main():
    with tempfile.TemporaryDirectory() as directory:
        audit = Audit(directory)
        problem = untouched(audit, audit.path("untouched"))
        print("| tampering | what was done | caught by | its sentence |\n|---|---|---|---|")
        print(f"| none | a copy | {'passes' if problem is None else 'FAILS: ' + problem} | |")
        missed = 0 if problem is None else 1
        for index, tamper in enumerate(ROWS):
            outcome = play(audit, tamper, audit.path(f"copy{index}"))
            row = outcome.row
            missed += not outcome.caught
            sentence = outcome.said.splitlines()[0] if outcome.said else "nothing"
            for path, name in [(audit.first, "first"), (audit.second, "second")]:
                sentence = sentence.replace(path, name)
            verdict = "" if outcome.caught else "MISSED: "
            print(f"| {row.name} | {row.done} | {verdict}`roost {' '.join(row.command)}` "
                  f"| {sentence} |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
