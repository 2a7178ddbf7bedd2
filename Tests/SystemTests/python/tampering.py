"""Rewrites a journal as somebody would who knows the whole format: an event is changed, and every
position, sequence, seal, checksum, hash of the chain, idempotency key and node of the tree after it
is computed anew, so that the journal alone shows nothing."""

import copy
import hashlib
import os
import shutil
import struct
import sys
import zlib

import cbor2
import lmdb
from nacl import bindings

from harness.server import ROOT

sys.path.insert(0, os.path.join(ROOT, "tools"))
import journal as independent  # noqa: E402

MAP_BYTES = 64 << 20
STORED_EVERY = 10


class Event:
    """One event, with what its place says about it taken apart from it."""

    def __init__(self, data, position, base_time, salt, index, keys):
        item = cbor2.loads(data[4:])
        item += [None] * (9 - len(item))
        (self.type, self.version, delta, self.actor, self.entity, self.sequence, self.fields,
         sealed, self.request) = item
        self.position = position
        self.time = base_time + delta
        self.plain = None
        if sealed is not None:
            nonce = independent.nonce_of(salt, index)
            associated = struct.pack(">QQ", position, self.actor)
            self.plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed, associated, nonce, keys[self.actor])

    @property
    def owner(self):
        """Whose numbering the sequence is of."""
        kind = independent.kind_of(self.type)
        return kind, self.actor if self.entity is None else self.entity

    def encode(self, position, base_time, salt, index, keys):
        item = [self.type, self.version, self.time - base_time, self.actor, self.entity,
                self.sequence, self.fields]
        if self.plain is not None:
            item.append(bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
                self.plain, struct.pack(">QQ", position, self.actor),
                independent.nonce_of(salt, index), keys[self.actor]))
        elif self.request is not None:
            item.append(None)
        if self.request is not None:
            item.append(self.request)
        content = cbor2.dumps(item, canonical=True)
        return struct.pack("<I", zlib.crc32(content)) + content


class Tampered:
    """A data directory whose journal can be changed and written again."""

    def __init__(self, data):
        self.path = os.path.join(data, "journal")
        self.data = data
        self.keys = read_keys(data)
        environment = lmdb.open(self.path, readonly=True, lock=False, max_dbs=8, create=False)
        tables = {name: environment.open_db(name, create=False)
                  for name in (b"events", b"meta", b"requests")}
        self.blocks, self.salts = [], []
        with environment.begin() as transaction:
            self.format = transaction.get(b"format", db=tables[b"meta"])
            self.requests = list(transaction.cursor(db=tables[b"requests"]))
            for key, block in transaction.cursor(db=tables[b"events"]):
                self.blocks.append(self.read_block(int.from_bytes(key, "big"), block))
        environment.close()

    def read_block(self, first, block):
        _, base_time, salt, body, _ = independent.open_block(block, first)
        self.salts.append(salt)
        return [
            Event(data, first + index, base_time, salt, index, self.keys)
            for index, data in enumerate(independent.byte_strings(body, first))]

    def find(self, name, last=None):
        """Where the first event of a type is: block, index. With `last`, at that position or
        before, the last one."""
        found = [
            (block, index) for block, events in enumerate(self.blocks)
            for index, event in enumerate(events)
            if independent.TYPES[event.type][0] == name
            and (last is None or event.position <= last)]
        return found[0] if last is None else found[-1]

    def at(self, place):
        return self.blocks[place[0]][place[1]]

    # What somebody might want to do.

    def drop(self, place):
        gone = self.blocks[place[0]].pop(place[1])
        for event in self.events():
            if event.owner == gone.owner and event.sequence > gone.sequence:
                event.sequence -= 1

    def insert_copy(self, place):
        """The same event once more, right after."""
        event = self.at(place)
        again = copy.copy(event)
        again.request = None
        for other in self.events():
            if other.owner == event.owner and other.sequence > event.sequence:
                other.sequence += 1
        again.sequence += 1
        self.blocks[place[0]].insert(place[1] + 1, again)

    def swap(self, one, two):
        """Places are exchanged; times stay, so that they go on never going back."""
        first, second = self.at(one), self.at(two)
        first.time, second.time = second.time, first.time
        self.blocks[one[0]][one[1]], self.blocks[two[0]][two[1]] = second, first

    def truncate(self, position):
        """Everything after a position goes."""
        kept = [[event for event in events if event.position <= position]
                for events in self.blocks]
        self.blocks = kept

    def events(self):
        return [event for events in self.blocks for event in events]

    # And how it is hidden.

    def write(self, tree="new"):
        """Replaces the journal. `tree`: computed anew, or left out."""
        moved, blocks, meta = {}, [], {b"format": self.format}
        nodes, peaks, position, previous = {}, [], 0, bytes(32)
        for events, salt in zip(self.blocks, self.salts, strict=True):
            if not events:
                continue
            first, base_time = position + 1, events[0].time
            if not salt and any(event.plain is not None for event in events):
                salt = hashlib.sha256(struct.pack(">Q", first)).digest()[:24]
            body = b""
            for index, event in enumerate(events):
                position += 1
                moved[event.position] = position
                data = event.encode(position, base_time, salt, index, self.keys)
                body += cbor2.dumps(data)
                head = b"\0" + struct.pack(">Qq", position, base_time)
                grow(peaks, nodes, position - 1, hashlib.sha256(
                    head + independent.nonce_of(salt, index) + data).digest())
            block = b"\x87" + b"".join(
                cbor2.dumps(item) for item in (1, first, len(events), base_time, salt, body))
            previous = hashlib.blake2b(previous + block, digest_size=32).digest()
            blocks.append((struct.pack(">Q", first), block + cbor2.dumps(previous)))
        if tree == "new":
            nodes[b"tree"] = cbor2.dumps([position, b"".join(peaks)])
            for key, content in nodes.items():
                meta[key] = checksum(key + content) + content
        self.replace(blocks, meta, moved)

    def replace(self, blocks, meta, moved):
        shutil.rmtree(self.path)
        shutil.rmtree(os.path.join(self.data, "snapshots"), ignore_errors=True)
        os.mkdir(self.path, 0o700)
        environment = lmdb.open(self.path, max_dbs=8, map_size=MAP_BYTES)
        events, table, requests = (
            environment.open_db(name) for name in (b"events", b"meta", b"requests"))
        with environment.begin(write=True) as transaction:
            for key, value in meta.items():
                transaction.put(key, value, db=table)
            for key, value in self.requests:
                answer = cbor2.loads(value[4:])
                if answer[0] in moved:
                    content = cbor2.dumps([moved[answer[0]], *answer[1:]], canonical=True)
                    transaction.put(key, checksum(key + content) + content, db=requests)
            for key, block in blocks:
                transaction.put(key, block, db=events, append=True)
        environment.close()
        os.remove(os.path.join(self.path, "lock.mdb"))


def grow(peaks, nodes, index, leaf):
    height = 0
    while index & 1:
        leaf = hashlib.sha256(b"\1" + peaks.pop() + leaf).digest()
        height, index = height + 1, index >> 1
        if height % STORED_EVERY == 0:
            nodes[b"tree" + bytes([height]) + struct.pack(">Q", index)] = leaf
    peaks.append(leaf)


def checksum(content):
    return struct.pack("<I", zlib.crc32(content))


def read_keys(data):
    environment = lmdb.open(
        os.path.join(data, "keys"), readonly=True, lock=False, max_dbs=8, create=False)
    table = environment.open_db(b"keys", create=False)
    with environment.begin(db=table) as transaction:
        found = {
            int.from_bytes(user, "big"): value[:-4] for user, value in transaction.cursor()
            if len(value) > 4}
    environment.close()
    return found
