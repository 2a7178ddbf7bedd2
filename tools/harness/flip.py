"""Flips one byte of a small data directory at a time and asks the real binary what it makes of it.

Afterwards either `verify` names the damage and `serve` refuses with the same words, or the byte was
unused: `verify` is content, `serve` serves, and `tail --json` prints every record as before. With a
byte of the snapshot, `serve` passes it over, says so, and has the same digests from the journal.
"""

import argparse
import concurrent.futures
import glob
import os
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass

from harness.clients import Lines
from harness.server import Server, StartFailed, run

PASSWORD = "correct horse battery"
FILES = {"journal": "journal/data.mdb", "keys": "keys/data.mdb", "snapshot": "snapshots/*.snapshot"}


def make_data(data):
    """A few people, posts, likes, chats: every kind of event, in several transactions."""
    with Server(data) as server:
        people = []
        for name in ("ada", "ben", "cleo"):
            lines = Lines(server.port)
            lines.ask("SIGNUP", name, PASSWORD, "NAME", name.title())
            people.append(lines)
        ada, ben, cleo = people
        for lines in (ben, cleo):
            lines.ask("FOLLOW", "ada")
        for number in range(30):
            post = ada.ask("POST", f"number {number} of the #flip town, @ben", "KEY", f"k{number}")
            ben.ask("LIKE", post)
        ben.ask("SHARE", post)
        cleo.ask("REPLY", post, "an answer " * 200)
        chat = ada.ask("CHAT", "NEW", "ben", "cleo", "TITLE", "Town")
        cleo.ask("SAY", chat, "hello")
        ben.ask("BLOCK", "cleo")
        for lines in people:
            lines.close()
        if server.terminate() != 0:
            raise SystemExit(f"flip: the server did not end well:\n{server.output}")
    for leftover in ("roost.lock", os.path.join("journal", "lock.mdb")):
        path = os.path.join(data, leftover)
        if os.path.exists(path):
            os.remove(path)


def words(text):
    """What is wrong, without the name of the command that found it."""
    sentences = []
    for line in text.splitlines():
        for prefix in ("roost: verify: ", "roost: serve: ", "roost: "):
            if line.startswith(prefix):
                line = line[len(prefix):]
                break
        sentences.append(line)
    return sentences


def digests(server):
    with Lines(server.port) as lines:
        lines.ask("AUTH", server.admin_token())
        return lines.ask("PROJECTION", "DIGEST")


def try_byte(data, file, offset, change, expected):
    """None where all is as it must be; else a sentence. Returns whether the damage was named."""
    with tempfile.TemporaryDirectory(prefix="roost-flip-") as directory:
        copy = os.path.join(directory, "data")
        shutil.copytree(data, copy)
        with open(os.path.join(copy, file), "r+b") as opened:
            opened.seek(offset)
            byte = opened.read(1)[0]
            opened.seek(offset)
            opened.write(bytes([byte ^ change]))
        where = f"byte {offset} of {file}, changed by {change:#04x}"
        verified = run("verify", "--data", copy)
        if verified.returncode == 0:
            return is_harmless(copy, where, expected), False
        if verified.returncode != 1:
            return f"{where}: verify exited {verified.returncode}: {verified.stderr}", True
        if file.startswith("snapshots"):
            return is_passed_over(copy, where, file, expected), True
        return is_refused(copy, where, words(verified.stderr)), True


def is_harmless(copy, where, expected):
    told = run("tail", "--data", copy, "--from", "1", "--json")
    if told.returncode != 0 or told.stdout != expected.records:
        return f"{where}: verify is content, but the records differ"
    try:
        with Server(copy) as server:
            if digests(server) != expected.digests:
                return f"{where}: verify is content, but the digests differ"
            server.terminate()
    except StartFailed as failed:
        return f"{where}: verify is content, but serve refuses: {failed.output}"
    told = run("tail", "--data", copy, "--from", "1", "--json")
    return None if told.stdout == expected.records else f"{where}: serving changed the records"


def is_passed_over(copy, where, file, expected):
    """A snapshot that cannot be trusted: everything is folded from the journal."""
    try:
        with Server(copy) as server:
            if os.path.basename(file) not in server.output:
                return f"{where}: no line of the log names the snapshot:\n{server.output}"
            if digests(server) != expected.digests:
                return f"{where}: the digests differ"
            server.kill()
    except StartFailed as failed:
        return f"{where}: serve refuses because of a snapshot: {failed.output}"
    return None


def is_refused(copy, where, named):
    try:
        with Server(copy) as server:
            server.kill()
        return f"{where}: verify says {named}, but serve serves"
    except StartFailed as failed:
        refused = words(failed.output)
        if failed.status != 1:
            return f"{where}: serve ended with {failed.status}: {failed.output}"
        if not set(refused) & set(named):
            return f"{where}: verify says {named}, serve says {refused}"
        return None


def chosen(size, options):
    """Offsets and changes: all, or a seeded sample; every change flips at least one bit."""
    chance = random.Random(options.seed)
    count = size if options.all else min(options.bytes, size)
    offsets = range(size) if options.all else sorted(chance.sample(range(size), count))
    return [(offset, chance.randrange(1, 256)) for offset in offsets]


@dataclass
class Expectation:
    records: str
    digests: dict


def expectation(data):
    """What an untouched directory has."""
    records = run("tail", "--data", data, "--from", "1", "--json").stdout
    with Server(data) as server:
        found = Expectation(records, digests(server))
        server.kill()
    return found


def main():
    parser = argparse.ArgumentParser(prog="tools/flip", description=__doc__)
    parser.add_argument("--bytes", type=int, default=200, help="how many to flip")
    parser.add_argument("--file", choices=sorted(FILES), default="journal")
    parser.add_argument("--all", action="store_true", help="every byte of the file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.bytes < 1:
        parser.error("at least one byte")
    with tempfile.TemporaryDirectory(prefix="roost-flip-") as directory:
        data = os.path.join(directory, "data")
        make_data(data)
        expected = expectation(data)
        file = os.path.relpath(max(glob.glob(os.path.join(data, FILES[options.file]))), data)
        size = os.path.getsize(os.path.join(data, file))
        trials = chosen(size, options)
        count = expected.records.count("\n")
        print(f"{count} records; flipping {len(trials)} of the {size} bytes of {file}")
        named = harmless = 0
        problems = []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = pool.map(lambda trial: try_byte(data, file, *trial, expected), trials)
            for done, (problem, was_named) in enumerate(outcomes, 1):
                named += was_named
                harmless += not was_named
                if problem:
                    problems.append(problem)
                    print(problem, file=sys.stderr)
                if done % 2_000 == 0:
                    print(f"{done} flipped", flush=True)
    print(f"{named} named, {harmless} unused and harmless, {len(problems)} wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
