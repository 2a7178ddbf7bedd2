"""The auditor's drill: every way to tamper is caught by the command that must, and named."""

import json
import os
import struct
import zlib

import cbor2
import pytest

from harness import drill
from harness.clients import Lines
from harness.server import ROOT, Server, StartFailed, run, wait_until


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    return drill.Audit(tmp_path_factory.mktemp("drill"))


def test_an_untouched_copy_passes(audit, tmp_path):
    assert drill.untouched(audit, str(tmp_path / "data")) is None


@pytest.mark.parametrize("tamper", drill.ROWS, ids=lambda tamper: tamper.__name__)
def test_what_is_tampered_with_is_caught_and_named(audit, tamper, tmp_path):
    outcome = drill.play(audit, tamper, str(tmp_path / "data"))
    assert outcome.caught, outcome.said


def test_a_journal_of_a_newer_format_is_refused_in_words(audit, tmp_path):
    data = drill.shutil.copytree(audit.early, tmp_path / "data")
    raw = drill.Raw(str(data))
    meta = dict(raw.tables[b"meta"])
    form = cbor2.loads(meta[b"format"][4:])
    content = cbor2.dumps([form[0] + 1, form[1]])
    meta[b"format"] = struct.pack("<I", zlib.crc32(content)) + content
    raw.tables[b"meta"] = sorted(meta.items())
    raw.write()
    sentence = f"the journal has format version {form[0] + 1}; this program reads versions 1 to 3"
    for command in ("verify", "stat", "replay", "tail"):
        done = run(command, "--data", data)
        assert done.returncode != 0 and sentence in done.stderr
    with pytest.raises(StartFailed) as failed:
        Server(data).start()
    assert sentence in str(failed.value.output)


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_the_dry_run_of_the_upcasters_counts_by_type_and_version(version, tmp_path):
    data = drill.shutil.copytree(os.path.join(ROOT, "Snapshots", version, "data"), tmp_path / "d")
    done = run("replay", "--data", data, "--check-upcasters", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    older = {(found["type"], found["version"]): found["events"]
             for found in said["versions"] if found["upcast"]}
    assert older == {
        "v1": {("post.published", 1): 8, ("post.shared", 1): 2},
        "v2": {("post.published", 1): 8, ("post.published", 2): 2, ("post.shared", 1): 2},
        "v3": {}, "v4": {}}[version]
    assert said["first_bad"] is None
    assert sum(found["events"] for found in said["versions"]) == said["position"]


def test_a_server_verifies_itself_while_it_serves(tmp_path):
    with Server(tmp_path / "data", "--verify-continuously", 100, "--shards", 2) as server:
        lines = Lines(server.port)
        lines.ask("SIGNUP", "ada", drill.PASSWORD)
        for number in range(50):
            lines.ask("POST", f"number {number} of #audit")

        def passed():
            info = dict(line.split(":", 1) for line in lines.ask("INFO", "verification").split()
                        if ":" in line)
            return info if int(info["verification_passes"]) > 0 else None

        info = wait_until(passed, timeout_s=20)
        assert info, "there was no pass"
        assert info["verification_mismatches"] == "0" and info["verification_differing"] == ""
        assert int(info["verification_last_position"]) > 0
        lines.close()
        assert server.terminate() == 0
        assert "verification: the first pass agrees" in server.output
