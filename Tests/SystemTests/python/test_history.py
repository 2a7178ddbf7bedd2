"""What happened to whom, by whom, when and under which key, and why something is where it is: the
command line beside a running server, against what the server shows and what `roost tail` prints."""

import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from harness.server import Server, binary, run
from test_durability import live_a_little
from town import PASSWORD, Person

PEOPLE = 3_000
KILLS = 12


def lines(*words):
    """The JSON lines of a command that succeeds without a note."""
    done = run(*words)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def events(data, *words):
    return lines("replay", "--data", data, "--events", "--json", *words)


def files(data):
    """The files of the index and what is in them, but for the lock."""
    found = {}
    for name in os.listdir(os.path.join(data, "history")):
        if name != "lock":
            with open(os.path.join(data, "history", name), "rb") as file:
                found[name] = file.read()
    return found


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """An imported network whose index has segments of two lengths. Not to be written to."""
    directory = tmp_path_factory.mktemp("network")
    chosen = random.Random(7)
    with open(directory / "follows", "w", encoding="ascii") as out:
        for one in range(1, PEOPLE + 1):
            for other in sorted({1 + int(PEOPLE * chosen.random() ** 2) for _ in range(14)}):
                if other != one:
                    out.write(f"{one} {other} 1\n")
    with open(directory / "activity", "w", encoding="ascii") as out:
        for number in range(30_000):
            one, other = chosen.randint(1, PEOPLE), 1 + int(PEOPLE * chosen.random() ** 2)
            if one != other:
                kind = chosen.choice(["RT", "MT", "RE"])
                out.write(f"{one} {other} {1_341_100_800 + number} {kind}\n")
    done = run("import", "--data", directory / "data", "--follows", directory / "follows",
               "--activity", directory / "activity", "--seed", 1)
    assert done.returncode == 0, done.stderr
    return directory / "data"


@pytest.fixture
def copied(network, tmp_path):
    shutil.copytree(network, tmp_path / "data")
    return tmp_path / "data"


def test_beside_a_server_events_are_found_as_they_come(make_server):
    with make_server("data", "--shards", 2) as server:
        for _ in range(2):
            names = live_a_little(server)
            everything = lines("tail", "--data", server.data, "--from", 1, "--json")
            assert events(server.data) == everything
            ids = {event["fields"]["username"]: event["actor"] for event in everything
                   if event["type"] == "user.signed_up"}
            for name in names:
                person = ids[name]
                assert events(server.data, "--actor", f"user:{name}") == [
                    event for event in everything if event["actor"] == person]
                assert events(server.data, "--entity", f"user:{name}", "--own") == [
                    event for event in everything if event["entity"] == person]
                followed = events(
                    server.data, "--entity", f"user:{name}", "--type", "user.followed")
                number = person.removeprefix("user:")
                assert followed == [
                    event for event in everything if event["type"] == "user.followed"
                    and (event["entity"] == person or event["fields"]["user"] == number)]
                assert len(followed) >= 2
            middle = everything[len(everything) // 2]
            assert events(server.data, "--since", middle["time"], "--until", middle["position"]) \
                == [event for event in everything if event["time"] >= middle["time"]
                    and event["position"] <= middle["position"]]
        assert server.is_running


def test_an_idempotency_key_leads_to_its_event(make_server):
    with make_server("data") as server:
        person = Person("lines", server.port)
        for name in ["dora", "emil"]:
            person.ask("SIGNUP", name, PASSWORD)
            for key in ["k-1", "k-1", f"{name}-2"]:
                person.ask("POST", f"by {name} with {key}", "KEY", key)
        found = events(server.data, "--actor", "user:dora", "--key", "k-1")
        assert [event["text"]["text"] for event in found] == ["by dora with k-1"]
        assert events(server.data, "--actor", "user:emil", "--key", "dora-2") == []
        assert run("replay", "--data", server.data, "--events", "--key", "k-1").returncode == 2
        person.close()


def test_why_agrees_with_what_the_server_shows(make_server):
    chosen = random.Random(3)
    with make_server("data", "--shards", 2) as server:
        names = live_a_little(server)
        posts = [event["entity"].removeprefix("post:") for event in
                 events(server.data, "--type", "post.published")]
        for name in names:
            person = Person("lines", server.port)
            person.ask("AUTH", name, PASSWORD)
            home = set(person.ids("HOME"))
            told = {item["post"] for item in person.pages("INBOX") if item.get("post")}
            for post in chosen.sample(posts, 8):
                for place, shown in [("home", home), ("inbox", told)]:
                    answer, = lines(
                        "why", f"{place}:{name}", post, "--data", server.data, "--json")
                    assert answer["verdict"] == (post in shown), answer
            person.close()
        reader = Person("lines", server.port)
        trending = {item["tag"]: item for item in reader.ask("TRENDING")}
        for number in range(3):
            answer, = lines("why", f"trending:#tag{number}", "--data", server.data, "--json")
            listed = trending.get(f"tag{number}")
            assert answer["verdict"] == (listed is not None)
            if listed:
                assert answer["accounts"] == listed["accounts"]
                assert abs(answer["score"] - float(listed["score"])) < 0.01
        reader.close()


def test_an_index_that_is_killed_while_it_is_made_goes_on(copied):
    query = ["replay", "--data", copied, "--events", "--json", "--entity", "user:u01"]
    started = time.monotonic()
    expected = lines(*query)
    took_s = time.monotonic() - started
    whole = files(copied)
    assert len(expected) > 100 and len(whole) > 1
    chosen = random.Random(11)
    shutil.rmtree(copied / "history")
    with Server(copied, "--shards", 1) as server:
        for _ in range(KILLS):
            making = subprocess.Popen(
                [binary(), *map(str, query)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chosen.uniform(0, took_s))
            making.send_signal(signal.SIGKILL)
            making.wait()
            if chosen.random() < 0.3:
                shutil.rmtree(copied / "history", ignore_errors=True)
        assert lines(*query) == expected
        assert files(copied) == whole
        assert server.is_running


def test_several_that_make_it_at_once_share_it(copied):
    command = [binary(), "replay", "--data", str(copied), "--entity", "user:u01", "--json"]
    making = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
              for _ in range(3)]
    answers = {process.communicate(timeout=60)[0] for process in making}
    assert [process.returncode for process in making] == [0, 0, 0] and len(answers) == 1
    kept = files(copied)
    shutil.rmtree(copied / "history")
    assert run(*command[1:]).stdout.encode() in answers
    assert files(copied) == kept


def test_where_it_cannot_be_kept_the_journal_is_read(copied):
    query = ["replay", "--data", copied, "--entity", "user:u01", "--json"]
    expected = run(*query)
    shutil.rmtree(copied / "history")
    (copied / "history").write_text("in the way")
    done = run(*query)
    assert done.returncode == 0 and done.stdout == expected.stdout
    assert "cannot be kept" in done.stderr and "in one pass" in done.stderr


def test_the_index_of_another_journal_is_not_believed(copied, tmp_path):
    with Server(tmp_path / "other") as server:
        live_a_little(server)
        assert server.terminate() == 0
    query = ["--entity", "user:u01", "--json"]
    expected = run("replay", "--data", copied, *query).stdout
    small = tmp_path / "other"
    before = run("replay", "--data", small, "--events", "--json", "--type", "post.liked").stdout
    shutil.rmtree(small / "history")
    shutil.copytree(copied / "history", small / "history")
    done = run("replay", "--data", small, "--events", "--json", "--type", "post.liked")
    assert done.returncode == 0 and done.stdout == before
    assert "is not of this journal" in done.stderr
    assert run("replay", "--data", copied, *query).stdout == expected


def test_who_is_erased_by_now_has_no_name_in_answers_of_then(make_server):
    with make_server("data") as server:
        people = {name: Person("resp3", server.port) for name in ("ada", "cyd_1")}
        for name, person in people.items():
            person.ask("SIGNUP", name, PASSWORD)
        people["ada"].ask("FOLLOW", "cyd_1")
        post = people["cyd_1"].ask("POST", "hello")
        then = Person("resp3", server.port)
        then.ask("AUTH", server.admin_token())
        position = then.ask("JOURNAL", "INFO")["position"]
        question = ["why", f"home:ada", post, "--data", server.data, "--until", position]
        assert "cyd_1" in run(*question).stdout
        people["cyd_1"].ask("ERASE", PASSWORD)
        for flags in ([], ["--json"]):
            told = run(*question, *flags)
            assert told.returncode == 0 and "cyd_1" not in told.stdout, told.stdout
            assert "GONE" in told.stdout
