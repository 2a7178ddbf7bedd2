"""Two readers of one journal, written apart: `roost tail --json` and tools/journal.py."""

import json
import os
import subprocess
import sys

import pytest

from harness.server import ROOT, run
from test_durability import live_a_little

READER = os.path.join(ROOT, "tools", "journal.py")


def read_independently(data, *options):
    return subprocess.run(
        [sys.executable, READER, data, *options], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from harness.server import Server
    with Server(tmp_path_factory.mktemp("readers") / "data", "--shards", 2) as server:
        live_a_little(server)
        yield server


@pytest.mark.parametrize("options", [[], ["--from", "17"]])
def test_both_print_the_same_lines_beside_a_running_server(server, options):
    ours = run("tail", "--data", server.data, "--json", *(options or ["--from", "1"]))
    theirs = read_independently(server.data, *options)
    assert ours.returncode == theirs.returncode == 0, theirs.stderr
    assert ours.stdout.count("\n") > 80
    assert ours.stdout == theirs.stdout


def test_positions_are_dense_and_text_is_unsealed(server):
    lines = read_independently(server.data).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["position"] for record in records] == list(range(1, len(records) + 1))
    texts = [record["text"]["text"] for record in records if "text" in record.get("text", {})]
    assert "number 7 for" in " ".join(texts)


def test_a_destroyed_key_takes_the_text_and_leaves_the_rest(server, tmp_path):
    """What erasing a person rests on."""
    import shutil
    shutil.copytree(server.data, tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "keys")
    opened = read_independently(str(tmp_path / "data"), "--open-only")
    assert opened.returncode == 0
    assert opened.stdout.count("\n") == read_independently(server.data).stdout.count("\n")
    assert "number 7 for" not in opened.stdout
