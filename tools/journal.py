#!/usr/bin/env python3
"""Read a Roost journal without any of Roost's code, and print it as JSON lines.

    python3 -m venv .venv && .venv/bin/pip install -r tools/requirements.txt
    .venv/bin/python tools/journal.py DIR [--from POSITION] [--open-only] [--root] [--stored]

DIR is a data directory. Checks every block's hash and link, the density of positions and every
record's checksum on the way, and at the end the stored Merkle tree. --root prints that tree's size
and root instead of the records. What is stored in an older version is printed as the newest one
says it; --stored prints the version and the fields that are stored. Exits 1 with a sentence on
damage. Reads beside a running server.
docs/format.md describes the format; where this program and Roost disagree, one of them is wrong.
"""

import argparse
import hashlib
import io
import json
import os
import struct
import sys
import zlib

import cbor2
import lmdb
import zstandard
from nacl import bindings, exceptions

FORMATS, PLAIN, PACKED = (1, 2, 3), 1, 2
OPEN_BYTES_MAX = 1 << 16
ID, IDS, POSITION, TIME = "id", "ids", "position", "time"
FLAG, TEXT, TEXTS, BYTES = "flag", "text", "texts", "bytes"
BITS, NUMBERS, MEDIA, POLL = "bits", "numbers", "media", "poll"
NAMES = {
    "visibility": ["public", "followers", "friends", "private"],
    "messages": ["everyone", "following", "none"],
    "scope": ["read", "write", "service", "moderator", "admin"],
    "medium": ["image", "video"],
    "moderation": ["none", "under_review", "removed"],
}
GROUPS = {"reply": ["parent", "parent_author", "root"], "quote": ["post", "author"]}

USER = {1: ("user", ID)}
POST = {
    1: ("author", ID),
    2: ("visibility", "visibility"),
    3: ("reply", "reply"),
    4: ("quote", "quote"),
    5: ("tags", TEXTS),
    6: ("mentions", IDS),
    7: ("media", MEDIA),
    8: ("poll", POLL),
    9: ("story", FLAG),
    10: ("link", FLAG),
    12: ("order", ID),
}
DRAFT = POST | {11: ("scheduled", TIME)}
AUTHOR = {1: ("author", ID)}
ONE_POST = {1: ("post", ID)}
LIST = {1: ("list", ID)}
SHARE = {1: ("share", ID), 2: ("author", ID)}

# type: (name, {field number: (name, kind)})
TYPES = {
    1: ("user.signed_up", {1: ("username", TEXT), 2: ("texts", BITS)}),
    2: ("user.password_changed", {}),
    3: (
        "user.profile_changed",
        {1: ("private", FLAG), 2: ("messages", "messages"), 3: ("texts", BITS)},
    ),
    4: (
        "user.token_issued",
        {1: ("token", ID), 2: ("scope", "scope"), 3: ("expires", TIME), 4: ("hash", BYTES)},
    ),
    5: ("user.token_revoked", {1: ("token", ID)}),
    6: ("user.followed", USER),
    7: ("user.unfollowed", USER),
    8: ("user.follow_requested", USER),
    9: ("user.follow_request_withdrawn", USER),
    10: ("user.follow_accepted", USER),
    11: ("user.follow_rejected", USER),
    12: ("user.blocked", USER),
    13: ("user.unblocked", USER),
    14: ("user.muted", USER),
    15: ("user.unmuted", USER),
    16: ("user.inbox_read", {1: ("through", POSITION)}),
    17: ("user.inbox_item_read", {1: ("item", POSITION)}),
    18: ("user.request_answered", {}),
    19: ("user.erased", {}),
    20: ("user.verified", {1: ("verified", FLAG)}),
    21: ("user.bookmarked", ONE_POST),
    22: ("user.unbookmarked", ONE_POST),
    23: ("user.pinned", ONE_POST),
    24: ("user.unpinned", ONE_POST),
    25: ("user.media_added", {1: ("media", ID), 2: ("kind", "medium")}),
    26: ("user.tag_followed", {1: ("tag", TEXT)}),
    27: ("user.tag_unfollowed", {1: ("tag", TEXT)}),
    28: ("user.list_made", LIST),
    29: ("user.list_dropped", LIST),
    30: ("user.list_added", LIST | {2: ("user", ID)}),
    31: ("user.list_removed", LIST | {2: ("user", ID)}),
    32: ("user.reported", {1: ("report", ID), 2: ("user", ID), 3: ("post", ID)}),
    33: ("user.report_closed", {1: ("report", ID)}),
    40: ("post.published", POST),
    41: ("post.deleted", POST),
    42: ("post.liked", AUTHOR),
    43: ("post.unliked", AUTHOR),
    44: ("post.shared", SHARE),
    45: ("post.unshared", SHARE),
    46: ("post.drafted", DRAFT),
    47: ("post.redrafted", DRAFT),
    48: ("post.released", POST),
    49: ("post.discarded", {}),
    50: (
        "post.edited",
        POST
        | {
            13: ("removed_tags", TEXTS),
            14: ("removed_mentions", IDS),
            17: ("added_tags", TEXTS),
            18: ("added_mentions", IDS),
        },
    ),
    51: ("post.reacted", AUTHOR | {2: ("emoji", TEXT)}),
    52: ("post.unreacted", AUTHOR),
    53: ("post.voted", AUTHOR | {2: ("options", NUMBERS)}),
    54: ("post.poll_closed", AUTHOR),
    55: ("post.viewed", AUTHOR),
    56: ("post.moderated", POST | {15: ("from", "moderation"), 16: ("to", "moderation")}),
    70: ("chat.opened", {1: ("direct", FLAG), 2: ("members", IDS)}),
    71: ("chat.left", {}),
    72: ("chat.said", {1: ("message", ID), 2: ("reply", ID), 3: ("media", MEDIA)}),
    73: ("chat.read", {1: ("through", ID)}),
    74: ("chat.added", {1: ("members", IDS)}),
    75: ("chat.removed", USER),
    76: ("chat.role_changed", USER | {2: ("admin", FLAG)}),
    77: ("chat.titled", {}),
    78: ("chat.unsaid", {1: ("message", ID)}),
    100: ("tag.reviewed", {1: ("trending_allowed", FLAG)}),
}
SECRETS = {
    1: "text",
    2: "warning",
    3: "name",
    4: "bio",
    5: "avatar",
    6: "email",
    7: "password_hash",
    8: "title",
    9: "label",
    10: "link",
    11: "alt",
    12: "options",
}
PUBLISHED, SHARED = 40, 44
# The newest version of kinds of events that have had more than one.
VERSIONS = {PUBLISHED: 3, 41: 2, SHARED: 2, 72: 2}
IDENTIFIERS = 1 << 64


class Damage(Exception):
    """What is wrong, and where."""

    def __init__(self, position, problem):
        place = "" if position is None else f" at position {position}"
        super().__init__(f"the journal is damaged{place}: {problem}")


class Tree:
    """The Merkle tree over all records (RFC 6962), as the roots of its complete subtrees."""

    STORED_EVERY = 10

    def __init__(self, stored):
        self.size, self.peaks = 0, []
        self.stored = dict(stored)
        self.stored_size = None
        if b"tree" in self.stored:
            self.stored_size, peaks = cbor2.loads(self.content(b"tree"))
            self.stored_peaks = [peaks[at : at + 32] for at in range(0, len(peaks), 32)]

    def content(self, key):
        """What is stored under a key, without its checksum."""
        value = self.stored.get(key, b"")
        if struct.pack("<I", zlib.crc32(key + value[4:])) != value[:4]:
            raise Damage(None, "a part of its tree is missing or does not fit its checksum")
        return value[4:]

    def add(self, position, base_time, nonce, data):
        head = b"\0" + struct.pack(">Qq", position, base_time) + nonce
        root, height, index = hashlib.sha256(head + data).digest(), 0, self.size
        while index & 1:
            root = hashlib.sha256(b"\1" + self.peaks.pop() + root).digest()
            height, index = height + 1, index >> 1
            if height % self.STORED_EVERY == 0 and position <= (self.stored_size or 0):
                key = b"tree" + bytes([height]) + struct.pack(">Q", index)
                if self.content(key) != root:
                    raise Damage(position, f"its tree does not fit the {1 << height} events before")
        self.peaks.append(root)
        self.size += 1
        if self.size == self.stored_size and self.peaks != self.stored_peaks:
            raise Damage(position, "its tree does not fit the events before")

    def root(self):
        if self.stored_size is not None and self.stored_size > self.size:
            raise Damage(None, f"its tree is of {self.stored_size} events, it ends at {self.size}")
        root = self.peaks[-1] if self.peaks else hashlib.sha256(b"").digest()
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        return root


def kind_of(code):
    return "user" if code < 40 else "post" if code < 70 else "chat" if code < 100 else "tag"


def field_value(kind, value):
    if kind == ID:
        return str(value)
    if kind == IDS:
        return [str(item) for item in value]
    if kind == BYTES:
        return value.hex()
    if kind == MEDIA:
        return [
            {"id": str(medium), "kind": NAMES["medium"][form], "position": position}
            for medium, form, position in value
        ]
    if kind == POLL:
        return dict(zip(["options", "multiple", "seconds"], value))
    if kind in NAMES:
        return NAMES[kind][value]
    if kind in GROUPS:
        return {name: str(item) for name, item in zip(GROUPS[kind], value, strict=True)}
    return value


def byte_strings(body, position):
    """The records of a block: concatenated CBOR byte strings."""
    offset = 0
    while offset < len(body):
        head = body[offset]
        if head >> 5 != 2 or head & 31 > 27:
            raise Damage(position, "a record is not a byte string")
        width = 0 if head & 31 < 24 else 1 << (head & 31) - 24
        length = head & 31
        if width:
            length = int.from_bytes(body[offset + 1 : offset + 1 + width], "big")
        offset += 1 + width
        if offset + length > len(body):
            raise Damage(position, "a record ends after its block")
        yield body[offset : offset + length]
        offset += length


def open_block(block, first):
    """What a block says: first position, count, base time, salt, body, hash. The body of a packed
    block is put together: the open part with the sealed texts in their places."""
    form, begins, count, base_time, salt, *parts, link = cbor2.loads(block)
    if form not in (PLAIN, PACKED) or len(parts) != (1 if form == PLAIN else 4) or begins != first:
        raise Damage(first, "its block is of another format or place")
    if form == PLAIN:
        return count, base_time, salt, parts[0], link
    size, packed, texts, checksum = parts
    # Behind it: the heads of checksum and hash, and the hash.
    if struct.pack("<I", zlib.crc32(block[: -34 - 5])) != checksum:
        raise Damage(first, "the checksum of its block does not fit")
    if not 0 < size <= OPEN_BYTES_MAX or zstandard.frame_content_size(packed) > size:
        raise Damage(first, "its open part does not have the size that it says")
    content = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
    if len(content) != size:
        raise Damage(first, "its open part does not have the size that it says")
    sealed, body = cbor2.CBORDecoder(io.BytesIO(texts)), []
    for index, record in enumerate(byte_strings(content, first)):
        # The last of eight elements; of nine the one before a digest of 17 bytes.
        place = {0x88: len(record) - 1, 0x89: len(record) - 18}.get(record[0])
        if place is not None and record[place] == 0xF5:
            if sealed.decode() != index:
                raise Damage(first, "a text in it is not that of its event")
            record = record[:place] + cbor2.dumps(sealed.decode()) + record[place + 1 :]
        body.append(cbor2.dumps(struct.pack("<I", zlib.crc32(record)) + record))
    return count, base_time, salt, b"".join(body), link


class Keys:
    """Opens what is sealed."""

    def __init__(self, directory):
        self.environment = lmdb.open(
            os.path.join(directory, "keys"), readonly=True, max_dbs=8, create=False
        )
        self.table = self.environment.open_db(b"keys", create=False)

    def unseal(self, sealed, actor, position, salt, index):
        """Fields by name; "erased" when the key is gone."""
        user = struct.pack(">Q", actor)
        with self.environment.begin(db=self.table) as transaction:
            value = transaction.get(user)
        if value is None or len(value) == 4:
            return "erased"
        key, checksum = value[:-4], value[-4:]
        if struct.pack("<I", zlib.crc32(user + key)) != checksum:
            raise Damage(position, "the key of its author does not fit its checksum")
        nonce = nonce_of(salt, index)
        associated = struct.pack(">QQ", position, actor)
        try:
            plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed, associated, nonce, key
            )
        except exceptions.CryptoError:
            problem = "its text cannot be unsealed with the key of its author"
            raise Damage(position, problem) from None
        return {SECRETS[number]: text for number, text in cbor2.loads(plain).items()}


def mean(code, version, fields, time, actor, position):
    """What the stored fields mean, every one of them spelled out: those of the newest version with
    what their record says, those of an older one as they are, if they do not contradict it."""
    meaning = dict(fields)
    if code == PUBLISHED and version < 3:
        if fields[1] != actor:
            raise Damage(position, "its author is not who published it")
    elif code == PUBLISHED:
        meaning[1] = actor
        if len(fields.get(3, [])) == 2:
            meaning[3] = [*fields[3], fields[3][0]]
    elif code == SHARED and version == 2:
        meaning[1] = ((time << 22) + fields[1]) % IDENTIFIERS
    return meaning


def stored_value(kind, value):
    """A field as it is stored, where that is not as it is meant."""
    if kind == "reply" and len(value) == 2:
        return {name: str(item) for name, item in zip(GROUPS[kind], value)}
    return value if kind == "distance" else field_value(kind, value)


def read_record(data, position, base_time, salt, index, keys, is_stored=False):
    if struct.pack("<I", zlib.crc32(data[4:])) != data[:4]:
        raise Damage(position, "the record's checksum does not fit")
    item = cbor2.loads(data[4:])
    item += [None] * (9 - len(item))
    code, version, delta, actor, entity, sequence, fields, sealed, _request = item
    if code not in TYPES or not 1 <= version <= VERSIONS.get(code, 1):
        raise Damage(position, f"unknown event type {code} version {version}")
    name, schema = TYPES[code]
    record = {
        "position": position,
        "time": base_time + delta,
        "actor": f"user:{actor}",
        "entity": f"{kind_of(code)}:{actor if entity is None else entity}",
        "sequence": sequence,
        "type": name,
        "version": version,
        "fields": {},
    }
    meaning = mean(code, version, fields, base_time + delta, actor, position)
    if is_stored:
        for number, value in fields.items():
            field, kind = schema[number]
            if code == SHARED and version == 2 and number == 1:
                kind = "distance"
            record["fields"][field] = stored_value(kind, value)
    else:
        if code in (PUBLISHED, SHARED):
            record["version"] = VERSIONS[code]
        for number, value in meaning.items():
            field, kind = schema[number]
            record["fields"][field] = field_value(kind, value)
    if sealed is not None and keys is not None:
        record["text"] = keys.unseal(sealed, actor, position, salt, index)
    return record


def nonce_of(salt, index):
    """What the text of a block's record is sealed with; zeros in a block without sealed text."""
    if not salt:
        return bytes(24)
    tail = int.from_bytes(salt[-4:], "little") ^ index
    return salt[:-4] + tail.to_bytes(4, "little")


def read_journal(directory, keys, is_stored=False):
    """Every record in order, each with the tree up to there."""
    path = os.path.join(directory, "journal")
    environment = lmdb.open(path, readonly=True, max_dbs=8, create=False)
    events = environment.open_db(b"events", create=False)
    meta = environment.open_db(b"meta", create=False)
    previous, expected = bytes(32), 1
    with environment.begin(db=events) as transaction:
        stated = transaction.get(b"format", b"", db=meta)
        if struct.pack("<I", zlib.crc32(stated[4:])) != stated[:4]:
            raise Damage(None, "its format entry is missing or does not fit its checksum")
        if cbor2.loads(stated[4:])[0] not in FORMATS:
            raise ValueError("its format is newer than this program")
        tree = Tree(transaction.cursor(db=meta))
        yield None, tree
        for key, block in transaction.cursor():
            first = int.from_bytes(key, "big")
            if first != expected:
                raise Damage(expected, "its block is missing")
            if block[-34:-32] != b"\x58\x20":
                raise Damage(first, "its block does not end with a hash")
            link = hashlib.blake2b(previous + block[:-34], digest_size=32).digest()
            if link != block[-32:]:
                raise Damage(first, "the hash of its block does not fit")
            count, base_time, salt, body, previous = open_block(block, first)
            index = -1
            for index, data in enumerate(byte_strings(body, first)):
                record = read_record(
                    data, first + index, base_time, salt, index, keys, is_stored
                )
                tree.add(first + index, base_time, nonce_of(salt, index), data)
                yield record, tree
            if index + 1 != count:
                raise Damage(first, "its block does not hold as many records as it says")
            expected = first + count
        tree.root()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", help="the data directory")
    parser.add_argument(
        "--from", dest="start", type=int, default=1, help="the first position printed"
    )
    parser.add_argument("--open-only", action="store_true", help="leave out what is sealed")
    parser.add_argument("--root", action="store_true", help="print the tree's size and root only")
    parser.add_argument("--stored", action="store_true", help="print versions as they are stored")
    arguments = parser.parse_args()
    try:
        keys = None if arguments.open_only else Keys(arguments.directory)
        for record, tree in read_journal(arguments.directory, keys, arguments.stored):
            if not arguments.root and record and record["position"] >= arguments.start:
                line = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                sys.stdout.buffer.write(line.encode() + b"\n")
        if arguments.root:
            print(json.dumps({"size": tree.size, "root": tree.root().hex()}))
    except Damage as damage:
        sys.exit(str(damage))
    except (
        lmdb.Error, cbor2.CBORDecodeError, zstandard.ZstdError, ValueError, KeyError, IndexError,
    ) as error:
        sys.exit(f"{arguments.directory} cannot be read: {error!r}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
