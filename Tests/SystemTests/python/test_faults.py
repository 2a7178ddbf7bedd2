"""The tools that break things on purpose, in the small."""

import os
import subprocess

from harness.server import ROOT


def tool(name, *options):
    return subprocess.run(
        [os.path.join(ROOT, "tools", name), *options], capture_output=True, text=True,
        timeout=600)


def test_ten_crashes_under_load_from_twenty_connections():
    done = tool("crash", "--rounds", "10", "--connections", "20", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("10 crashes: all ")


def test_a_crash_loop_with_one_shard_and_other_chances():
    done = tool("crash", "--rounds", "3", "--connections", "5", "--shards", "1", "--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_flipped_byte_is_named_or_harmless():
    done = tool("flip", "--bytes", "120", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stdout.splitlines()[-1].startswith("0 named")
