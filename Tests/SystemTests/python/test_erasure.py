"""Erasing a person: their words are nowhere any more, and everything of others is."""

import json
import os
import shutil
import time

import pytest

from harness.server import run
from town import PASSWORD, Town

WORDS = ["plain-words-of-a-post", "plain-words-of-a-message", "plain-words-of-a-life",
         "plain-name", "plain@mail.example", "plain-label", "plain-title", "plain-alt"]


def live(town):
    """Somebody with something to say everywhere, and somebody who stays."""
    gone = town.person("gone", "EMAIL", "plain@mail.example", "NAME", "plain-name")
    stays = town.person("stays")
    gone.ask("PROFILE", "SET", "bio", "plain-words-of-a-life")
    gone.ask("TOKEN", "NEW", "LABEL", "plain-label")
    gone.ask("MEDIA", "ADD", "image", "https://a.example/1", "ALT", "plain-alt")
    gone.post = gone.ask("POST", "plain-words-of-a-post", "KEY", "k")
    gone.ask("DM", stays.name, "plain-words-of-a-message")
    gone.ask("CHAT", "NEW", stays.name, "TITLE", "plain-title")
    stays.ask("FOLLOW", gone.name)
    stays.post = stays.ask("REPLY", gone.post, "the words that stay")
    return gone, stays


def files(directory):
    return [os.path.join(folder, name) for folder, _, names in os.walk(directory)
            for name in names]


def found_in(directory):
    """The words that stand as they are in some file."""
    found = set()
    for path in files(directory):
        with open(path, "rb") as file:
            content = file.read()
        found |= {word for word in WORDS if word.encode() in content}
    return found


def told(data):
    """What `tail --json` prints of a whole journal."""
    done = run("tail", "--data", data, "--from", 1, "--json")
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_gone(server, gone, stays):
    """As the data directory and a running server have it after the erasure."""
    assert found_in(server.data) == set()
    lines = told(server.data)
    assert not any(word in lines for word in WORDS)
    assert "the words that stay" in lines
    with Town(server, "lines") as town:
        stranger = town.stranger()
        assert stranger.refused("AUTH", gone.name, PASSWORD) == "NOAUTH"
        assert stranger.refused("SIGNUP", gone.name, PASSWORD) == "CONFLICT"
        assert stranger.refused("PROFILE", gone.name) == "GONE"
        assert stranger.refused("GET", gone.post) == "GONE"
        reader = town.again(stays)
        thread = reader.pages("THREAD", stays.post)
        assert [item["author"] for item in thread] == ["GONE", stays.name]
        assert [item["status"] for item in thread] == ["erased", "published"]
        assert [item["text"] for item in thread] == [None, "the words that stay"]
        assert reader.pages("FOLLOWING", stays.name) == ["GONE"]


def check_verifies(server):
    done = run("verify", "--data", server.data)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("shards", [1, 2])
def test_what_an_erased_person_said_is_nowhere(make_server, shards):
    server = make_server("data", "--shards", shards).start()
    with Town(server, "lines") as town:
        gone, stays = live(town)
        assert "plain-words-of-a-post" in told(server.data)
        assert found_in(server.data) == set(), "sealed from the first moment"
        town.admin().ask("SNAPSHOT")
        assert gone.ask("ERASE", PASSWORD) == "OK"
        check_gone(server, gone, stays)
        town.admin().ask("SNAPSHOT")
    assert server.terminate() == 0
    check_verifies(server)
    for name in ["stat", "rebuild"]:
        done = run(name, "--data", server.data)
        assert done.returncode == 0, done.stderr
    shown = run("replay", "--data", server.data, "--entity", f"user:{gone.name}", "--json")
    assert shown.returncode == 0, shown.stderr
    assert '"username":"GONE"' in shown.stdout
    assert not any(word in shown.stdout for word in WORDS)
    server.start()
    check_gone(server, gone, stays)
    assert server.terminate() == 0


def test_killed_right_after_the_answer(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        gone, stays = live(town)
        assert gone.ask("ERASE", PASSWORD) == "OK"
        server.kill()
    assert found_in(server.data) == set()
    assert not any(word in told(server.data) for word in WORDS)
    server.start()
    check_gone(server, gone, stays)
    assert server.terminate() == 0
    check_verifies(server)


@pytest.mark.parametrize("delay_ms", [0, 20, 50, 100, 200])
def test_killed_while_it_is_erasing(make_server, delay_ms):
    """Whenever the end comes: after the next start, either all is there or nothing is."""
    server = make_server("data").start()
    with Town(server, "lines") as town:
        gone, stays = live(town)
        gone.connection.send("ERASE", PASSWORD)
        time.sleep(delay_ms / 1_000)
        server.kill()
    server.start()
    types = [json.loads(line)["type"] for line in told(server.data).splitlines()]
    if "user.erased" in types:
        check_gone(server, gone, stays)
    else:
        with Town(server, "lines") as town:
            assert town.again(gone).ask("GET", gone.post)["text"] == "plain-words-of-a-post"
    assert server.terminate() == 0
    check_verifies(server)


def test_a_backup_without_the_keys_has_nothing_to_read(make_server, tmp_path):
    server = make_server("data").start()
    with Town(server, "lines") as town:
        live(town)
        town.admin().ask("SNAPSHOT")
    assert server.terminate() == 0
    backup = tmp_path / "backup"
    shutil.copytree(server.data, backup, ignore=shutil.ignore_patterns("keys*"))
    assert any("snapshot" in path for path in files(backup))
    assert found_in(backup) == set()


def test_an_old_backup_with_todays_keys_has_nothing_to_read(make_server, tmp_path):
    """Who keeps copies of the journal must not keep copies of the keys: then erasing holds there
    too."""
    server = make_server("data").start()
    backup = tmp_path / "backup"
    with Town(server, "lines") as town:
        gone, stays = live(town)
        assert server.terminate() == 0
        shutil.copytree(server.data, backup)
        server.start()
        assert town.again(gone).ask("ERASE", PASSWORD) == "OK"
    assert server.terminate() == 0
    shutil.rmtree(backup / "keys")
    shutil.copytree(os.path.join(server.data, "keys"), backup / "keys")
    lines = told(backup)
    assert not any(word in lines for word in WORDS)
    assert "the words that stay" in lines


def test_the_hashtags_of_an_erased_person_no_longer_trend(make_server):
    server = make_server("data", "--shards", 2).start()
    trending = [{"tag": "both", "score": 1, "accounts": 1, "usual": 0}]
    with Town(server, "lines") as town:
        gone, stays = town.people("gone", "stays")
        gone.ask("POST", "#theirs #both")
        stays.ask("POST", "#both")
        assert {item["tag"] for item in stays.ask("TRENDING")} == {"theirs", "both"}
        assert gone.ask("ERASE", PASSWORD) == "OK"
        assert stays.ask("TRENDING") == trending
    assert server.terminate() == 0
    check_verifies(server)
    server.start()
    with Town(server, "lines") as town:
        assert town.stranger().ask("TRENDING") == trending
    assert server.terminate() == 0
