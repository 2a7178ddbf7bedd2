"""Pages as of then: a town lives, its pages are recorded live, and `roost replay` shows them."""

import hashlib
import io
import json
import pathlib
import random
import struct
import subprocess
import sys
import time
import zlib

import cbor2
import pytest
import zstandard

from harness.clients import Refused, quoted
from harness.server import binary, run
from town import PASSWORD, Town

PAIRS = 1000
PEOPLE = 50
PAGES_A_ROUND = 8
STEP_MS = 600_000
TAGS = ["higgs", "cern", "tea", "rain"]


def as_json(reply):
    return json.loads(json.dumps(reply))


class Life:
    """Random things that people do, and pages that they look at."""

    def __init__(self, server, town):
        self.random = random.Random(20120704)
        self.people = town.people(*[f"p{number}" for number in range(PEOPLE)])
        self.admin = town.admin()
        self.posts, self.chats = [], []
        self.recorded = []

    def someone(self):
        # The same few meet often.
        return self.random.choice(self.people if self.random.random() < 0.4 else self.people[:8])

    def act(self):
        person, other = self.someone(), self.someone()
        try:
            self.one_thing(person, other)
        except Refused:
            pass

    def one_thing(self, person, other):
        pick = self.random.choice
        what = pick(["post"] * 6 + ["reply", "quote", "like", "like", "share", "follow", "follow",
                                    "follow", "react", "edit", "delete", "unlike", "unshare",
                                    "read", "dm", "say", "mute", "unmute", "block", "unblock",
                                    "private", "story", "bookmark", "view", "unfollow", "poll",
                                    "name", "tag"])
        ask, post = person.ask, self.posts and pick(self.posts[-40:])
        if what == "post" or not self.posts:
            text = f"about #{pick(TAGS)}, {other.name} and {len(self.posts)}"
            if self.random.random() < 0.3:
                text += f" @{other.name}"
            visibility = pick(["public", "public", "public", "followers", "friends", "private"])
            self.posts.append(ask("POST", text, "VISIBILITY", visibility))
        elif what == "reply":
            self.posts.append(ask("REPLY", post, f"well, {len(self.posts)}"))
        elif what == "quote":
            self.posts.append(ask("POST", "look at this", "QUOTE", post))
        elif what == "poll":
            self.posts.append(ask("POST", "which?", "POLL", 2, "one", "two"))
        elif what == "story":
            ask("POST", "only today", "STORY")
        elif what in ("like", "unlike", "share", "unshare", "bookmark", "view", "delete"):
            ask(what.upper(), post)
        elif what == "react":
            ask("REACT", post, pick("😀🎉"))
        elif what == "edit":
            ask("EDIT", post, f"better so #{pick(TAGS)}")
        elif what == "read":
            ask("INBOX", "READ", "ALL")
        elif what == "dm":
            ask("DM", other.name, "hello")
            self.chats.append(ask("CHATS")["items"][0]["id"])
        elif what == "say" and self.chats:
            ask("SAY", pick(self.chats), "hello again")
        elif what == "private":
            ask("PROFILE", "SET", "private", pick(["on", "off"]))
        elif what == "name":
            ask("PROFILE", "SET", "name", f"The {len(self.posts)}th", "bio", "as ever")
        elif what == "tag":
            ask("HASHTAG", "FOLLOW", pick(TAGS))
        elif what in ("follow", "unfollow", "mute", "unmute", "block", "unblock"):
            ask(what.upper(), other.name)

    def page(self, person, other):
        pick = self.random.choice
        kind = pick(["HOME", "HOME", "HOME", "INBOX", "INBOX", "TIMELINE", "TIMELINE", "TRENDING"]
                    + ["TAG", "PUBLIC", "CHATS", "THREAD", "GET", "PROFILE", "FOLLOWERS", "STORIES",
                       "HISTORY", "BOOKMARKS", "UNREAD"])
        if kind in ("TIMELINE", "PROFILE", "FOLLOWERS"):
            return [kind, other.name]
        if kind == "TAG":
            return [kind, pick(TAGS)]
        if kind in ("THREAD", "GET"):
            return [kind, pick(self.posts)]
        if kind == "HISTORY":
            return [kind, pick(self.chats)] if self.chats else ["CHATS"]
        if kind == "HOME" and self.random.random() < 0.4:
            first = person.ask("HOME", "COUNT", 3)
            if first["cursor"]:
                return ["HOME", "COUNT", 5, "AFTER", first["cursor"]]
        return [kind]

    def clock(self):
        seconds, micros = self.admin.ask("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def position(self):
        return self.admin.ask("JOURNAL", "INFO")["position"]

    def record(self):
        """A page, and when that was: a moment by the server's clock, at which nothing else happened
        and no step of the trends ended."""
        person, other = self.someone(), self.someone()
        words = self.page(person, other)
        while True:
            before, position = self.clock(), self.position()
            try:
                reply = person.ask_raw(*words)
            except Refused as refused:
                reply = {"error": {"code": refused.code, "message": refused.message}}
            moment = self.clock()
            if position == self.position() and before // STEP_MS == moment // STEP_MS:
                break
        # By position the clock stands at the newest event; what the clock alone changes is asked
        # for by time.
        by_time = words[0] in ("TRENDING", "STORIES") or self.random.random() < 0.5
        when = moment if by_time else position
        self.recorded.append((when, " ".join(quoted(word) for word in words), person.name,
                              as_json(reply)))


def views(server, recorded):
    """What replay shows of them, in the order of asking."""
    lines = "".join(f"{when}\t{view}\t{name}\n" for when, view, name, _ in recorded)
    shown = subprocess.run(
        [binary(), "replay", "--data", server.data, "--views", "-"], input=lines.encode(),
        capture_output=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_pages_as_of_then_are_the_pages_of_then(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "resp3") as town:
        life = Life(server, town)
        while len(life.recorded) < PAIRS:
            for _ in range(12):
                life.act()
            for _ in range(PAGES_A_ROUND):
                life.record()
            # What comes next is of a later millisecond than what was recorded.
            time.sleep(0.002)
            if len(life.recorded) == PAIRS // 2 // PAGES_A_ROUND * PAGES_A_ROUND:
                life.admin.ask("SNAPSHOT")
        asked = life.recorded[:]
        life.random.shuffle(asked)
        shown = views(server, asked)
        assert len(shown) == PAIRS
        wrong = [(one, other) for one, other in zip(asked, shown) if one[3] != other["reply"]]
        assert not wrong, f"{len(wrong)} of {PAIRS} differ, the first: {wrong[0]}"
        kinds = {view.split()[0] for _, view, _, _ in asked}
        assert {"HOME", "INBOX", "TIMELINE", "TRENDING"} <= kinds
        assert sum(bool(reply.get("items")) for *_, reply in asked if isinstance(reply, dict)) > 300

        # As of another time most of them are others.
        late = views(server, [(life.position(), *rest) for _, *rest in asked])
        assert sum(one[3] != other["reply"] for one, other in zip(asked, late)) > PAIRS // 2

        # From the snapshot as from the first event; nothing is written.
        when, view, name, reply = life.recorded[-1]
        for flags in [[], ["--no-snapshots"]]:
            one = run("replay", "--data", server.data, "--until", when, "--command", view,
                      "--as", name, *flags)
            assert json.loads(one.stdout) == reply, flags

        # A text that was erased since is not shown again.
        gone = town.people("gone")[0]
        post = gone.ask("POST", "forget this #erased")
        before = life.admin.ask("JOURNAL", "INFO")["position"]
        gone.ask("ERASE", PASSWORD)
        page = json.loads(run("replay", "--data", server.data, "--until", before, "--json",
                              "--view", f"get:{post}").stdout)
        assert page["reply"]["text"] is None and page["reply"]["author"] == "GONE"
        assert gone.name not in json.dumps(page["reply"])
    assert server.terminate() == 0


def test_the_past_is_only_read(make_server):
    server = make_server("data").start()
    with Town(server, "lines") as town:
        ada, = town.people("ada")
        ada.ask("POST", "once")
        for words in ["POST 'again'", "SNAPSHOT", "AUTH x", "PRESENCE " + ada.name, "TYPING 1",
                      "TOKEN NEW", "AS " + ada.name + " HOME"]:
            shown = run("replay", "--data", server.data, "--command", words, "--as", ada.name)
            assert shown.returncode == 1, words
            assert json.loads(shown.stdout)["error"]["code"] == "READONLY", words
        for words, flags in [("home:" + ada.name, ["--as", "bob"]), ("nothing:at", []), ("", [])]:
            shown = run("replay", "--data", server.data, "--view", words, *flags)
            assert shown.returncode == 2 and shown.stderr.count("\n") == 1, words
    assert server.terminate() == 0


OTHER_VERSION = """#!{python}
import json, subprocess, sys
words = sys.argv[1:]
if {is_old} and "--digests-at" in words:
    sys.exit(2)
shown = subprocess.run([{binary!r}] + words, stdout=subprocess.PIPE, check=True)
for line in shown.stdout.splitlines():
    told = json.loads(line)
    if told["position"] >= {parting}:
        told["digests"]["projections.inbox"] = "f" * 64
    print(json.dumps(told, separators=(",", ":")))
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A directory with a snapshot of some hundred events, that no server uses."""
    from harness.server import Server
    server = Server(tmp_path_factory.mktemp("then") / "data", "--shards", 2).start()
    with Town(server, "resp3") as town:
        life = Life.__new__(Life)
        life.random, life.posts, life.chats = random.Random(7), [], []
        life.people = town.people(*[f"s{number}" for number in range(8)])
        for _ in range(300):
            life.act()
    assert server.terminate() == 0
    return server.data


def test_diff_compares_positions_snapshots_and_what_was_written(small, tmp_path):
    end = json.loads(run("stat", "--data", small, "--json").stdout)["position"]
    assert run("diff", "--data", small, end, f"snapshot:{end}").returncode == 0
    shown = run("diff", "--data", small, end // 2, f"snapshot:{end}", "--json")
    assert shown.returncode == 1
    totals = {line["part"]: line for line in map(json.loads, shown.stdout.splitlines())
              if "equal" in line}
    assert len(totals) == 16 and totals["projections.timelines"]["changed"] > 0
    file = tmp_path / "home.json"
    file.write_text(run("replay", "--data", small, "--projection", "home", "--until", end // 2,
                        "--json").stdout)
    assert run("diff", "--data", small, "--projection", "home", file, end // 2).returncode == 0
    shown = run("diff", "--data", small, "--projection", "home", file, end)
    assert shown.returncode == 1 and "changed" in shown.stdout.splitlines()[0]
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    assert entries[0]["part"] == "projections.home" and "digest" in entries[-1]
    assert entries[-1]["entries"] == len(entries) - 2
    assert all({"key", "value"} <= set(entry) for entry in entries[1:-1])


@pytest.mark.parametrize("is_old", [False, True])
def test_bisect_finds_where_another_version_folds_otherwise(small, tmp_path, is_old):
    end = json.loads(run("stat", "--data", small, "--json").stdout)["position"]
    for parting in [1, end // 3, end, end + 1]:
        other = tmp_path / f"other{parting}"
        other.write_text(OTHER_VERSION.format(
            python=sys.executable, binary=binary(), parting=parting, is_old=is_old))
        other.chmod(0o755)
        shown = run("bisect", "--data", small, "--with", other, "--json")
        told = json.loads(shown.stdout.splitlines()[0])
        if parting > end:
            assert shown.returncode == 0 and told["position"] is None
        else:
            assert shown.returncode == 1
            assert told["position"] == parting and told["differs"] == ["projections.inbox"]
            assert json.loads(shown.stdout.splitlines()[1])["position"] == parting
    assert run("bisect", "--data", small).returncode == 0
    missing = run("bisect", "--data", small, "--with", tmp_path / "nothing")
    assert missing.returncode == 1 and "cannot be run" in missing.stderr


def test_another_version_may_print_so_much_and_no_more(small, tmp_path):
    other = tmp_path / "other"
    for count, reason in [(64 << 20, "printed no digests"), ((64 << 20) + 1, "printed more than")]:
        other.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.write('x' * {count})\n")
        other.chmod(0o755)
        shown = run("bisect", "--data", small, "--with", other)
        assert shown.returncode == 1 and reason in shown.stderr


def rewrite_snapshot(path, section, change):
    """The same snapshot with an entry changed, and with checksums that fit: by docs/format.md.
    `change` gets each key and value of the section, and answers a value or None for as it was."""
    data = path.read_bytes()
    content, at = b"", 8
    while True:
        compressed, length, _ = struct.unpack("<III", data[at:at + 12])
        if compressed == 0:
            break
        piece = data[at + 12:at + 12 + compressed]
        content += zstandard.ZstdDecompressor().decompress(piece, max_output_size=length)
        at += 12 + compressed
    reader, items, current, changed = io.BytesIO(content), b"", None, 0
    while reader.tell() < len(content):
        item = cbor2.load(reader)
        if item[0] == 1:
            current = item[1]
        elif item[0] == 2 and current == section:
            value = change(cbor2.loads(item[1]), cbor2.loads(item[2]))
            if value is not None:
                item[2] = cbor2.dumps(value)
                changed += 1
        items += cbor2.dumps(item)
    assert changed == 1
    out = data[:8]
    for start in range(0, len(items), 1 << 20):
        piece = items[start:start + (1 << 20)]
        compressed = zstandard.ZstdCompressor().compress(piece)
        out += struct.pack("<III", len(compressed), len(piece), zlib.crc32(compressed)) + compressed
    out += bytes(12)
    path.write_bytes(out + hashlib.blake2b(out, digest_size=32).digest())


def test_bisect_names_the_event_that_a_snapshot_lost(make_server):
    server = make_server("data").start()
    with Town(server, "resp3") as town:
        ada, ben = town.people("ada", "ben")
        ben.ask("FOLLOW", ada.name)
        posts = [ada.ask("POST", f"number {number}") for number in range(5)]
        ada.ask("LIKE", posts[0])
        admin = town.admin()
        lost = admin.ask("JOURNAL", "INFO")["position"] - 1
        ben.ask("POST", "afterwards")
        position = int(admin.ask("SNAPSHOT")["position"])
    snapshot, = (pathlib.Path(server.data) / "snapshots").glob(f"*{position}.snapshot")
    newest = int(posts[-1])

    def without_newest(key, value):
        # A timeline: order key, post and kind of each, flat.
        return value[:-3] if value[-2] == newest else None

    rewrite_snapshot(snapshot, "projections.timelines", without_newest)
    # What the file says of itself still fits; only a refold tells.
    shown = run("bisect", "--data", server.data, "--snapshot", position)
    assert shown.returncode == 1, shown.stdout + shown.stderr
    assert f"all of it: as if position {lost} had been passed over" in shown.stdout
    assert f"first: position {lost}, projections.timelines" in shown.stdout
    event = json.loads(shown.stdout.splitlines()[-1])
    assert event["type"] == "post.published" and event["text"]["text"] == "number 4"
    told = json.loads(run("bisect", "--data", server.data, "--json").stdout.splitlines()[-1])
    assert told["first"] == lost and told["snapshot"] == position
    assert [part["part"] for part in told["differs"]] == ["projections.timelines"]
    assert server.terminate() == 0
