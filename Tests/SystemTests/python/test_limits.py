"""Limits: the default ones, a file of them, none; and what a bad file is told."""

import time

import pytest

from harness.clients import Refused
from harness.server import run
from town import PASSWORD, Person

FILE_BYTES_MAX = 65_536


def retry_after_ms(person, *words):
    """What a refusal says; None if there was none."""
    try:
        person.ask(*words)
    except Refused as refusal:
        assert refusal.code == "LIMIT", refusal
        words = refusal.message.split()
        assert words[:2] == ["retry", "after"] and words[3] == "ms:", refusal
        return int(words[2])
    return None


def limits_of(person):
    """The section of INFO."""
    text = person.ask("INFO", "limits")
    lines = [line.split(":", 1) for line in text.splitlines() if ":" in line]
    return {name.removeprefix("limits_"): value for name, value in lines}


def test_a_limits_file_is_obeyed_and_says_how_long_to_wait(make_server, tmp_path, dialect):
    file = tmp_path / "limits"
    rules = "# of a small town\nposts 2/2s\nreads-per-address off # all may look\n\n"
    file.write_text(rules + "#" * (FILE_BYTES_MAX - len(rules)))
    with make_server("data", "--limits", file) as server:
        ada = Person(dialect, server.port)
        ada.ask("SIGNUP", "ada", PASSWORD)
        first = ada.ask("POST", "one")
        ada.ask("POST", "two")
        wait_ms = retry_after_ms(ada, "POST", "three")
        assert 0 < wait_ms <= 1_000
        assert retry_after_ms(ada, "REPLY", first, "answers have a limit of their own") is None
        time.sleep(wait_ms / 1_000)
        assert retry_after_ms(ada, "POST", "three") is None
        stranger = Person(dialect, server.port)
        assert len(stranger.pages("TIMELINE", "ada")) == 4
        assert limits_of(ada)["refused_posts"] == "1"


@pytest.mark.parametrize("flags", [[], ["--limits", "default"]])
def test_the_default_limits_hold_before_log_in_too(make_server, flags):
    server = make_server("data")
    server.flags = flags
    with server.start():
        admin = Person("lines", server.port)
        admin.ask("AUTH", server.admin_token())
        people = []
        for number in range(5):
            people.append(Person("lines", server.port))
            people[-1].ask("SIGNUP", f"person{number}", PASSWORD)
        late = Person("lines", server.port)
        wait_ms = retry_after_ms(late, "SIGNUP", "person5", PASSWORD)
        assert 700_000 < wait_ms <= 720_000
        for _ in range(10):
            assert late.refused("AUTH", "person0", "not the password") == "NOAUTH"
        assert 0 < retry_after_ms(late, "AUTH", "person0", PASSWORD) <= 90_000
        # Tokens go on working, and the administrator's is free.
        token = people[0].ask("TOKEN", "NEW")["token"]
        assert late.ask("AUTH", token) == "OK"
        for number in range(15):
            admin.ask("POST", f"number {number}")
        limits = limits_of(admin)
        assert limits["limits"] == "on"
        assert limits["refused_signups_per_address"] == "1"
        assert limits["refused_logins_per_address"] == "1"


def test_limits_can_be_off(make_server):
    with make_server("data", "--limits", "off") as server:
        ada = Person("lines", server.port)
        for number in range(7):
            ada.ask("SIGNUP", f"person{number}", PASSWORD)
        assert limits_of(ada)["limits"] == "off"


@pytest.mark.parametrize("text, sentence", [
    (b"posts 10/1m\n\nlike 1/1s\n", "line 3: there is no limit 'like'"),
    (b"posts 10 a minute\n", "line 1: '10' is no allowance"),
    (b"posts 10/1m\nposts 20/1m\n", "line 2: posts is given twice, first in line 1"),
    (b"exempt everybody\n", "line 1: exempt takes"),
    (b"posts 10/1m \xff\n", "is not UTF-8"),
    (b"#" * (FILE_BYTES_MAX + 1), f"has more than {FILE_BYTES_MAX} bytes"),
])
def test_a_bad_limits_file_is_bad_usage(tmp_path, text, sentence):
    file = tmp_path / "limits"
    file.write_bytes(text)
    told = run("serve", "--data", tmp_path / "data", "--port", 0, "--limits", file)
    assert told.returncode == 2
    assert sentence in told.stderr and str(file) in told.stderr
    assert len(told.stderr.splitlines()) == 1 and told.stdout == ""
    assert not (tmp_path / "data").exists()


def test_a_limits_file_that_is_not_there_is_bad_usage(tmp_path):
    told = run("serve", "--data", tmp_path / "data", "--port", 0, "--limits", tmp_path / "none")
    assert told.returncode == 2 and "--limits takes default, off or a file" in told.stderr
