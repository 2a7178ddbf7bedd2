"""Projections rebuilt beside those that serve: under load, through kill -9, offline, and back."""

import json
import os
import random
import threading
import time

from harness.server import run, wait_until
from town import Town, as_map

PROJECTIONS = ["people", "graph", "timelines", "home", "tags", "public", "inbox", "trending",
               "chats", "stories", "drafts", "reports"]


def projections(admin):
    return {item["name"]: item for item in map(as_map, admin.ask_raw("PROJECTION", "LIST"))}


def digests(admin):
    for _ in range(50):
        try:
            return as_map(admin.ask_raw("PROJECTION", "DIGEST"))
        except Exception as error:  # noqa: BLE001
            if getattr(error, "code", None) != "BUSY":
                raise
            time.sleep(0.05)
    raise AssertionError("no quiet moment")


class Readers:
    """People who read their homes until they are told to end; an error or a gap is kept."""

    def __init__(self, town, people):
        self.ending = threading.Event()
        self.reads, self.problems = [0] * len(people), []
        self.threads = [
            threading.Thread(target=self._read, args=(number, town.again(person)))
            for number, person in enumerate(people)]
        for thread in self.threads:
            thread.start()

    def _read(self, number, person):
        least = 0
        while not self.ending.is_set():
            try:
                page = person.ask("HOME", "COUNT", 50)
            except Exception as error:  # noqa: BLE001
                self.problems.append(repr(error))
                return
            self.reads[number] += 1
            if len(page["items"]) < least:
                self.problems.append(f"{len(page['items'])} items after {least}")
            least = len(page["items"])

    def wait_for_more(self):
        """Until each has begun and ended a read from now on."""
        goal = [reads + 2 for reads in self.reads]
        assert wait_until(
            lambda: self.problems or all(map(int.__ge__, self.reads, goal)), timeout_s=20)

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        assert self.problems == []


def live(town, people, count):
    chance = random.Random(7)
    for person in people:
        for other in people:
            if other is not person:
                person.ask("FOLLOW", other.name)
    for number in range(count):
        chance.choice(people).ask("POST", f"word {number} #tag{number % 5}")


def test_a_projection_is_rebuilt_under_load_and_homes_are_read_all_the_while(make_server):
    server = make_server("data", "--shards", 2).start()
    with Town(server, "lines") as town:
        people = town.people("ada", "ben", "cleo", "dora")
        live(town, people, 60)
        admin = town.admin()
        readers = Readers(town, people)
        for name in ["home", "all", "inbox"]:
            done = as_map(admin.ask_raw("PROJECTION", "REBUILD", name, "WAIT"))
            assert done["rebuilt"] == name
            assert all(" entries" in result and result.startswith("equal")
                       for result in as_map(done["results"]).values()), done
            people[0].ask("POST", f"after {name}")
            # However fast that was: everybody reads from what has taken over.
            readers.wait_for_more()
        readers.end()
        shown = projections(admin)
        assert list(shown) == PROJECTIONS
        assert all(item["state"] == "live" and item["kept"] for item in shown.values())
        expected = digests(admin)
    assert server.terminate() == 0
    replayed = json.loads(run("replay", "--data", server.data, "--json").stdout)
    assert {"position": replayed["position"]} | replayed["digests"] == expected


def test_a_rebuild_goes_on_after_kill_9_while_people_write(make_server):
    server = make_server().start()
    rebuilds = os.path.join(server.data, "rebuilds")
    with Town(server, "lines") as town:
        people = town.people("eve", "finn", "gus")
        live(town, people, 40)
        admin = town.admin()
        admin.connection.send("PROJECTION", "REBUILD", "all")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if os.path.isdir(rebuilds) and any(
                    name.startswith("building-") for name in os.listdir(rebuilds)):
                break
        people[0].connection.send("POST", "on the way down")
        server.kill()
    server.start()
    with Town(server, "lines") as town:
        admin = town.admin()
        deadline = time.monotonic() + 20
        while any(item["rebuild"] for item in projections(admin).values()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert not [name for name in os.listdir(rebuilds) if name.startswith("building-")]
        expected = digests(admin)
    server.kill()
    checked = run("rebuild", "--data", server.data, "--each", "--json")
    assert checked.returncode == 0, checked.stderr
    assert [item["projection"] for item in json.loads(checked.stdout)] == PROJECTIONS
    replayed = json.loads(run("replay", "--data", server.data, "--json").stdout)
    assert {"position": replayed["position"]} | replayed["digests"] == expected


def test_what_was_rebuilt_offline_can_be_taken_back(make_server):
    server = make_server().start()
    with Town(server, "lines") as town:
        live(town, town.people("hal", "ida"), 10)
    assert run("rebuild", "--data", server.data, "--projection", "home").returncode == 1, "it runs"
    assert server.terminate() == 0
    assert run("rebuild", "--data", server.data, "--revert").returncode == 1
    for name in ["home", "inbox", "people"]:
        rebuilt = run("rebuild", "--data", server.data, "--projection", name)
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert f"{name}: " in rebuilt.stdout and "events/s" in rebuilt.stdout
        assert ": equal, " in rebuilt.stdout
    back = run("rebuild", "--data", server.data, "--revert")
    assert back.returncode == 0 and back.stdout.endswith("is back\n")
    assert run("verify", "--data", server.data).returncode == 0
    server.start()
    assert "starting from the snapshot" in server.output
