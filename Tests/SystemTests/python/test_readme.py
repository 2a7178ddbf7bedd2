"""What the README shows works as it stands there."""

import os
import re
import subprocess
import sys

from harness.clients import Lines
from harness.server import ROOT
from town import Person


def readme():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return file.read()


def test_the_python_example_runs(make_server):
    code = re.search(r"```python\n(.*?)```", readme(), re.S).group(1)
    with make_server() as server:
        assert "port=7667" in code
        done = subprocess.run(
            [sys.executable, "-c", code.replace("port=7667", f"port={server.port}")],
            capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert shown[0] == "ada Hello #summerfair"
    assert re.fullmatch(r"home post at \d+", shown[1])


def test_the_command_table_is_complete(shared_server):
    """Every command that the server lists, and none besides."""
    rows = re.findall(r"^\| (?!about)[\w ]+ \| (.*) \|$", readme(), re.M)
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Z …]*)`", row)}
    groups = {name[:-2] for name in named if name.endswith(" …")}
    listed = {
        name.replace("|", " ").upper()
        for name in Person("lines", shared_server.port).ask("COMMAND", "LIST")}
    missing = {
        name for name in listed - named if name.split(" ")[0] not in groups}
    assert not missing
    assert not {name for name in named if not name.endswith(" …")} - listed


def test_the_lines_of_the_first_session_work(make_server):
    with make_server() as server, Lines(server.port) as lines:
        for line in re.findall(r"^    > (.*)$", readme(), re.M):
            lines.send_raw(line.encode() + b"\n")
            assert lines.read() is not None
