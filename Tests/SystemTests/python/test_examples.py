"""docs/commands.md, the examples that it is made of, and what reads them."""

import copy
import json
import os
import subprocess

import pytest

from harness import commands, examples
from harness.examples import Wrong, expectation
from harness.matching import Names, check, display, written
from harness.playing import DIALECTS, play_all
from harness.replies import Failure, Typed, shown
from harness.server import ROOT, run
from town import PASSWORD


def test_every_example_is_answered_as_written_and_the_page_shows_it():
    done = subprocess.run(
        [os.path.join(ROOT, "tools", "commands"), "--check"], capture_output=True, text=True,
        timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def table():
    return json.loads(run("commands", "--json").stdout)


@pytest.mark.parametrize("text", [
    "", "== HELLO\nweb> NOSUCH\n1", '== NOSUCH\nweb> PING\n"PONG"',
    '== NOSUCH\nweb: NOSUCH\nweb> NOSUCH\n{"error": …}'])
def test_a_command_without_an_example_is_named(table, text):
    unknown = copy.deepcopy(table[0]) | {"name": "NOSUCH"}
    read = examples.read_all() + examples.parse(f"{unknown['group']}.txt", text)
    assert commands.coverage_problems(table + [unknown], read) == [
        f"{unknown['group']}.txt: NOSUCH has no example in which it succeeds"]


@pytest.mark.parametrize("text, problem", [
    ("== NOSUCH\nweb> NOSUCH\n1", "there is no command NOSUCH"),
    ("== HOME\nweb> HOME\n1", "HOME belongs into reading.txt")])
def test_an_example_of_something_else_is_named(table, text, problem):
    read = examples.read_all() + examples.parse("connection.txt", text)
    assert commands.coverage_problems(table, read) == [f"connection.txt: {problem}"]


@pytest.mark.parametrize("text", [
    "web> PING\n\"PONG\"", "== PING\nweb: PING\n\"PONG\"", "== PING\n$x = web> PING"])
def test_an_example_that_is_not_well_written_is_refused(text):
    with pytest.raises(Wrong):
        examples.parse("connection.txt", text)


def test_an_example_that_is_answered_otherwise_fails_in_every_dialect():
    wrong = examples.parse("connection.txt", "== PING\nweb> PING\n\"PANG\"")
    plays, problems = play_all(wrong)
    assert plays == {dialect: [] for dialect in DIALECTS}
    assert sorted(problems) == [
        f"connection.txt, PING, in {dialect}:\n  web> PING\n"
        '  reply: "PANG" was expected, not "PONG"' for dialect in DIALECTS]


def test_a_missing_reply_is_filled_in(tmp_path, monkeypatch):
    file = tmp_path / "connection.txt"
    text = '== PING\nweb> PING hello\n{}\nweb: PING\nweb> NOSUCH\n{}\n'
    file.write_text(text.format("", "").replace("\n\n", "\n"))
    monkeypatch.setattr(examples, "FOLDER", str(tmp_path))
    assert commands.fill(examples.read_all()) == 0
    refusal = '{"error": {"code": "ERR", "message": "unknown command \'NOSUCH\'"}}'
    assert file.read_text() == text.format('"hello"', refusal)


ID = "7532038037191000064"


def outcome(text, actual):
    names = Names(1_795_777_806_566)
    names.noted(actual)
    check(expectation(text), actual, names)
    return names


@pytest.mark.parametrize("text, actual", [
    ("1", 1), ('"OK"', "OK"), ("null", None), ("…", {"a": [1]}), ("2.0", 2), ("2.5", "2.5"),
    ('"id=… name=x"', "id=7 name=x"), ('{"a": 1, "b": []}', ["a", 1, "b", []]),
    ("[1, …]", [1]), ("[1, …]", [1, 2, 3]), ('{"a": 1, …}', {"a": 1}),
    ('{"a": 1, …}', {"a": 1, "b": 2}), ('{"b": …, …}', {"a": 1, "b": 2}),
    ('["$x", "$x"]', [ID, ID]), ('["$x", "chat:$x"]', [ID, f"chat:{ID}"]),
    ('{"error": {"code": "GONE", "message": "it is …"}}', Failure("GONE it is over"))])
def test_a_reply_that_fits_is_accepted(text, actual):
    outcome(text, actual)


@pytest.mark.parametrize("text, actual", [
    ("1", 2), ("1", "1"), ("1", True), ('"OK"', "NO"), ('"OK"', None), ("null", 0), ("null", []),
    ('"OK"', Failure("OK")), ("2.0", 3), ('"id=…"', "no"), ("[1, …]", []), ("[1]", [1, 2]),
    ("[1, 2]", [1]), ('{"a": 1}', {"a": 1, "b": 2}), ('{"a": 1, "b": 2}', {"a": 1}),
    ('{"a": 1, "b": 2}', {"b": 2, "a": 1}), ('{"a": 1, …}', {"b": 2}), ('{"a": 1}', ["a"]),
    ('["$x", "$x"]', [ID, "8"]), ('["$x", "chat:$x"]', [ID, "chat:8"]),
    ('{"error": {"code": "GONE", "message": "…"}}', Failure("DENIED no")),
    ('{"error": {"code": "GONE", "message": "…"}}', "GONE")])
def test_a_reply_that_does_not_fit_is_refused(text, actual):
    with pytest.raises(Wrong):
        outcome(text, actual)


@pytest.mark.parametrize("text, actual, page", [
    ('{"id": "…", "n": …}', {"id": ID, "n": 7}, '{"id": "1001", "n": …}'),
    ('["$post", "$post", "chat:$post"]', [ID, ID, f"chat:{ID}"],
     '["1001", "1001", "chat:1001"]'),
    ('{"created_at": …}', {"created_at": 1_795_777_806_999}, '{"created_at": 1790000000000}'),
    ('{"expires_at": …}', {"expires_at": 1_795_777_866_566}, '{"expires_at": 1790000060000}'),
    ('{"token": "$token", "id": "…"}', {"token": f"k{ID}", "id": ID[::-1]},
     '{"token": "<token>", "id": "1001"}'),
    ('{"at": $at, "id": "$item"}', {"at": 7, "id": "79"}, '{"at": 101, "id": "102"}'),
    ("[1, …]", [1, 2, 3], "[1, …]")])
def test_what_differs_from_run_to_run_has_a_stand_in(text, actual, page):
    assert written(display(expectation(text), actual, outcome(text, actual))) == page


def test_replies_are_shown_as_redis_cli_shows_them(shared_server, lines_town):
    ada, ben = lines_town.people("ada", "ben")
    tag = f"shown{lines_town.number}"
    post = ada.ask("POST", f'"näh"\n\tand \\ #{tag}', "POLL", 2, "Tea", "Coffee")
    ben.ask("REACT", post, "🎉")
    ben.ask("FOLLOW", ada.name)
    for number in range(11):
        ben.ask("POST", f"number {number}")
    asked = [
        ["WHOAMI"], ["PING"], ["UNREAD"], ["GET", post], ["GET", 7], ["INBOX"], ["HOME"],
        ["REQUESTS"], ["CLIENT", "GETNAME"], ["TRENDING", "COUNT", 3], ["TIMELINE", ben.name],
        ["COMMAND", "INFO", "like", "nosuch"], ["COMMAND", "DOCS", "hello"], ["TOKEN", "LIST"]]
    typed = Typed(shared_server.port)
    typed.send("AUTH", ada.name, PASSWORD)
    assert typed.read() == "OK"
    for words in asked:
        typed.send(*words)
        done = subprocess.run(
            ["redis-cli", "-3", "--no-raw", "-p", str(shared_server.port), "--user", ada.name,
             "--pass", PASSWORD, "--no-auth-warning", *map(str, words)],
            capture_output=True, text=True, timeout=30)
        assert shown(typed.read()) == done.stdout.rstrip("\n"), words
    typed.close()


def test_the_table_is_printed_for_people_and_as_json(table):
    printed = run("commands")
    assert printed.returncode == 0 and printed.stderr == ""
    lines = printed.stdout.splitlines()
    for command in table:
        assert f"  {command['name']} {command['syntax']}".rstrip() in lines
        assert f"      {command['summary']}" in lines
    assert [line for line in lines if line and not line.startswith(" ")] == list(
        dict.fromkeys(command["group"] for command in table))
