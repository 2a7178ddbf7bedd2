"""A real network in small: imported, served, the same each time with one seed."""

import gzip
import json

import pytest

from harness.server import Server, run
from town import Person

# Who follows whom, and who shared (RT), answered (RE) or mentioned (MT) whom, when (seconds).
FOLLOWS = "1 2 3\n3 2 1\n4 1 1\n2 1 1\n"
ACTIVITY = (
    "1 2 1341100972 RT\n3 2 1341100980 RT\n4 1 1341101000 MT\n1 4 1341101100 RE\n"
    "2 1 1341101200 MT\n3 1 1341101300 RE\n")
TEXTS = "A first text\nA second text with some words\nA third\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    directory = tmp_path_factory.mktemp("network")
    (directory / "follows.gz").write_bytes(gzip.compress(FOLLOWS.encode()))
    (directory / "activity.txt").write_text(ACTIVITY)
    (directory / "texts.txt").write_text(TEXTS)
    return directory


def import_network(files, data, *options):
    return run(
        "import", "--data", data, "--follows", files / "follows.gz", "--activity",
        files / "activity.txt", "--texts", files / "texts.txt", *options)


def records(data):
    return run("tail", "--data", data, "--from", "1", "--json").stdout


def test_one_seed_gives_the_same_records_and_digests(files, tmp_path):
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        done = import_network(files, tmp_path / name, "--seed", seed)
        assert done.returncode == 0, done.stderr
        assert run("verify", "--data", tmp_path / name).returncode == 0
    assert records(tmp_path / "one") == records(tmp_path / "two") != ""
    digests = [
        json.loads(run("replay", "--data", tmp_path / name, "--json").stdout)["digests"]
        for name in ("one", "two")]
    assert digests[0] == digests[1]
    first = [json.loads(line) for line in records(tmp_path / "one").splitlines()]
    third = [json.loads(line) for line in records(tmp_path / "three").splitlines()]
    assert [(r["type"], r["time"]) for r in first] == [(r["type"], r["time"]) for r in third]


def test_the_imported_network_is_served(files, tmp_path):
    assert import_network(files, tmp_path / "data", "--seed", 1).returncode == 0
    with Server(tmp_path / "data", "--shards", 2) as server:
        admin = Person("lines", server.port)
        admin.ask("AUTH", server.admin_token())
        service = Person("lines", server.port)
        service.ask("AUTH", admin.ask("TOKEN", "NEW", "SCOPE", "service")["token"])
        names = {"1": "u01", "2": "u02", "3": "u03", "4": "u04"}
        following = service.ask("FOLLOWING", names["1"])["items"]
        assert following == [names["2"]]
        home = service.ask("AS", names["1"], "HOME")["items"]
        assert names["2"] in {item["author"] for item in home}
        kinds = {item["kind"] for item in service.ask("AS", names["2"], "INBOX")["items"]}
        assert {"share", "follow"} <= kinds
        assert any("#higgs" in item["text"] for item in service.ask("TAG", "higgs")["items"])
        assert Person("lines", server.port).refused("AUTH", names["1"], "") == "NOAUTH"
        # 2012, the time of the events, not of the import.
        assert all(item["created_at"] < 1_400_000_000_000 for item in home)


@pytest.mark.parametrize("name, text, line", [
    ("activity.txt", ACTIVITY + "1 2 x RT\n", 7), ("activity.txt", "1 2 1341100972 XX\n", 1),
    ("follows.gz", "1\n", 1)])
def test_a_bad_line_is_named_and_nothing_is_written(files, tmp_path, name, text, line):
    import shutil
    shutil.copytree(files, tmp_path / "files")
    content = text.encode()
    (tmp_path / "files" / name).write_bytes(
        gzip.compress(content) if name.endswith("gz") else content)
    done = import_network(tmp_path / "files", tmp_path / "data")
    assert done.returncode == 1
    assert name in done.stderr and str(line) in done.stderr
    assert not (tmp_path / "data").exists()


def test_importing_into_a_directory_that_is_there_is_refused(files, tmp_path):
    assert import_network(files, tmp_path / "data").returncode == 0
    before = records(tmp_path / "data")
    again = import_network(files, tmp_path / "data")
    assert again.returncode == 1 and again.stderr.count("\n") == 1
    assert records(tmp_path / "data") == before
