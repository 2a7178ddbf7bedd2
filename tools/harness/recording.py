"""What a program did to its disk, as tools/faults/shim.c wrote it down, and the disks that a loss
of power may leave at any moment of it."""

import os
import struct
from dataclasses import dataclass

SECTOR = 512
# What may be left of the writes to one file.
WAYS = ["nothing", "everything", "beginning", "some", "sectors", "sectors", "late"]

(OPENED, WRITTEN, WRITE_BEGUN, WRITE_ENDED, TRUNCATED, SYNC_BEGUN, SYNC_ENDED, RENAMED, LINKED,
 UNLINKED, MADE_DIRECTORY, REMOVED_DIRECTORY, MAPPED_WRITABLE, ACCEPTED, SENT) = range(1, 16)
CREATED, IS_DIRECTORY, FAILED, IS_DSYNC = 1, 2, 4, 8

_HEADER = struct.Struct("<IBBHiIIIQQ")


@dataclass(slots=True)
class Record:
    """One line of the log. `offset` is a length for truncations, a port for connections."""

    kind: int
    flags: int
    descriptor: int
    inode: int
    offset: int
    path: str
    other: str
    data: bytes


def read_log(path):
    with open(path, "rb") as file:
        content = file.read()
    records, at = [], 0
    while at < len(content):
        (size, kind, flags, _, descriptor, path_bytes, other_bytes, data_bytes, inode,
         offset) = _HEADER.unpack_from(content, at)
        start = at + _HEADER.size
        names = content[start:start + path_bytes + other_bytes].decode()
        data_at = start + path_bytes + other_bytes
        records.append(Record(
            kind, flags, descriptor, inode, offset, names[:path_bytes], names[path_bytes:],
            content[data_at:data_at + data_bytes]))
        at += size
    return records


class File:
    """Bytes that are durable, and changes that wait, with their numbers."""

    def __init__(self):
        self.durable = bytearray()
        self.waiting = []
        self.is_mapped = False


class Directory:
    def __init__(self):
        self.entries = {}


@dataclass(slots=True)
class NameChange:
    """`node` gets a name, loses one, or both at once."""

    number: int
    node: object
    old: tuple | None
    new: tuple | None

    def concerns(self, directory):
        return any(place and place[0] is directory for place in (self.old, self.new))

    def apply(self, entries):
        """To the entries of each directory; not where it has become impossible."""
        if self.old and entries(self.old[0]).get(self.old[1]) is not self.node:
            return
        if self.new:
            there = entries(self.new[0]).get(self.new[1])
            if isinstance(there, Directory) and entries(there):
                return
        if self.old:
            del entries(self.old[0])[self.old[1]]
        if self.new:
            entries(self.new[0])[self.new[1]] = self.node


def overwrite(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def truncate(content, length):
    if len(content) > length:
        del content[length:]
    else:
        content.extend(bytes(length - len(content)))


class Disk:
    """A disk while a log is played: feed it records one by one, and ask for what may be left."""

    def __init__(self):
        self.number = 0
        self.root = Directory()
        self.live = {self.root: {}}
        self.by_inode = {}
        self.names_waiting = []
        # The beginning of the newest sync that has ended: a file system with a journal has then
        # written every name that was changed before.
        self.journaled = 0
        self.begun = {}

    # MARK: Playing the log

    def apply(self, record):
        self.number += 1
        kind = record.kind
        if kind == OPENED:
            self._open(record)
        elif kind in (WRITTEN, WRITE_BEGUN):
            self.by_inode[record.inode].waiting.append((self.number, record.offset, record.data))
            self.begun[("write", record.descriptor)] = self.number
        elif kind == WRITE_ENDED and not record.flags & FAILED:
            self._end_write(record)
        elif kind == TRUNCATED:
            self.by_inode[record.inode].waiting.append((self.number, record.offset, None))
        elif kind == SYNC_BEGUN:
            self.begun[("sync", record.descriptor)] = self.number
        elif kind == SYNC_ENDED and not record.flags & FAILED:
            self._end_sync(record)
        elif kind == MAPPED_WRITABLE:
            self.by_inode[record.inode].is_mapped = True
        elif kind in (RENAMED, LINKED, UNLINKED, MADE_DIRECTORY, REMOVED_DIRECTORY):
            self._change_names(record)

    def _place(self, path):
        """The directory of a path and the name in it, as the running program sees them."""
        directory = self.root
        *parents, name = path.split("/")
        for parent in parents:
            directory = self.live[directory][parent]
        return directory, name

    def _node(self, path):
        path = os.path.normpath(path)
        if path == ".":
            return self.root
        directory, name = self._place(path)
        return self.live[directory][name]

    def content(self, path):
        """Of a file, as the running program sees it."""
        file = self._node(path)
        content = bytearray(file.durable)
        for change in file.waiting:
            apply_change(content, change)
        return bytes(content)

    def _open(self, record):
        if record.flags & CREATED:
            node = self.by_inode[record.inode] = File()
            self._name(node, None, self._place(record.path))

    def _name(self, node, old, new):
        change = NameChange(self.number, node, old, new)
        change.apply(self.live.__getitem__)
        self.names_waiting.append(change)

    def _change_names(self, record):
        path, kind = record.path, record.kind
        if kind == MADE_DIRECTORY:
            node = Directory()
            self.live[node] = {}
            self._name(node, None, self._place(path))
        elif kind == LINKED:
            self._name(self._node(path), None, self._place(record.other))
        elif kind == RENAMED:
            self._name(self._node(path), self._place(path), self._place(record.other))
        else:
            self._name(self._node(path), self._place(path), None)

    def _end_write(self, record):
        file = self.by_inode[record.inode]
        number = self.begun.pop(("write", record.descriptor))
        for change in [change for change in file.waiting if change[0] == number]:
            overwrite(file.durable, change[1], change[2])
            file.waiting.remove(change)

    def _end_sync(self, record):
        number = self.begun.pop(("sync", record.descriptor))
        self.journaled = max(self.journaled, number)
        if record.flags & IS_DIRECTORY:
            directory = self._node(record.path)
            for change in self.names_waiting:
                if change.number < number and change.concerns(directory):
                    change.apply(lambda node: node.entries)
            self.names_waiting = [
                change for change in self.names_waiting
                if change.number >= number or not change.concerns(directory)]
            return
        file = self.by_inode[record.inode]
        for change in file.waiting:
            if change[0] < number:
                apply_change(file.durable, change)
        file.waiting = [change for change in file.waiting if change[0] >= number]

    # MARK: What may be left

    def after_power_loss(self, chance, extreme=None):
        """A tree of names and bytes: what was synced, and of the rest what chance leaves. With
        `extreme` "nothing" or "everything", none or all of it."""
        entries = {}

        def entries_of(directory):
            if directory not in entries:
                entries[directory] = dict(directory.entries)
            return entries[directory]

        for change in self._kept_names(chance, extreme):
            change.apply(entries_of)
        return self._tree(self.root, entries_of, chance, extreme)

    def _kept_names(self, chance, extreme):
        waiting = self.names_waiting
        if extreme:
            return waiting if extreme == "everything" else []
        way = chance.random()
        if way < 0.25:
            # A journal of names: everything before the newest sync, and a beginning of the rest.
            rest = sum(change.number < self.journaled for change in waiting)
            return waiting[:chance.randint(rest, len(waiting))]
        if way < 0.5:
            return waiting[:chance.randint(0, len(waiting))]
        if way < 0.65:
            return waiting
        return [change for change in waiting if chance.random() < 0.5]

    def _tree(self, directory, entries_of, chance, extreme):
        tree = {}
        for name, node in sorted(entries_of(directory).items(), key=lambda entry: entry[0]):
            if isinstance(node, Directory):
                tree[name] = self._tree(node, entries_of, chance, extreme)
            else:
                tree[name] = self._content(node, chance, extreme)
        return tree

    def _content(self, file, chance, extreme):
        if file.is_mapped:
            # Written by the kernel when it pleases: anything may be in it.
            return Mapped(chance.choice([0, 4_096, 65_536]), chance.random() < 0.5)
        content = bytearray(file.durable)
        if extreme:
            for change in file.waiting if extreme == "everything" else []:
                apply_change(content, change)
            return bytes(content)
        keep(content, file.waiting, chance)
        return bytes(content)


@dataclass(frozen=True)
class Mapped:
    """A file that was written through a map: so many bytes, zeros or not."""

    length: int
    is_noise: bool


def apply_change(content, change):
    _, offset, data = change
    if data is None:
        truncate(content, offset)
    else:
        overwrite(content, offset, data)


def keep(content, waiting, chance):
    """Applies what chance lets through: a beginning, any of the writes, or any of their sectors;
    the file may have grown without having been filled."""
    durable_bytes = len(content)
    way = chance.choice(WAYS)
    if way == "beginning":
        waiting = waiting[:chance.randint(0, len(waiting))]
    elif way == "nothing":
        waiting = []
    elif way == "some":
        waiting = [change for change in waiting if chance.random() < 0.5]
    elif way == "late":
        waiting = waiting[chance.randint(0, len(waiting)):]
    share = chance.choice([0.1, 0.5, 0.9])
    for change in waiting:
        if way != "sectors" or change[2] is None:
            apply_change(content, change)
            continue
        _, offset, data = change
        at = 0
        while at < len(data):
            # Up to the next boundary of a sector on the disk.
            end = min(len(data), at + SECTOR - (offset + at) % SECTOR)
            if chance.random() < share:
                overwrite(content, offset + at, data[at:end])
            at = end
    if chance.random() < 0.25:
        full = max([durable_bytes] + [c[1] + len(c[2]) for c in waiting if c[2] is not None])
        missing = full - len(content)
        if missing > 0:
            content.extend(chance.randbytes(missing) if chance.random() < 0.5 else bytes(missing))


def write_tree(tree, path, noise):
    """Puts a tree into a directory; `noise` is a source of bytes for maps."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    for name, node in tree.items():
        here = os.path.join(path, name)
        if isinstance(node, dict):
            write_tree(node, here, noise)
            continue
        if isinstance(node, Mapped):
            node = noise.randbytes(node.length) if node.is_noise else bytes(node.length)
        with open(here, "wb") as file:
            file.write(node)
        os.chmod(here, 0o600)


def fingerprint(tree, digest, path=""):
    """Feeds a tree to a hash; what a map left does not count."""
    for name, node in tree.items():
        here = f"{path}/{name}"
        if isinstance(node, dict):
            digest.update(here.encode() + b"/\0")
            fingerprint(node, digest, here)
        elif not isinstance(node, Mapped):
            digest.update(here.encode() + b"\0%d\0" % len(node) + node)
