"""Every way of stopping and starting gives the same state: the same digests, the same pages."""

import contextlib
import glob
import json
import os
import shutil

import pytest

from harness.server import Server, StartFailed, copy_data, run, wait_until
from town import PASSWORD, Person, Town, as_map


def digests(server):
    admin = Person("lines", server.port)
    admin.ask("AUTH", server.admin_token())
    value = as_map(admin.ask_raw("PROJECTION", "DIGEST"))
    admin.close()
    return value


def live_a_little(server):
    """A few people who do everything that is journaled."""
    with Town(server, "lines") as town:
        ada, ben, cleo = town.people("ada", "ben", "cleo")
        for follower, followed in [(ada, ben), (ben, ada), (cleo, ada), (cleo, ben)]:
            follower.ask("FOLLOW", followed.name)
        posts = [ada.ask("POST", f"number {n} for @{ben.name} #tag{n % 3}") for n in range(40)]
        for post in posts[::2]:
            ben.ask("LIKE", post)
            cleo.ask("SHARE", post)
        reply = ben.ask("REPLY", posts[0], "an answer")
        cleo.ask("POST", "quoting", "QUOTE", reply)
        ben.ask("UNLIKE", posts[0])
        ada.ask("DELETE", posts[1])
        chat = ada.ask("CHAT", "NEW", ben.name, cleo.name, "TITLE", "Town")
        message = ada.ask("SAY", chat, "hello")
        ben.ask("READ", chat, message)
        cleo.ask("DM", ada.name, "psst")
        cleo.ask("CHAT", "LEAVE", chat)
        ben.ask("INBOX", "READ", "ALL")
        cleo.ask("MUTE", ben.name)
        ben.ask("PROFILE", "SET", "private", "on")
        ben.ask("BLOCK", cleo.name)
        ada.ask("TOKEN", "NEW", "LABEL", "x")
        return [ada.name, ben.name, cleo.name]


def pages(server, names):
    """What everyone is shown."""
    shown = {}
    for name in names:
        person = Person("lines", server.port)
        person.ask("AUTH", name, PASSWORD)
        shown[name] = [
            person.pages("HOME"), person.pages("INBOX"), person.ask("UNREAD"),
            person.pages("CHATS"), person.pages("TIMELINE", name, "REPLIES"),
            person.pages("FOLLOWERS", name), person.pages("PUBLIC"), person.pages("TAG", "tag1"),
            person.ask("PROFILE", name)]
        person.close()
    return shown


def test_sigterm_loses_nothing_writes_a_snapshot_and_exits_0(make_server):
    server = make_server().start()
    names = live_a_little(server)
    before, shown = digests(server), pages(server, names)
    assert server.terminate() == 0, server.output
    assert snapshots(server), "a snapshot is written"
    server.start()
    assert digests(server) == before
    assert pages(server, names) == shown


def test_sigterm_while_a_snapshot_is_being_taken_exits_0(make_server):
    server = make_server().start()
    live_a_little(server)
    for number in range(2):
        with Town(server, "lines") as town:
            person = town.person(f"late_{number}")
            town.admin().ask("CONFIG", "SET", "snapshot-every", "1")
            # Written up to the end: one automatic snapshot after the other.
            for word in range(20):
                person.connection.send("POST", f"word {word}")
            assert person.connection.read(), "the first of many"
            assert server.terminate() == 0, server.output
        assert server.output.endswith("roost: ended")
        newest = max(os.listdir(os.path.join(server.data, "snapshots")))
        replayed = json.loads(run("replay", "--data", server.data, "--json").stdout)
        assert int(newest.split(".")[0]) == replayed["position"]
        server.start()


def test_an_end_without_its_snapshot_is_in_order_and_says_so(make_server):
    server = make_server().start()
    live_a_little(server)
    before = digests(server)
    # Nothing can be written there: as on a full disk.
    directory = os.path.join(server.data, "snapshots")
    os.rename(directory, directory + ".away")
    with open(directory, "w", encoding="ascii"):
        pass
    assert server.terminate() == 1
    assert "roost: no snapshot: " in server.output
    assert "ended without a snapshot: " in server.output
    os.remove(directory)
    server.start()
    assert digests(server) == before
    assert server.terminate() == 0, server.output


def test_kill_9_loses_nothing_that_was_acknowledged(make_server):
    server = make_server().start()
    names = live_a_little(server)
    before, shown = digests(server), pages(server, names)
    server.kill()
    server.start()
    assert digests(server) == before
    assert pages(server, names) == shown


def snapshots(server):
    return [
        path for path in glob.glob(os.path.join(server.data, "**", "*"), recursive=True)
        if "snapshot" in os.path.relpath(path, server.data) and os.path.isfile(path)]


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 0x55]))


def test_without_snapshots_and_with_damaged_ones_everything_comes_back_the_same(make_server):
    server = make_server().start()
    names = live_a_little(server)
    before, shown = digests(server), pages(server, names)
    server.terminate()
    for path in snapshots(server):
        flip(path, os.path.getsize(path) // 2)
    server.start()
    assert "snapshot" in server.output, "a log line says why it folds again"
    assert digests(server) == before and pages(server, names) == shown
    server.terminate()
    for path in snapshots(server):
        os.remove(path)
    server.start()
    assert digests(server) == before and pages(server, names) == shown


def test_a_large_snapshot_is_checked_while_it_is_served(make_server):
    """Every frame before anything is answered; the hash of all of it in the background."""
    server = make_server("data", "--check-first", 0).start()
    names = live_a_little(server)
    before, shown = digests(server), pages(server, names)
    server.terminate()
    server.start()
    wait_until(lambda: "is whole up to position" in server.output)
    assert "the snapshot at position" in server.output
    server.terminate()

    newest = max(path for path in snapshots(server) if path.endswith(".snapshot"))
    flip(newest, os.path.getsize(newest) - 1)
    with contextlib.suppress(StartFailed):  # So small a one is read to its end at once.
        server.start()
    assert server.wait() == 1
    assert "its hash does not fit" in server.output
    assert not os.path.exists(newest) and os.path.exists(newest + ".damaged")
    server.start()
    assert digests(server) == before and pages(server, names) == shown
    server.terminate()

    newest = max(path for path in snapshots(server) if path.endswith(".snapshot"))
    flip(newest, os.path.getsize(newest) // 2)
    server.start()
    assert f"{newest} is damaged" in server.output, "what a frame's checksum tells, at once"
    assert digests(server) == before and pages(server, names) == shown


def test_1_2_and_4_shards_give_the_same_digests_and_pages(make_server):
    server = make_server("data", "--shards", 2).start()
    names = live_a_little(server)
    before, shown = digests(server), pages(server, names)
    server.terminate()
    for shards in (1, 4, 2):
        server.flags = ["--shards", str(shards)]
        server.start()
        assert digests(server) == before, f"{shards} shards"
        assert pages(server, names) == shown
        server.terminate()


def test_the_same_history_has_the_same_digests_whatever_shards_wrote_it(tmp_path):
    """A copy of one directory lives on with another number of shards."""
    with Server(tmp_path / "one", "--shards", 1) as server:
        live_a_little(server)
        server.terminate()
    copy_data(tmp_path / "one", tmp_path / "four")
    with Server(tmp_path / "four", "--shards", 4) as server:
        live_a_little(server)
        expected = digests(server)
        server.terminate()
    shutil.rmtree(tmp_path / "one")
    copy_data(tmp_path / "four", tmp_path / "one")
    with Server(tmp_path / "one", "--shards", 1) as server:
        assert digests(server) == expected


def test_a_second_server_on_the_same_directory_is_refused(make_server):
    first = make_server().start()
    with pytest.raises(StartFailed) as failed:
        make_server().start()
    assert failed.value.status == 1
    assert str(first.pid) in failed.value.output or "already" in failed.value.output
    assert Person("lines", first.port).ask("PING") == "PONG"
    first.kill()
    make_server().start()


def test_a_port_in_use_is_named(make_server):
    first = make_server("one").start()
    with pytest.raises(StartFailed) as failed:
        make_server("two").start(port=first.port)
    assert failed.value.status == 1
    assert str(first.port) in failed.value.output and "in use" in failed.value.output


def test_readers_work_beside_a_running_server(make_server):
    server = make_server().start()
    live_a_little(server)
    for words in (["stat"], ["verify"], ["tail", "--json"], ["replay"], ["rebuild", "--check"]):
        done = run(*words, "--data", server.data)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    with Town(server, "lines") as town:
        assert town.person("late").ask("POST", "still writing").isdigit()


def test_what_the_server_holds_is_what_a_refold_gives(make_server):
    server = make_server("data", "--shards", 2).start()
    live_a_little(server)
    expected = digests(server)
    position = expected.pop("position")
    replayed = json.loads(run("replay", "--data", server.data, "--json").stdout)
    assert (replayed["position"], replayed["digests"]) == (position, expected)
    assert run("rebuild", "--data", server.data).returncode == 1, "not while a server runs"
    server.kill()
    rebuilt = run("rebuild", "--data", server.data)
    assert rebuilt.returncode == 0, rebuilt.stderr
    for name, digest in expected.items():
        assert any(line.split() == [name, digest] for line in rebuilt.stdout.splitlines()), name
    server.start()
    assert digests(server) == {"position": position} | expected


def test_in_flight_work_is_finished_on_sigterm(make_server):
    """What was acknowledged while the server was ending is there afterwards."""
    server = make_server().start()
    with Town(server, "lines") as town:
        ada = town.person("ada")
        for n in range(500):
            ada.connection.send("POST", f"number {n}")
        first = ada.connection.read()
        server.process.terminate()
        acknowledged = [first]
        try:
            while True:
                acknowledged.append(ada.connection.read())
        except (EOFError, ConnectionError):
            pass
        assert server.wait() == 0
        server.start()
        again = Person("lines", server.port)
        again.ask("AUTH", ada.name, PASSWORD)
        posts = again.ids("TIMELINE", ada.name, count=200)
        assert set(acknowledged) <= set(posts)
