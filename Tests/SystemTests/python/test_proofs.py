"""An auditor keeps checkpoints and holds the journal against them; whoever had the machine may have
recomputed everything in it."""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys

import lmdb
import pytest

from harness.server import ROOT, Server, run
from tampering import Tampered
from test_durability import live_a_little

sys.path.insert(0, os.path.join(ROOT, "tools"))
import verify_proof  # noqa: E402

VERIFIER = os.path.join(ROOT, "tools", "verify_proof.py")
READER = os.path.join(ROOT, "tools", "journal.py")
ADDED_EVENTS_MIN = 5
FLIPS = 400


class Audit:
    """A town, two checkpoints of it, and the journal as it was at the first and afterwards."""

    def __init__(self, directory):
        self.directory = directory
        self.early, self.data = directory / "early", directory / "data"
        self.first, self.second = directory / "first.checkpoint", directory / "second.checkpoint"
        signing = directory / "signing.key"
        with Server(self.data, "--shards", 2) as server:
            live_a_little(server)
            self.key = self.sign(signing, self.first)
            assert server.terminate() == 0
        shutil.copytree(self.data, self.early)
        with Server(self.data, "--shards", 2) as server:
            live_a_little(server)
            assert self.sign(signing, self.second) == self.key
            assert server.terminate() == 0
        self.size = int(self.first.read_text().splitlines()[1])
        self.end = int(self.second.read_text().splitlines()[1])
        assert self.size + ADDED_EVENTS_MIN < self.end

    def sign(self, key, checkpoint):
        """Beside the running server."""
        done = run("checkpoint", "--data", self.data, "--key", key, "--name", "audit.example/town",
                   "--out", checkpoint)
        assert done.returncode == 0 and done.stdout == "", done.stderr
        assert oct(os.stat(key).st_mode & 0o777) == "0o600"
        return done.stderr.strip().removeprefix("public key: ")

    def prove(self, *words):
        proved = run("prove", "--data", self.data, *words)
        assert proved.returncode == 0, proved.stderr
        return proved.stdout

    def verify(self, data, checkpoint=None):
        """Standard error of `verify --quick`; None where it is content."""
        held = ["--checkpoint", checkpoint, "--key", self.key] if checkpoint else []
        done = run("verify", "--data", data, "--quick", *held)
        assert done.returncode in (0, 1)
        assert (done.returncode == 0) == (done.stderr == "")
        return done.stderr or None


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    return Audit(tmp_path_factory.mktemp("audit"))


def judge(*words):
    """What verify_proof.py makes of it, as a program."""
    return subprocess.run(
        [sys.executable, VERIFIER, *map(str, words)], capture_output=True, text=True, timeout=60)


def accepts(audit, proof, checkpoint, since=None):
    """The same without a process; the proof is a file."""
    words = argparse.Namespace(
        key=audit.key, checkpoint=str(checkpoint), since=since and str(since), event=None,
        proof=proof and str(proof))
    try:
        verify_proof.check(words)
        return True
    except verify_proof.Refused:
        return False


# Proofs, and who checks them.


def test_a_checkpoint_is_checked_on_its_own(audit):
    done = judge("--key", audit.key, "--checkpoint", audit.first)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{audit.size} events, signed by audit.example/town at 20")
    name, _, key = audit.key.split("+", 2)
    for other in [f"{name}+00000000+{key}", "nonsense", audit.key.replace("audit", "other")]:
        refused = judge("--key", other, "--checkpoint", audit.first)
        assert refused.returncode == 1 and refused.stderr.count("\n") == 1


def test_every_event_of_a_checkpoint_is_proved_to_be_what_tail_prints(audit, tmp_path):
    lines = run("tail", "--data", audit.data, "--from", "1", "--json").stdout.splitlines()
    for position in [1, 2, 63, 64, 65, audit.size - 1, audit.size]:
        (tmp_path / "proof").write_text(audit.prove(position, "--checkpoint", audit.first))
        (tmp_path / "line").write_text(lines[position - 1])
        words = ["--key", audit.key, "--checkpoint", audit.first, tmp_path / "proof"]
        done = judge(*words, "--event", tmp_path / "line")
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith(f"the event is at position {position} of {audit.size}\n")
        (tmp_path / "line").write_text(lines[position])
        refused = judge(*words, "--event", tmp_path / "line")
        assert refused.returncode == 1 and "differs from the proved one in: " in refused.stderr
        other = judge("--key", audit.key, "--checkpoint", audit.second, tmp_path / "proof")
        assert other.returncode == 1 and "not for this checkpoint" in other.stderr


def test_a_later_checkpoint_is_proved_to_extend_an_earlier_one(audit, tmp_path):
    (tmp_path / "proof").write_text(audit.prove("--between", audit.size, audit.end))
    words = ["--key", audit.key, "--checkpoint", audit.second]
    done = judge(*words, "--since", audit.first, tmp_path / "proof")
    assert done.returncode == 0, done.stderr
    assert f"the {audit.size} events of the older checkpoint begin the {audit.end}" in done.stdout
    for refused in [judge(*words, tmp_path / "proof"),
                    judge("--key", audit.key, "--checkpoint", audit.first, "--since",
                          audit.second, tmp_path / "proof")]:
        assert refused.returncode == 1 and refused.stderr.count("\n") == 1


def test_proofs_are_short(audit):
    digits = audit.end.bit_length()
    for position in range(1, audit.end + 1, 7):
        assert len(json.loads(audit.prove(position))["path"]) <= digits
    between = json.loads(audit.prove("--between", audit.size, audit.end))
    assert len(between["path"]) <= digits + 1


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_a_flipped_bit_in_a_proof_is_refused(audit, kind, tmp_path):
    proof, checkpoint, since = tmp_path / "proof", audit.second, None
    if kind == "inclusion":
        proof.write_text(audit.prove(audit.size, "--checkpoint", audit.second))
    else:
        proof.write_text(audit.prove("--between", audit.size, audit.end))
        since = audit.first
    assert accepts(audit, proof, checkpoint, since)
    right = proof.read_bytes()
    chance = random.Random(5)
    for _ in range(FLIPS):
        changed = bytearray(right)
        at, bit = chance.randrange(len(right)), chance.randrange(8)
        changed[at] ^= 1 << bit
        proof.write_bytes(changed)
        assert not accepts(audit, proof, checkpoint, since), f"bit {bit} of byte {at}"


def test_a_flipped_bit_in_a_checkpoint_is_refused(audit, tmp_path):
    right = audit.first.read_bytes()
    for at in range(len(right)):
        changed = bytearray(right)
        changed[at] ^= 1 << at % 8
        (tmp_path / "changed").write_bytes(changed)
        assert not accepts(audit, None, tmp_path / "changed"), f"byte {at}"


def test_the_independent_reader_has_the_same_root(audit):
    done = subprocess.run(
        [sys.executable, READER, audit.data, "--root"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    ours = json.loads(audit.prove("1"))
    assert theirs == {"size": audit.end, "root": ours["root"]}


# Tampering.


def untouched(journal, audit):
    pass


def edit(journal, audit):
    liked = journal.at(journal.find("post.liked", audit.size))
    liked.fields[1] += 1


def edit_text(journal, audit):
    place = journal.find("post.published")
    journal.at(place).plain = journal.at(place).plain.replace(b"number", b"rumour")


def edit_time(journal, audit):
    events = journal.events()
    events[0].time -= 1


def drop(journal, audit):
    journal.drop(journal.find("post.liked", audit.size))


def insert(journal, audit):
    journal.insert_copy(journal.find("post.liked", audit.size))


def swap(journal, audit):
    journal.swap(journal.find("post.liked"), journal.find("user.followed", audit.size))


def truncate(journal, audit):
    journal.truncate(audit.size - 1)


CHANGES = [edit, edit_text, edit_time, drop, insert, swap]


def tampered(audit, change, target, tree="new"):
    shutil.copytree(audit.data, target)
    journal = Tampered(str(target))
    change(journal, audit)
    journal.write(tree)
    return target


def test_the_tamperer_writes_what_we_write(audit, tmp_path):
    """Else nothing would follow from what is found below."""
    copy = tampered(audit, untouched, tmp_path / "data")
    for checkpoint in (None, audit.first, audit.second):
        assert audit.verify(copy, checkpoint) is None
    lines = [run("tail", "--data", data, "--from", "1", "--json").stdout
             for data in (copy, audit.data)]
    assert lines[0] == lines[1]


@pytest.mark.parametrize("tree", ["new", "none"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_before_a_checkpoint_is_exposed(audit, change, tree, tmp_path):
    copy = tampered(audit, change, tmp_path / "data", tree)
    assert audit.verify(copy) is None, "the journal alone shows nothing"
    for checkpoint, size in [(audit.first, audit.size), (audit.second, audit.end)]:
        said = audit.verify(copy, checkpoint)
        if change is drop and size == audit.end:
            assert f"but the checkpoint has {size} events" in said
        else:
            assert f"its first {size} events are not those of the checkpoint" in said
    refused = run("prove", "--data", copy, audit.size, "--checkpoint", audit.first)
    assert refused.returncode == 1
    assert "does not begin with" in refused.stderr


def test_what_is_changed_after_a_checkpoint_is_exposed_by_the_next_one(audit, tmp_path):
    def edit_late(journal, audit):
        liked = journal.at(journal.find("post.liked", audit.end))
        assert liked.position > audit.size
        liked.fields[1] += 1

    copy = tampered(audit, edit_late, tmp_path / "data")
    assert audit.verify(copy, audit.first) is None
    assert f"its first {audit.end} events are not those" in audit.verify(copy, audit.second)


def test_an_end_that_was_cut_off_is_named(audit, tmp_path):
    copy = tampered(audit, truncate, tmp_path / "data")
    assert audit.verify(copy) is None
    said = audit.verify(copy, audit.first)
    assert f"at position {audit.size}" in said
    assert f"it ends before that, but the checkpoint has {audit.size} events" in said


def test_a_journal_that_was_set_back_is_named(audit, tmp_path):
    """The same directory as it was at an earlier time, with nothing wrong in it."""
    assert audit.verify(audit.early, audit.first) is None
    said = audit.verify(audit.early, audit.second)
    assert f"the checkpoint has {audit.end} events" in said
    shutil.copytree(audit.early, tmp_path / "data")
    with Server(tmp_path / "data") as server:
        live_a_little(server)
        live_a_little(server)
        assert server.terminate() == 0
    assert audit.verify(tmp_path / "data", audit.first) is None
    said = audit.verify(tmp_path / "data", audit.second)
    assert f"its first {audit.end} events are not those of the checkpoint" in said


def test_a_tree_that_was_left_as_it_was_gives_the_change_away(audit, tmp_path):
    copy = tampered(audit, edit, tmp_path / "data")
    source = lmdb.open(str(audit.data / "journal"), readonly=True, lock=False, max_dbs=8)
    meta = source.open_db(b"meta", create=False)
    with source.begin(db=meta) as transaction:
        peaks = transaction.get(b"tree")
    source.close()
    journal = Tampered(str(copy))
    replace = journal.replace
    journal.replace = lambda blocks, meta, moved: replace(blocks, meta | {b"tree": peaks}, moved)
    journal.write()
    assert f"its tree over the events up to {audit.end} does not fit" in audit.verify(copy)


@pytest.mark.parametrize("change", CHANGES)
def test_a_new_checkpoint_of_a_changed_journal_does_not_extend_the_old_one(
        audit, change, tmp_path):
    """Even signed with the stolen key."""
    copy = tampered(audit, change, tmp_path / "data")
    forged = tmp_path / "forged"
    done = run("checkpoint", "--data", copy, "--key", audit.directory / "signing.key", "--out",
               forged)
    assert done.returncode == 0, done.stderr
    assert accepts(audit, None, forged)
    end = int(forged.read_text().splitlines()[1])
    between = run("prove", "--data", copy, "--between", audit.size, end)
    (tmp_path / "proof").write_text(between.stdout)
    assert not accepts(audit, tmp_path / "proof", forged, audit.first)
