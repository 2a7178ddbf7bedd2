"""The command line: help, exit statuses, one sentence on standard error."""

import json
import subprocess

import pytest

from harness.server import binary, run
from town import Town

COMMANDS = ["serve", "import", "stat", "verify", "replay", "rebuild", "tail", "checkpoint",
            "prove", "diff", "bisect"]
READING = [["stat"], ["verify"], ["verify", "--quick"], ["replay"], ["rebuild", "--check"],
           ["tail", "--from", "1"], ["prove", "1"], ["prove", "--between", "1", "1"],
           ["diff", "1", "1"], ["bisect"], ["replay", "--view", "public"]]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data directory that no server is using."""
    from harness.server import Server
    server = Server(tmp_path_factory.mktemp("cli") / "data").start()
    with Town(server, "lines") as town:
        ada, ben = town.people("ada", "ben")
        ada.ask("FOLLOW", ben.name)
        post = ben.ask("POST", "the first #word")
        ada.ask("LIKE", post)
        ada.ask("DM", ben.name, "hello")
    assert server.terminate() == 0
    return server.data


def test_help_lists_every_command():
    shown = run("--help")
    assert shown.returncode == 0 and shown.stderr == ""
    for command in COMMANDS + ["commands"]:
        assert any(line.split()[:1] == [command] for line in shown.stdout.splitlines()), command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    shown = run(command, "--help")
    assert shown.returncode == 0 and shown.stderr == ""
    assert shown.stdout.startswith(f"roost {command}: ") and "--data DIR" in shown.stdout


def test_the_commands_of_clients_need_no_data():
    shown = run("commands", "--help")
    assert shown.returncode == 0 and shown.stdout.startswith("roost commands: ")
    assert "--data" not in shown.stdout
    assert run("commands", "--data", "x").returncode == 2


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["stat"], ["stat", "--data"], ["stat", "--nonsense"],
    ["stat", "--data", "x", "--data", "y"], ["stat", "extra"],
    ["serve", "--data", "x", "--port", "x"], ["serve", "--data", "x", "--port", "65536"],
    ["serve", "--data", "x", "--shards", "0"],
    ["serve", "--data", "x", "--anonymous-idle", "86401"],
    ["serve", "--data", "x", "--verify-continuously", "0"],
    ["serve", "--data", "x", "--verify-continuously", "101"],
    ["verify", "--data", "x", "--threads", "0"], ["verify", "--data", "x", "--threads", "9"],
    ["replay", "--data", "x", "--check-upcasters", "--trending"],
    ["serve", "--data", "x", "--durability", "never"], ["replay", "--data", "x", "--until", "soon"],
    ["replay", "--data", "x", "--entity", "dog:rex"],
    ["rebuild", "--data", "x", "--projection", "nosuch"]])
def test_bad_usage_is_one_sentence_and_status_2(words, tmp_path):
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("roost: ") and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "bad usage makes nothing"


@pytest.mark.parametrize("words", READING)
def test_reading_what_is_not_there_is_one_sentence_and_status_1(words, tmp_path):
    done = run(*words, "--data", tmp_path / "nowhere")
    assert done.returncode == 1 and "nowhere" in done.stderr
    assert done.stderr.startswith("roost: ") and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "a reader makes nothing"


@pytest.mark.parametrize("words", READING)
def test_reading_commands_end_with_0_and_change_nothing(words, data):
    before = contents(data)
    done = run(*words, "--data", data)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert contents(data) == before


def contents(data):
    """Every file but LMDB's table of readers."""
    import pathlib
    return {
        path: path.read_bytes() for path in pathlib.Path(data).rglob("*")
        if path.is_file() and path.name not in ("lock.mdb", "roost.lock")}


def test_stat_counts(data):
    stat = json.loads(run("stat", "--data", data, "--json").stdout)
    assert "position" in stat
    text = run("stat", "--data", data).stdout
    assert "user.signed_up: 3" in text and "post.published: 1" in text


def test_replay_shows_the_past(data):
    lines = run("tail", "--data", data, "--from", "1", "--json").stdout.splitlines()
    records = [json.loads(line) for line in lines]
    liked = next(record for record in records if record["type"] == "post.liked")
    address = liked["entity"]
    before = run(
        "replay", "--data", data, "--until", liked["position"] - 1, "--entity", address, "--json")
    after = run("replay", "--data", data, "--until", liked["position"], "--entity", address,
                "--json")
    assert before.returncode == after.returncode == 0
    assert before.stdout != after.stdout and "the first #word" in after.stdout
    unborn = run("replay", "--data", data, "--until", "1", "--entity", address)
    assert unborn.returncode == 1 and unborn.stderr.count("\n") == 1


def test_tail_follows(data, tmp_path):
    import shutil
    from harness.server import Server
    shutil.copytree(data, tmp_path / "data")
    with Server(tmp_path / "data") as server:
        follower = subprocess.Popen(
            [binary(), "tail", "--data", server.data, "--follow", "--json"],
            stdout=subprocess.PIPE, text=True)
        try:
            with Town(server, "lines") as town:
                ada = town.person("late")
                post = ada.ask("POST", "while you look")
                for line in follower.stdout:
                    if json.loads(line)["entity"] == f"post:{post}":
                        break
                else:
                    raise AssertionError("tail --follow ended")
        finally:
            follower.terminate()
            follower.wait()


def test_verify_names_damage_and_serve_refuses_with_the_same_words(data, tmp_path):
    import shutil
    from harness.server import Server, StartFailed
    shutil.copytree(data, tmp_path / "data")
    journal = tmp_path / "data" / "journal" / "data.mdb"
    content = bytearray(journal.read_bytes())
    # A username is stored in the open. Pages that are no longer used hold copies of it too.
    at = content.find(b"ada_")
    while at > 0:
        content[at] ^= 1
        at = content.find(b"ada_")
    journal.write_bytes(content)
    verified = run("verify", "--data", tmp_path / "data")
    assert verified.returncode == 1 and "position" in verified.stderr
    named = verified.stderr.splitlines()[0].split(": ", 1)[1]
    with pytest.raises(StartFailed) as failed:
        Server(tmp_path / "data").start()
    assert failed.value.status == 1
    assert named in failed.value.output
