#!/usr/bin/env python3
"""Check what Roost proves, without Roost and without its journal.

    pip install pynacl
    verify_proof.py --key KEY --checkpoint FILE                 who signed what, and when
    verify_proof.py --key KEY --checkpoint FILE PROOF           an event is among its events
    verify_proof.py --key KEY --checkpoint NEW --since OLD PROOF    NEW only adds to OLD

KEY is the public key that `roost checkpoint` prints, from a source that you trust; FILE is what it
wrote; PROOF is what `roost prove` prints. With --event LINE (a file with a line of `roost tail
--json`) also that this line is the proved event, but for its sealed text; that needs the packages
of tools/requirements.txt. Exits 1 with a sentence on what does not hold. docs/proofs.md explains.
"""

import argparse
import base64
import binascii
import datetime
import hashlib
import json
import struct
import sys

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

ED25519 = 1
BYTES_MAX = 16 << 20


class Refused(Exception):
    """What does not hold."""


def need(holds, problem):
    if not holds:
        raise Refused(problem)


def number(value, what, least=0):
    is_number = isinstance(value, int) and not isinstance(value, bool)
    need(is_number and least <= value < 1 << 64, f"{what} is not a number in range")
    return value


def hexadecimal(value, what, length=None):
    need(isinstance(value, str) and value == value.lower(), f"{what} is not hexadecimal")
    try:
        found = bytes.fromhex(value)
    except ValueError:
        raise Refused(f"{what} is not hexadecimal") from None
    need(found.hex() == value and length in (None, len(found)), f"{what} has another length")
    return found


def base64_bytes(text, what):
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{what} is not base64") from None
    need(base64.b64encode(found).decode() == text, f"{what} is not base64")
    return found


# The tree: RFC 9162, section 2.1.


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hash(position, base_time, nonce, record):
    head = b"\x00" + struct.pack(">Qq", position, base_time)
    return hashlib.sha256(head + nonce + record).digest()


def included(leaf, index, size, path, root):
    """Section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    last = size - 1
    for beside in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            leaf = node(beside, leaf)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = node(leaf, beside)
        index, last = index >> 1, last >> 1
    return last == 0 and leaf == root


def consistent(old_size, old_root, size, root, path):
    """Section 2.1.4.2."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == root
    if old_size & (old_size - 1) == 0:
        path = [old_root, *path]
    if not path:
        return False
    index, last = old_size - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = node(beside, old), node(beside, new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = node(new, beside)
        index, last = index >> 1, last >> 1
    return last == 0 and old == old_root and new == root


# Checkpoints: C2SP signed-note and tlog-checkpoint.


class Key:
    def __init__(self, text):
        parts = text.split("+", 2)
        need(len(parts) == 3 and parts[0], "the key is not of the form name+id+key")
        self.name, key = parts[0], base64_bytes(parts[2], "the key")
        need(len(key) == 33 and key[0] == ED25519, "the key is not of Ed25519")
        self.id = hashlib.sha256(self.name.encode() + b"\n" + key).digest()[:4]
        need(self.id.hex() == parts[1], "the key does not fit its id")
        self.verifier = VerifyKey(key[1:])

    def has_signed(self, body, line):
        start = f"\u2014 {self.name} "
        if not line.startswith(start):
            return False
        signature = base64_bytes(line[len(start) :], "the signature")
        if signature[:4] != self.id:
            return False
        try:
            self.verifier.verify(body.encode(), signature[4:])
        except (BadSignatureError, ValueError):
            return False
        return True


class Checkpoint:
    def __init__(self, text, key, what):
        body, separator, signatures = text.partition("\n\n")
        need(separator and text.endswith("\n"), f"{what} is not a signed note")
        body += "\n"
        lines = body.split("\n")[:-1]
        need(len(lines) >= 3 and lines[0] == key.name, f"{what} is not from {key.name}")
        need(
            any(key.has_signed(body, line) for line in signatures.split("\n")[:-1]),
            f"{what} is not signed with the key of {key.name}",
        )
        need(lines[1].isascii() and lines[1].isdigit(), f"{what} has no size")
        self.size = number(int(lines[1]), "the size")
        need(str(self.size) == lines[1], f"{what} has no size")
        self.root = base64_bytes(lines[2], f"the root of {what}")
        need(len(self.root) == 32, f"{what} has no root")
        times = [line[5:] for line in lines[3:] if line.startswith("time ")]
        need(times and times[0].isascii() and times[0].isdigit(), f"{what} has no time")
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=int(times[0]))
        self.time = moment.isoformat(timespec="milliseconds") + "Z"


# Proofs.


def path_of(proof):
    path = proof.get("path")
    need(isinstance(path, list) and len(path) <= 128, "the proof has no path")
    return [hexadecimal(item, "the path", 32) for item in path]


def fits(proof, size, root, checkpoint, what):
    need(
        number(proof.get(size), size, 1) == checkpoint.size
        and hexadecimal(proof.get(root), root, 32) == checkpoint.root,
        f"the proof is not for {what}",
    )


def check_inclusion(proof, checkpoint, event):
    fits(proof, "size", "root", checkpoint, "this checkpoint")
    position = number(proof.get("position"), "the position", 1)
    stored = proof.get("event")
    need(isinstance(stored, dict), "the proof has no event")
    base_time = stored.get("base_time")
    need(
        isinstance(base_time, int) and not isinstance(base_time, bool)
        and -(1 << 63) <= base_time < 1 << 63, "the base time is not a number in range")
    nonce = hexadecimal(stored.get("nonce"), "the nonce", 24)
    record = hexadecimal(stored.get("record"), "the record")
    leaf = leaf_hash(position, base_time, nonce, record)
    need(
        included(leaf, position - 1, checkpoint.size, path_of(proof), checkpoint.root),
        f"the event is not at position {position} of this checkpoint",
    )
    if event is not None:
        check_event(position, base_time, record, event)
    return f"the event is at position {position} of {checkpoint.size}"


def check_event(position, base_time, record, event):
    try:
        import journal
    except ImportError as error:
        raise Refused(f"--event needs the packages of tools/requirements.txt ({error})") from None
    try:
        proved = journal.read_record(record, position, base_time, b"", 0, None)
    except (journal.Damage, journal.cbor2.CBORDecodeError, ValueError, KeyError) as error:
        raise Refused(f"the proved event cannot be read: {error}") from None
    need(isinstance(event, dict), "the event is not a line of roost tail --json")
    told = {name: value for name, value in event.items() if name != "text"}
    different = sorted(
        name for name in told.keys() | proved.keys() if told.get(name) != proved.get(name))
    need(not different, f"the event differs from the proved one in: {', '.join(different)}")


def check_consistency(proof, old, new):
    fits(proof, "from", "from_root", old, "the older checkpoint")
    fits(proof, "size", "root", new, "the newer checkpoint")
    need(
        consistent(old.size, old.root, new.size, new.root, path_of(proof)),
        f"the first {old.size} events are not those of the older checkpoint",
    )
    return f"the {old.size} events of the older checkpoint begin the {new.size} of the newer one"


def check(arguments):
    key = Key(arguments.key)
    checkpoint = Checkpoint(read(arguments.checkpoint), key, "the checkpoint")
    told = [f"{checkpoint.size} events, signed by {key.name} at {checkpoint.time}"]
    if arguments.proof is None:
        need(arguments.since is None and arguments.event is None, "there is no proof")
        return told
    proof = read_json(arguments.proof)
    need(isinstance(proof, dict), "the proof is not one")
    kind = proof.get("proof")
    if kind == "inclusion":
        need(arguments.since is None, "the proof is of an event, not from an older checkpoint on")
        event = read_json(arguments.event) if arguments.event else None
        told.append(check_inclusion(proof, checkpoint, event))
    elif kind == "consistency":
        need(arguments.since, "the proof needs the older checkpoint: --since")
        need(arguments.event is None, "the proof is not of an event")
        old = Checkpoint(read(arguments.since), key, "the older checkpoint")
        told.append(check_consistency(proof, old, checkpoint))
    else:
        raise Refused("the proof is of an unknown kind")
    return told


def read(path):
    try:
        with open(path, "rb") as file:
            content = file.read(BYTES_MAX + 1)
        need(len(content) <= BYTES_MAX, f"{path} is too long")
        return content.decode()
    except OSError as error:
        raise Refused(str(error)) from None
    except UnicodeDecodeError:
        raise Refused(f"{path} is not text") from None


def read_json(path):
    try:
        return json.loads(read(path))
    except (ValueError, RecursionError):
        raise Refused(f"{path} is not JSON") from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--key", required=True, help="the public key that you trust")
    parser.add_argument("--checkpoint", required=True, metavar="FILE")
    parser.add_argument("--since", metavar="FILE", help="an older checkpoint")
    parser.add_argument("--event", metavar="LINE", help="a line of roost tail --json, in a file")
    parser.add_argument("proof", nargs="?", help="what roost prove printed")
    try:
        for line in check(parser.parse_args()):
            print(line)
    except Refused as refused:
        sys.exit(f"verify_proof: {refused}")


if __name__ == "__main__":
    main()
