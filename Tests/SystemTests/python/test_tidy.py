"""tools/tidy finds what it is there to find, and nothing in this repository."""

import os
import subprocess

from harness.server import ROOT

TIDY = os.path.join(ROOT, "tools", "tidy")


def found(directory):
    done = subprocess.run([TIDY, directory], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def test_this_repository_is_tidy():
    status, output = found(ROOT)
    assert status == 0, output


def test_each_rule_is_kept_by_a_finding(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    files = {
        "Package.swift": 'target("Domain", []),\ntarget("Server", ["Domain", "Late"]),\n'
        'target("Late", []),\n',
        "Sources/Domain/A.swift": "import Glibc\n" + "enum Kind { case one, two, three }\n"
        + "func long() {\n" + "  x()\n" * 70 + "}\n"
        + "func g(_ k: Kind) {\n  switch k {\n  case .one: 1\n  default: 2\n  }\n}\n"
        + "let s = try! f()\nfatalError()\nunsafe h()\n" + "// " + "x" * 98 + "\n",
        "Sources/Server/B.swift": '// Task.detached in a comment\nlet a = "Task.detached"\n'
        "Task.detached { }\nprint(a)\nlet d = Date()\nTask.sleep(1)\nDispatchQueue.main\n",
        "Sources/Server/C.swift": "f()\n" * 501,
        "README.md": "[a](nowhere.md) [b](#nothing) `[c](code.md)` see /" + "root/x\n# Title\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    status, output = found(tmp_path)
    assert status == 1
    lines = output.splitlines()
    for expected in [
            "Package.swift:2: Server depends on Late, which stands after it",
            "Sources/Domain/A.swift:1: Domain may not import Glibc",
            "Sources/Domain/A.swift:3: a function of 72 lines, at most 70",
            "Sources/Domain/A.swift:78: no default over our own enum (Kind)",
            "Sources/Domain/A.swift:81: no try!: say what happens instead",
            "Sources/Domain/A.swift:82: a crash says why, in a sentence",
            "Sources/Domain/A.swift:83: no unsafe code here",
            "Sources/Domain/A.swift:84: 101 characters, at most 100",
            "Sources/Server/B.swift:3: no detached tasks: work stays on its shard",
            "Sources/Server/B.swift:4: libraries do not print",
            "Sources/Server/B.swift:5: no Date(): the clock is injected",
            "Sources/Server/B.swift:6: no sleeping: time is injected",
            "Sources/Server/B.swift:7: no Dispatch: shards are executors",
            "Sources/Server/C.swift:501: 501 lines, at most 500",
            "README.md:1: a link to nowhere.md, which is not there",
            "README.md:1: no heading for the link #nothing",
            "README.md:1: a path of one machine"]:
        assert expected in lines, f"not found: {expected}\n{output}"
    assert len(lines) == 17, output
