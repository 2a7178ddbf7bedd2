"""tools/thread-sanitizer finds what it is there to find, and says what it found."""

import os
import shutil
import subprocess

import pytest

from harness.sanitizing import FOUND, LEFT_OUT, Report, reports
from harness.server import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
REPORT = """==================
WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 8 at 0x1 by thread T1:
    #0 add Sources/Server/A.swift:{line} (roost+0x1)

  Previous write of size 8 at 0x1 by thread T2:
    #0 take Sources/Server/A.swift:7 (roost+0x2)

SUMMARY: ThreadSanitizer: data race Sources/Server/A.swift:{line} in add
==================
"""


@pytest.mark.skipif(shutil.which("swiftc") is None, reason="there is no Swift compiler")
def test_a_planted_race_is_found_and_locks_atomics_and_actors_are_understood():
    done = subprocess.run(
        [os.path.join(ROOT, "tools", "thread-sanitizer"), "--planted"], capture_output=True,
        text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["race", "mutex", "atomic", "copy", "task"]
    assert not lines[0].startswith("race: 0 ")


def test_reports_about_the_same_lines_are_one(tmp_path):
    (tmp_path / "report.1").write_text(REPORT.format(line=3) + REPORT.format(line=3))
    (tmp_path / "report.2").write_text(REPORT.format(line=3) + REPORT.format(line=4))
    (tmp_path / "report.3").write_text("ThreadSanitizer: Matched 1 suppressions (pid=3):\n")
    found = reports(tmp_path)
    assert [count for _, count in found] == [3, 1]
    assert found[0][0].summary == "data race Sources/Server/A.swift:3 in add"


def test_a_crash_under_the_sanitizer_is_a_report():
    assert FOUND.search("==1==ERROR: ThreadSanitizer: SEGV on unknown address")
    assert Report("FATAL: ThreadSanitizer: unexpected memory mapping").summary.startswith("FATAL")


def test_what_is_left_out_is_there_to_be_left_out():
    assert all(os.path.exists(os.path.join(HERE, name)) for name in LEFT_OUT)
