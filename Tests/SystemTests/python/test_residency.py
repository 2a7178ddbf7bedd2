"""Whoever nobody asks for sleeps in the newest snapshot, and comes back as they were."""

import os

import pytest

from harness.clients import Refused
from harness.server import run, wait_until
from town import PASSWORD, Person, as_map

PEOPLE = 20
DIALECT = "resp3"


def entities(admin):
    """What INFO says of entities, in numbers."""
    lines = admin.ask("INFO", "entities").split()
    return {name: int(value) for name, value in (line.split(":") for line in lines if ":" in line)}


def is_within_budget(found):
    """A look may leave some for the next, so this comes after one or several."""
    return found["entities_memory_bytes"] <= found["entities_memory_max_bytes"]


def settle(server):
    """People who follow each other, post, answer and write to each other."""
    people = []
    for number in range(PEOPLE):
        person = Person(DIALECT, server.port)
        person.ask("SIGNUP", f"p{number:02}", PASSWORD)
        person.ask("PROFILE", "SET", "bio", f"the bio of {number}")
        people.append(person)
    posts = []
    for number, person in enumerate(people):
        person.ask("FOLLOW", f"p{(number + 1) % PEOPLE:02}")
        posts.append(person.ask("POST", f"post of {number}"))
    for number, person in enumerate(people):
        person.ask("LIKE", posts[(number + 1) % PEOPLE])
    chat = people[0].ask("CHAT", "NEW", "p01")
    people[0].ask("SAY", chat, "hello")
    return people, posts, chat


def pages(person, posts, chat):
    """What one person is shown, of others' things too."""
    return [person.ask(*words) for words in (
        ["HOME"], ["GET", posts[1]], ["PROFILE", "p05"], ["FOLLOWING", "p00"], ["INBOX"],
        ["HISTORY", chat], ["TIMELINE", "p07"])]


def test_who_sleeps_comes_back_after_restarts_and_kills(make_server):
    with make_server("data", "--limits", "off") as server:
        people, posts, chat = settle(server)
        shown = pages(people[0], posts, chat)
        assert server.terminate() == 0
    with make_server("data", "--limits", "off") as server:
        admin = Person(DIALECT, server.port)
        admin.ask("AUTH", server.admin_token())
        assert entities(admin)["entities_asleep"] >= 2 * PEOPLE
        assert entities(admin)["entities_awake"] <= 2, "who logged in, and nobody else"
        first = Person(DIALECT, server.port)
        first.ask("AUTH", "p00", PASSWORD)
        assert pages(first, posts, chat) == shown
        found = entities(admin)
        assert 0 < found["entity_wakes"] < 2 * PEOPLE
        # One who sleeps is written to, and the server dies without another word.
        seventh = Person(DIALECT, server.port)
        seventh.ask("AUTH", "p07", PASSWORD)
        seventh.ask("LIKE", posts[15])
        before = as_map(seventh.ask("GET", posts[15]))
        server.kill()
    with make_server("data", "--limits", "off") as server:
        seventh = Person(DIALECT, server.port)
        seventh.ask("AUTH", "p07", PASSWORD)
        assert as_map(seventh.ask("GET", posts[15])) == before
        assert before["liked"] == 1 and before["likes"] == 2
    assert run("verify", "--data", server.data).returncode == 0


def test_people_go_to_sleep_within_the_budget(make_server):
    with make_server("data", "--limits", "off", "--entities-memory", 1) as server:
        admin = Person(DIALECT, server.port)
        admin.ask("AUTH", server.admin_token())
        people, posts, chat = settle(server)
        # More than a MiB, by their number.
        numbers = [people[number % PEOPLE].ask("POST", f"number {number}")
                   for number in range(4_000)]
        shown = pages(people[0], posts, chat)
        digests = admin.ask("PROJECTION", "DIGEST")
        assert entities(admin)["entities_asleep"] == 0, "there is no snapshot to sleep in"
        admin.ask("SNAPSHOT")
        assert wait_until(lambda: is_within_budget(entities(admin)), timeout_s=20)
        found = entities(admin)
        assert found["entities_asleep"] > 500 and found["entities_memory_max_bytes"] == 1 << 20
        assert pages(people[0], posts, chat) == shown
        assert admin.ask("PROJECTION", "DIGEST") == digests
        assert [people[0].ask("GET", post)["text"] for post in numbers[:300:30]] == [
            f"number {number}" for number in range(0, 300, 30)]
        assert entities(admin)["entity_wakes"] > 0


def test_the_bounds_of_the_budget(make_server):
    with make_server("data", "--limits", "off") as server:
        admin = Person(DIALECT, server.port)
        admin.ask("AUTH", server.admin_token())
        for value in ("1", str(1 << 24)):
            assert admin.ask("CONFIG", "SET", "entities-memory", value) == "OK"
            assert as_map(admin.ask("CONFIG", "GET", "entities-memory")) == {
                "entities-memory": value}
        for value in ("0", str((1 << 24) + 1), "much", ""):
            with pytest.raises(Refused) as refusal:
                admin.ask("CONFIG", "SET", "entities-memory", value)
            assert refusal.value.code == "INVALID"
    for value in ("0", str((1 << 24) + 1)):
        done = run("serve", "--data", os.path.join(server.data, "none"), "--entities-memory", value)
        assert done.returncode == 2 and "1 to 16777216 MiB" in done.stderr
