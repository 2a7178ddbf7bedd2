"""Backups beside a running server, restores to any moment, exports and what is made of them."""

import csv
import json
import os
import random
import shutil
import subprocess
import threading
import time

import pytest

from harness.clients import Refused
from harness.server import binary, run
from town import PASSWORD, Town


def done(*arguments):
    """Runs a command that must succeed; what it printed, as JSON."""
    finished = run(*arguments, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def wrong(*arguments):
    """Runs a command that must fail; its sentence."""
    finished = run(*arguments)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    return finished.stderr


def backup(server, path):
    return done("backup", "--data", server.data, "--to", path)


def restore(path, data, *options):
    shutil.rmtree(data, ignore_errors=True)
    return done("restore", "--from", path, "--data", data, *options)


def digests(data, position):
    return done("replay", "--data", data, "--until", position)["digests"]


def verifies(data):
    finished = run("verify", "--data", data)
    assert finished.returncode == 0, finished.stdout + finished.stderr


class Load:
    """People who never stop writing, until they are told to."""

    def __init__(self, server, count=3):
        self.town = Town(server, "lines").__enter__()
        self.people = [self.town.person(f"load{n}") for n in range(count)]
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self.write, args=(person,)) for person in self.people]
        self.failures = []

    def write(self, person):
        try:
            number = 0
            while not self.stopping.is_set():
                post = person.ask("POST", f"number {number} #load", "KEY", f"k{number}")
                person.ask("LIKE", post)
                number += 1
        except (Refused, OSError, EOFError) as error:
            self.failures.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.town.__exit__()
        assert not self.failures


def killed(after_s, *arguments):
    """Starts a command and kills it; whether it was still running."""
    process = subprocess.Popen(
        [binary(), *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after_s)
    was_running = process.poll() is None
    process.kill()
    process.wait()
    return was_running


def test_under_load_and_kill_9_every_moment_comes_back(make_server, tmp_path):
    server = make_server("data", "--shards", 2).start()
    path, data = str(tmp_path / "backup"), str(tmp_path / "restored")
    chance = random.Random(7)
    with Town(server, "lines") as town, Load(server):
        admin = town.admin()
        newest = admin.ask("BACKUP", path)["position"]
        interrupted = []
        for round, delay_s in enumerate([0.002, 0.006, 0.012, 0.02, 0.04]):
            time.sleep(0.1)
            interrupted.append(
                killed(delay_s, "backup", "--data", server.data, "--to", path))
            assert done("restore", "--from", path, "--check")["position"] >= newest
            made = backup(server, path) if round % 2 else admin.ask("BACKUP", path)
            assert made["position"] > newest
            newest = made["position"]
        assert any(interrupted)
    server.kill()
    last = backup(server, path)["position"]
    key = str(tmp_path / "key")
    interrupted = []
    for delay_s in [0.002, 0.01, 0.02, 0.04]:
        until = chance.randint(1, last)
        shutil.rmtree(data, ignore_errors=True)
        interrupted.append(
            killed(delay_s, "restore", "--from", path, "--data", data, "--until", until))
        if os.path.exists(data):
            verifies(data)
        made = restore(path, data, "--until", until)
        assert made["position"] == until and made["appended"] == 0
        assert not os.path.exists(data + ".unfinished")
        assert digests(data, until) == digests(server.data, until)
        verifies(data)
        checkpoint = str(tmp_path / f"checkpoint-{until}")
        finished = run("checkpoint", "--data", data, "--key", key, "--out", checkpoint)
        assert finished.returncode == 0, finished.stderr
        extended = run("verify", "--data", server.data, "--quick", "--checkpoint", checkpoint)
        assert extended.returncode == 0, extended.stderr
    assert any(interrupted)


def test_a_restored_directory_serves_at_once(make_server, tmp_path):
    server = make_server("data").start()
    path = str(tmp_path / "backup")
    with Town(server, "lines") as town:
        ada, ben = town.people("ada", "ben")
        ben.ask("FOLLOW", ada.name)
        post = ada.ask("POST", "first", "KEY", "k1")
        moment = town.admin().ask("BACKUP", path)["position"]
        later = ada.ask("POST", "second", "KEY", "k2")
        backup(server, path)
    assert server.terminate() == 0
    restored = make_server("restored")
    made = restore(path, restored.data, "--until", moment, "--admin-token")
    assert made["admin_token"]
    restored.start()
    with Town(restored, "lines") as town:
        ben = town.again(ben)
        assert ben.ids("HOME") == [post]
        assert ben.refused("GET", later) == "NOTFOUND"
        ada = town.again(ada)
        assert ada.ask("POST", "first", "KEY", "k1") == post, "the key came along"
        assert ada.ask("POST", "other", "KEY", "k2") != later, "the later one did not"
        assert town.admin().ask("JOURNAL", "INFO")["position"] > moment
        # It is another history now: the backup does not go on with it.
        with pytest.raises(Refused) as refused:
            town.admin().ask("BACKUP", path)
        assert f"from position {moment + 1} on" in str(refused.value)
    assert restored.terminate() == 0
    verifies(restored.data)


def test_paths_that_are_refused(make_server, tmp_path):
    server = make_server("data").start()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "keys.1").write_text("mine")
    inside = os.path.join(server.data, "backup")
    with Town(server, "lines") as town:
        admin = town.admin()
        for path in [
                "backup", str(precious), str(precious / "keys.1"), server.data, inside,
                os.path.join(server.data, "snapshots", "..", "x"), "/" + "x" * 1024]:
            assert admin.refused("BACKUP", path) == "INVALID", path
        assert admin.refused("BACKUP", str(tmp_path / "no" / "where")) == "ERR"
        assert town.person("ada").refused("BACKUP", str(tmp_path / "b")) == "DENIED"
    assert os.listdir(precious) == ["keys.1"]
    assert (precious / "keys.1").read_text() == "mine"
    assert not os.path.exists(tmp_path / "no")
    assert not os.path.exists(inside) and not os.path.exists(os.path.join(server.data, "x"))
    assert server.terminate() == 0


def test_erased_after_a_backup_is_erased_in_every_restore(make_server, tmp_path):
    server = make_server("data").start()
    path, old = str(tmp_path / "backup"), str(tmp_path / "old")
    data = str(tmp_path / "restored")
    with Town(server, "lines") as town:
        gone, stays = town.people("gone", "stays")
        gone.ask("POST", "words-that-go")
        gone.ask("CHAT", "NEW", stays.name, "TITLE", "Both")
        before = backup(server, path)["position"]
        shutil.copytree(path, old)
        assert gone.ask("ERASE", PASSWORD) == "OK"
        backup(server, path)
        erased = str(tmp_path / "erased")
        finished = run("erasures", "--data", server.data)
        with open(erased, "w", encoding="ascii") as file:
            file.write(finished.stdout)
        assert finished.stdout.startswith(f"user:{gone.id} ")

    def told():
        return run("tail", "--data", data, "--from", 1, "--json").stdout

    made = restore(path, data, "--until", before)
    assert made["appended"] == 3
    assert "words-that-go" not in told() and '"user.erased"' in told()
    assert digests(data, before) == digests(server.data, before)
    verifies(data)
    for source in [path, erased]:
        restore(old, data, "--erasures", source)
        assert "words-that-go" not in told() and '"user.erased"' in told()
    # What the documentation warns of: nothing tells an old copy.
    restore(old, data)
    assert "words-that-go" in told()
    assert server.terminate() == 0


def test_a_tampered_backup_is_named(make_server, tmp_path):
    server = make_server("data").start()
    path, data = str(tmp_path / "backup"), str(tmp_path / "restored")
    with Town(server, "lines") as town:
        ada = town.person("ada")
        first = backup(server, path)["position"]
        ada.ask("POST", "something")
        backup(server, path)
    assert server.terminate() == 0
    for name in sorted(os.listdir(path)):
        if name == "lock":
            continue
        file = os.path.join(path, name)
        with open(file, "rb") as stream:
            whole = stream.read()
        for bytes in [whole[:-1], whole[: len(whole) // 2] + b"?" + whole[len(whole) // 2 + 1:]]:
            if bytes == whole:
                continue
            with open(file, "wb") as stream:
                stream.write(bytes)
            sentence = wrong("restore", "--from", path, "--data", data)
            assert "damaged" in sentence, sentence
            if name.endswith(".segment") and not name.startswith("00000000000000000001."):
                assert f"at position {first + 1}" in sentence
            assert not os.path.exists(data)
        with open(file, "wb") as stream:
            stream.write(whole)
    restore(path, data)


def table(folder, name):
    with open(os.path.join(folder, name + ".csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def test_exports_fold_to_the_same_and_tables_agree_with_the_wire(make_server, tmp_path):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        ada, ben, cleo = town.people("ada", "ben", "cleo")
        for follower, followed in [(ada, ben), (ben, ada), (cleo, ada)]:
            follower.ask("FOLLOW", followed.name)
        text = 'commas, "quotes",\nlines and 🦊 #tag'
        posts = [ada.ask("POST", text)] + [ben.ask("POST", f"number {n}") for n in range(9)]
        for post in posts[::2]:
            cleo.ask("LIKE", post)
            ada.ask("LIKE", post)
            cleo.ask("SHARE", post)
        cleo.ask("REPLY", posts[0], "an answer", "KEY", "k")
        ada.ask("DM", ben.name, "hidden-message")
        ada.ask("POST", "hidden-post", "VISIBILITY", "private")
        folders = [str(tmp_path / name) for name in ("all", "open", "tables", "zipped")]
        done("export", "--data", server.data, "--to", folders[0], "--format", "jsonl", "--private")
        done("export", "--data", server.data, "--to", folders[1], "--format", "jsonl")
        done("export", "--data", server.data, "--to", folders[2], "--format", "csv")
        done(
            "export", "--data", server.data, "--to", folders[3], "--format", "jsonl", "--private",
            "--gzip")
        users = {row["username"]: row for row in table(folders[2], "users")}
        for person in (ada, ben, cleo):
            shown = ada.ask("PROFILE", person.name)
            row = users[person.name]
            for column in ("followers", "following"):
                assert row[column] == str(shown[column]), column
            assert int(row["posts"]) + int(row["replies"]) == shown["posts"]
        rows = {row["id"]: row for row in table(folders[2], "posts")}
        for post in posts:
            shown = ben.ask("GET", post)
            for column in ("likes", "shares", "replies"):
                assert rows[post][column] == str(shown[column])
            assert rows[post]["text"] == shown["text"]
            assert len(ada.pages("LIKES", post)) == sum(
                like["post_id"] == post for like in table(folders[2], "likes"))
        assert rows[posts[0]]["text"] == text
        info = dict(
            line.split(":", 1) for line in ada.ask("INFO", "projections").splitlines()
            if ":" in line)
        assert len(rows) == int(info["posts"])
        assert len(table(folders[2], "users")) == int(info["people"])
        assert len(table(folders[2], "chats")) == int(info["chats"])
    assert server.terminate() == 0
    for name in os.listdir(folders[2]):
        with open(os.path.join(folders[2], name), encoding="utf-8") as file:
            assert "hidden" not in file.read()
    with open(os.path.join(folders[1], "events.jsonl"), encoding="utf-8") as file:
        assert "hidden" not in file.read()
    wanted = done("replay", "--data", server.data)["digests"]
    for index, folder in enumerate([folders[0], folders[1], folders[3]]):
        events = os.path.join(folder, os.listdir(folder)[0])
        data = str(tmp_path / f"imported-{index}")
        made = done("import", "--data", data, "--events", events)
        assert made["state"]["digests"] == wanted
        verifies(data)
    again = make_server("imported-0").start()
    with Town(again, "lines") as town:
        assert town.again(ben).ask("GET", posts[0])["text"] == text
        assert [item["text"] for item in town.again(ada).pages("TIMELINE", ada.name)][0] \
            == "hidden-post"
    assert again.terminate() == 0


def test_an_import_with_a_bad_line_leaves_nothing(tmp_path):
    file, data = tmp_path / "events.jsonl", str(tmp_path / "data")
    file.write_text('{"roost":"events","format":1,"position":1}\n{"actor":"user:1"}\n')
    assert "line 2: its type is none" in wrong("import", "--data", data, "--events", file)
    assert os.listdir(tmp_path) == ["events.jsonl"]
