"""A bad release wrote wrong events: they are taken back through the front door, while the server
runs, and the journal keeps all of it."""

import json
import socket

from harness.server import run
from town import PASSWORD, Person


def test_a_bad_release_is_taken_back(make_server):
    with make_server("data", "--shards", 2) as server:
        people = {}
        for name in ("ada", "ben", "cleo", "dan"):
            people[name] = Person("resp3", server.port)
            people[name].ask("SIGNUP", name, PASSWORD)
        posts = [people["ada"].ask("POST", f"number {number}") for number in range(10)]
        people["ben"].ask("LIKE", posts[0])
        people["cleo"].ask("FOLLOW", "ada")
        before = [people["dan"].ask("GET", post) for post in posts]
        admin = Person("resp3", server.port)
        admin.ask("AUTH", server.admin_token())
        first = admin.ask("JOURNAL", "INFO")["position"] + 1
        # The bad release: everybody likes everything, and cleo unfollows ada.
        for name in ("ben", "cleo", "dan"):
            for post in posts:
                people[name].ask("LIKE", post)
        people["cleo"].ask("UNFOLLOW", "ada")
        last = admin.ask("JOURNAL", "INFO")["position"]
        # Meanwhile life goes on: dan means this one.
        people["dan"].ask("UNLIKE", posts[3])
        people["dan"].ask("LIKE", posts[3])

        chosen = ["compensate", "--data", server.data, "--since", first, "--until", last]
        answer = run(*chosen)
        assert answer.returncode == 1
        assert "was changed again since" in answer.stderr, answer.stderr
        lines = answer.stdout.splitlines()
        assert len(lines) == 29, lines
        assert lines[0].startswith("AS cleo FOLLOW ada KEY compensate-")
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(
                    f"AUTH {server.admin_token()}\r\n{answer.stdout}QUIT\r\n".encode())
                replies = connection.makefile().read().splitlines()
            assert len(replies) == len(lines) + 2
            assert not [reply for reply in replies if "error" in reply], replies

        after = [people["dan"].ask("GET", post) for post in posts]
        after[3]["likes"] -= 1
        after[3]["liked"] = 0
        assert after == before
        assert people["cleo"].ask("RELATION", "ada")["following"] == 1
        told = json.loads(run(*chosen, "--json").stdout)
        assert told["events"] == last - first + 1 == 30
        assert told["commands"] == [], "all of it has been changed since"
        only = json.loads(
            run(*chosen, "--actor", "user:cleo", "--type", "user.unfollowed", "--json").stdout)
        assert only["events"] == 1
        assert server.terminate() == 0
    assert run("verify", "--data", server.data).returncode == 0


def test_what_is_asked_wrongly_is_told(make_server):
    with make_server("data") as server:
        for options, word in (
                ([], "--since"), (["--since", "x"], "neither a position nor a time"),
                (["--since", "1", "--type", "post.like"], "post.liked"),
                (["--since", "1", "--actor", "post:1"], "nobody")):
            answer = run("compensate", "--data", server.data, *options)
            assert answer.returncode == 2 and word in answer.stderr, answer
