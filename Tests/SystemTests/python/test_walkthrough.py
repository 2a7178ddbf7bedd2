"""docs/walkthrough.md does what it says, block by block."""

import doctest
import os
import re

from harness.server import ROOT, run

BLOCK = re.compile(r"```(python|console)\n(.*?)```", re.S)


def blocks():
    with open(os.path.join(ROOT, "docs", "walkthrough.md"), encoding="utf-8") as file:
        return BLOCK.findall(file.read())


def test_every_block_of_the_walkthrough_works(make_server):
    server = make_server()
    names = {}
    port = 0
    verified = 0
    for kind, text in blocks():
        if kind == "python":
            run_session(text.replace("7667", str(port)).replace("roost-data", server.data), names)
            continue
        for line in text.splitlines():
            if server.process:
                assert server.wait() == 0, server.output
            if line == "$ roost serve --data roost-data":
                port = server.start(port).port
            else:
                assert line == "$ roost verify --data roost-data"
                done = run("verify", "--data", server.data)
                assert done.returncode == 0, done.stdout + done.stderr
                verified += 1
    assert verified == 1 and server.is_running


def run_session(text, names):
    """Runs what stands behind >>>, and compares what stands below."""
    told = []
    test = doctest.DocTestParser().get_doctest(text, names, "walkthrough", "walkthrough.md", 0)
    assert test.examples
    runner = doctest.DocTestRunner(verbose=False)
    failed = runner.run(test, out=told.append, clear_globs=False).failed
    assert not failed, "".join(told)
    names.update(test.globs)
