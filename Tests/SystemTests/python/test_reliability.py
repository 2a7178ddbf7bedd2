"""What docs/reliability.md says must hold when the disk, the clock or a client fails. The shim of
tools/faults stands between the real binary and the system."""

import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

from harness import faults, recording
from harness.clients import Lines, Refused
from harness.server import Server, StartFailed, run, wait_until
from test_faults import tool
from town import PASSWORD, Town


@pytest.fixture
def faulty(tmp_path):
    """Makes servers whose files go through the shim; takes what the shim shall do."""
    made = []

    def make(*flags, **what):
        server = Server(tmp_path / "data", *flags)
        server.environment = faults.environment(tmp_path, **what)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.is_running:
            server.kill()


def touch(path):
    with open(path, "w", encoding="ascii"):
        pass
    return path


def author(server, name="ada"):
    lines = Lines(server.port, timeout_s=120)
    lines.ask("SIGNUP", name, PASSWORD)
    return lines


def texts(server, name="ada"):
    with Lines(server.port) as lines:
        items, words = [], ["TIMELINE", name, "COUNT", 200]
        page = lines.ask(*words)
        while True:
            items += [item["text"] for item in page["items"]]
            if page["end"]:
                return items
            page = lines.ask(*words, "AFTER", page["cursor"])


def journal(server):
    with Lines(server.port) as lines:
        lines.ask("AUTH", server.admin_token())
        events, page = [], [None]
        while page:
            page = lines.ask("JOURNAL", "TAIL", len(events) + 1, "COUNT", 1_000)
            events += [json.loads(line) for line in page]
        return events


def verifies(server):
    done = run("verify", "--data", server.data)
    assert done.returncode == 0, done.stderr


# MARK: Tools, in the small


def test_a_sample_of_power_loss_states():
    done = tool("power-loss", "--writes", "24", "--variants", "6", "--states", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 wrong" in done.stdout


@pytest.mark.parametrize("ways, every", [("EIO-meta", 4), ("EIO,full,kill", 60)])
def test_a_sample_of_calls_goes_wrong(ways, every):
    done = tool("fail-calls", "--ways", ways, "--every", str(every), "--first", "3")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_kill_at_each_named_point():
    done = tool("fail-points", "--rounds", "1", "--full-every", "10", "--seed", "2")
    assert done.returncode == 0, done.stdout + done.stderr


# MARK: What is durable when


def test_a_start_makes_durable_what_it_found_before_it_answers(faulty, tmp_path):
    """A writer that was killed may have left a commit in the kernel's memory alone."""
    log = tmp_path / "log"
    server = faulty(log=log).start()
    author(server).ask("POST", "there")
    server.kill()
    before = len(recording.read_log(log))
    server.start()
    assert texts(server) == ["there"]
    server.kill()
    records = recording.read_log(log)[before:]
    answered = next(n for n, record in enumerate(records) if record.kind == recording.SENT)
    synced = [
        record.path for record in records[:answered] if record.kind == recording.SYNC_ENDED]
    assert {"data/journal/data.mdb", "data/keys/data.mdb"} <= set(synced)


def test_nothing_is_answered_before_its_sync_has_ended(faulty, tmp_path):
    log = tmp_path / "log"
    server = faulty(log=log).start()
    ada = author(server)
    ids = [ada.ask("POST", f"number {n}") for n in range(20)]
    server.kill()
    unsynced = False
    answered = []
    for record in recording.read_log(log):
        if record.path == "data/journal/data.mdb":
            if record.kind in (recording.WRITTEN, recording.WRITE_BEGUN):
                unsynced = True
            elif record.kind == recording.WRITE_ENDED:
                # With O_DSYNC, behind the sync of the pages.
                unsynced = False
        elif record.kind == recording.SENT and any(i.encode() in record.data for i in ids):
            assert not unsynced
            answered.append(record)
    assert len(answered) == len(ids)


@pytest.mark.parametrize("point", [
    "op=sync path=data/admin.token* do=kill-after",
    "op=write path=data/journal/data.mdb do=kill",
    "op=write path=data/journal/data.mdb dsync=1 do=kill-after",
    "op=rename path=data/admin.token* do=kill"])
def test_the_operators_token_opens_wherever_the_first_start_is_killed(faulty, tmp_path, point):
    fired = tmp_path / "fired"
    server = faulty(rules=point, fired=fired)
    with pytest.raises(StartFailed) as failed:
        server.start()
    assert failed.value.status == -signal.SIGKILL and faults.fired(fired)
    server.environment = {}
    server.start()
    with Lines(server.port) as lines:
        assert lines.ask("AUTH", server.admin_token()) == "OK"


# MARK: The disk


def test_a_full_disk_ends_the_server_and_room_brings_it_back(faulty, tmp_path):
    full = tmp_path / "full"
    server = faulty(
        rules=f"op=write,open,truncate,mkdir path=data* count=0 do=ENOSPC while={full}").start()
    ada = author(server)
    acknowledged = [ada.ask("POST", f"number {n}", "KEY", f"k{n}") and n for n in range(10)]
    touch(full)
    with pytest.raises((EOFError, ConnectionError)):
        ada.ask("POST", "number 10", "KEY", "k10")
    assert server.wait() == 1
    assert "No space left on device" in server.output and "the process ends" in server.output
    with pytest.raises(StartFailed) as failed:
        server.start()
    assert failed.value.status == 1 and "No space left on device" in failed.value.output
    os.remove(full)
    server.start()
    with Lines(server.port) as lines:
        lines.ask("AUTH", "ada", PASSWORD)
        lines.ask("POST", "number 10", "KEY", "k10")
    assert texts(server) == [f"number {n}" for n in reversed(range(11))]
    assert len(acknowledged) == 10
    assert server.terminate() == 0, server.output
    verifies(server)


def test_without_room_for_its_lock_files_it_ends_with_a_sentence(faulty):
    """LMDB writes to them through maps: a hole in one would be a SIGBUS, also amid an erasure."""
    server = faulty().start()
    author(server).ask("POST", "before")
    server.kill()
    for part in ("journal", "keys"):
        # All of its space is there, whatever it holds.
        status = os.stat(os.path.join(server.data, part, "lock.mdb"))
        assert status.st_blocks * 512 >= status.st_size == 65_536
    server.environment["FAULTS_RULES"] = "op=truncate path=data/*/lock.mdb do=ENOSPC"
    with pytest.raises(StartFailed) as failed:
        server.start()
    assert failed.value.status == 1 and "lock.mdb: No space left" in failed.value.output
    server.environment = {}
    server.start()
    assert texts(server) == ["before"]


def test_a_sync_that_failed_is_not_tried_again(faulty, tmp_path):
    """The kernel has dropped the pages: a second sync would lie."""
    log, broken = tmp_path / "log", tmp_path / "broken"
    server = faulty(
        log=log, rules=f"op=sync path=data/journal/data.mdb do=EIO while={broken}").start()
    ada = author(server)
    ada.ask("POST", "before")
    touch(broken)
    with pytest.raises((EOFError, ConnectionError)):
        ada.ask("POST", "lost")
    assert server.wait() == 1 and "the process ends" in server.output
    records = recording.read_log(log)
    failed = next(n for n, r in enumerate(records) if r.flags & recording.FAILED)
    later = [
        r for r in records[failed + 1:] if r.path.startswith("data/")
        and r.kind in (recording.SYNC_BEGUN, recording.WRITE_BEGUN)]
    assert not later
    server.environment = {}
    server.start()
    assert texts(server) == ["before"]


def test_a_slow_disk_holds_up_writes_alone_and_its_queue_is_bounded(faulty, tmp_path):
    slow, still = tmp_path / "slow", tmp_path / "still"
    rule = "op=sync path=data/journal/data.mdb count=0"
    server = faulty(
        "--shards", 2,
        rules=f"{rule} do=delay:2000 while={slow};{rule} do=delay:600000 while={still}").start()
    ada = author(server)
    post = ada.ask("POST", "liked by many")
    touch(slow)
    before = time.monotonic()
    ada.send("POST", "slowly")
    with Lines(server.port) as reader:
        reads = 0
        while time.monotonic() < before + 1:
            assert reader.ask("GET", post)["text"] == "liked by many"
            reads += 1
    assert ada.read() and time.monotonic() - before >= 2
    assert reads > 10
    os.remove(slow)

    # A disk that stands still: what does not fit in the queue is told so, and nothing else waits.
    token = ada.ask("TOKEN", "NEW")["token"]
    count, each = 24, 4_096
    crowd, senders = [], []
    for number in range(count):
        lines = Lines(server.port, timeout_s=300)
        lines.ask("AUTH", token)
        own = lines.ask("POST", f"number {number}")
        # Each of them is an event.
        all_of_it = (Lines.encoded("LIKE", own) + Lines.encoded("UNLIKE", own)) * (each // 2)
        crowd.append(lines)
        senders.append(threading.Thread(target=lines.send_raw, args=(all_of_it,)))
    touch(still)
    for sender in senders:
        sender.start()
    metrics = Lines(server.port)
    metrics.ask("AUTH", server.admin_token())
    # The bound of the queue, JournalLimits.queuedEventsMax.
    assert wait_until(lambda: waiting_events(metrics) >= 65_536, 120, 0.2), "the queue fills"
    assert waiting_events(metrics) <= 65_536 + 16_384
    assert metrics.ask("PING") == "PONG"
    os.remove(still)
    busy = done = 0
    for lines in crowd:
        for _ in range(each):
            try:
                lines.read()
                done += 1
            except Refused as refused:
                assert refused.code == "BUSY" and "try again" in refused.message
                busy += 1
    for sender in senders:
        sender.join()
    assert busy > 0 and done >= 65_536 and busy + done == count * each
    server.kill()
    server.environment = {}
    verifies(server)


def waiting_events(lines):
    for line in lines.ask("METRICS").splitlines():
        if line.startswith("roost_journal_waiting_events "):
            return int(float(line.split()[1]))
    raise AssertionError("no roost_journal_waiting_events")


def test_the_slot_of_a_killed_reader_is_cleared(make_server):
    """A reader that was killed holds old pages until somebody looks."""
    server = make_server("data", "--durability", "interval:60000").start()
    ada = author(server)
    path = os.path.join(server.data, "journal")
    reader = subprocess.Popen(
        [sys.executable, "-c",
         "import lmdb, sys, time\n"
         "opened = lmdb.open(sys.argv[1], readonly=True, max_dbs=8)\n"
         "held = opened.begin()\nprint('holds', flush=True)\ntime.sleep(600)", path],
        stdout=subprocess.PIPE, text=True)
    assert reader.stdout.readline() == "holds\n"
    reader.kill()
    reader.wait()
    assert str(reader.pid) in slots(path)
    # LMDBEnvironment.commitsPerReaderCheck, one by one.
    for number in range(1_024 + 1):
        ada.ask("POST", f"number {number}")
    assert str(reader.pid) not in slots(path)
    verifies(server)


def slots(path):
    done = subprocess.run(
        [sys.executable, "-c",
         "import lmdb, sys\nprint(lmdb.open(sys.argv[1], readonly=True, max_dbs=8).readers())",
         path], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_reader_finds_the_keys_of_an_erasure_that_was_killed_between_its_renames(
        faulty, tmp_path):
    fired = tmp_path / "fired"
    server = faulty(rules="op=rename path=data/keys.new do=kill", fired=fired).start()
    ada = author(server)
    ada.ask("POST", "gone with its author")
    with pytest.raises((EOFError, ConnectionError)):
        ada.ask("ERASE", PASSWORD)
    assert server.wait() == -signal.SIGKILL and faults.fired(fired)
    assert not os.path.exists(os.path.join(server.data, "keys"))
    verifies(server)
    told = run("tail", "--data", server.data, "--json")
    assert told.returncode == 0 and "gone with its author" not in told.stdout
    server.environment = {}
    server.start()
    assert not [name for name in os.listdir(server.data) if name.startswith("keys.")]


# MARK: The clock


@pytest.mark.parametrize("jumps_h", [[24, -48], [-72, 1]])
def test_the_clock_jumps_and_time_does_not_go_back(faulty, tmp_path, jumps_h):
    clock = tmp_path / "clock"
    clock.write_bytes(struct.pack("<q", 0))
    server = faulty(clock=clock).start()
    ada = author(server)
    ids = [ada.ask("POST", "number 0", "KEY", "k0")]
    offset_ms = 0
    for number, hours in enumerate(jumps_h, 1):
        offset_ms += hours * 3_600_000
        clock.write_bytes(struct.pack("<q", offset_ms))
        ids.append(ada.ask("POST", f"number {number}", "KEY", f"k{number}"))
        assert ada.ask("POST", "number 0", "KEY", "k0") == ids[0]
    # Also over a start in the past.
    server.kill()
    server.start()
    ada = Lines(server.port)
    ada.ask("AUTH", "ada", PASSWORD)
    ids.append(ada.ask("POST", "after a start"))
    assert ids == sorted(ids, key=int) and len(set(ids)) == len(ids)
    times = [event["time"] for event in journal(server)]
    assert times == sorted(times)
    assert len(texts(server)) == len(ids)
    server.kill()
    verifies(server)


# MARK: Clients


def test_a_client_that_goes_before_its_reply_and_asks_again_has_one_effect(make_server):
    server = make_server("data", "--shards", 2).start()
    token = author(server).ask("TOKEN", "NEW")["token"]
    chance = random.Random(1)
    for number in range(60):
        lines = Lines(server.port)
        lines.ask("AUTH", token)
        lines.send("POST", f"number {number}", "KEY", f"k{number}")
        time.sleep(chance.choice([0, 0, 0.001, 0.004]))
        # A reset, not an orderly end.
        lines.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        lines.close()
    with Lines(server.port) as lines:
        lines.ask("AUTH", token)
        for _ in range(2):
            for number in range(60):
                lines.ask("POST", f"number {number}", "KEY", f"k{number}")
    assert sorted(texts(server)) == sorted(f"number {number}" for number in range(60))


def test_a_post_that_everybody_likes_at_once_counts_right_and_holds_up_nobody(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        star, stranger = town.people("star", "stranger")
        post = star.ask("POST", "the one post")
        quiet = stranger.ask("POST", "elsewhere")
        fans = town.people(*[f"fan{number}" for number in range(8)])
        rounds = 400

        def cheer(fan):
            words = Lines.encoded("LIKE", post) + Lines.encoded("UNLIKE", post)
            fan.connection.send_raw(words * rounds + Lines.encoded("LIKE", post))
            for _ in range(2 * rounds + 1):
                fan.connection.read()

        threads = [threading.Thread(target=cheer, args=(fan,)) for fan in fans]
        for thread in threads:
            thread.start()
        slowest_s = reads = 0
        while any(thread.is_alive() for thread in threads):
            before = time.monotonic()
            assert stranger.ask("GET", quiet)["likes"] == 0
            slowest_s = max(slowest_s, time.monotonic() - before)
            reads += 1
        assert star.ask("GET", post)["likes"] == len(fans)
        assert reads > 0 and slowest_s < 10
    server.kill()
    verifies(server)
