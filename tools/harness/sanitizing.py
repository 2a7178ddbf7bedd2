"""tools/thread-sanitizer: builds with the thread sanitizer, runs tests, collects reports."""

import argparse
import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

from .server import ROOT

SCRATCH = os.path.join(ROOT, ".build", "thread")
SCRATCH_TESTS = os.path.join(ROOT, ".build", "thread-debug")
FOLDER = os.path.join(ROOT, "tools", "sanitizer")
SYSTEM_TESTS = os.path.join(ROOT, "Tests", "SystemTests", "python")
# The Swift tests in which threads meet.
SWIFT_TESTS = "JournalTests|EntitiesTests|EngineTests|ServerTests"
# How much longer everything takes, for tests that wait no longer than is reasonable otherwise.
SLOWNESS = 10
# These start no server, or measure what the sanitizer changes.
LEFT_OUT = [
    "test_tidy.py", "test_readme.py", "test_bench.py", "test_benchmarks.py",
    "test_thread_sanitizer.py",
]
RULE = "=" * 18 + "\n"
FOUND = re.compile(r"^(==\d+==)?(WARNING|ERROR|FATAL): ThreadSanitizer", re.M)
PLANTED = {"race": 1, "mutex": 0, "atomic": 0, "copy": 0, "task": 0}


class Report:
    """One finding of the sanitizer. Findings of the same `kind` are about the same lines."""

    def __init__(self, text):
        self.text = text
        summary = re.search(r"^SUMMARY: ThreadSanitizer: (.*)$", text, re.M)
        self.summary = summary.group(1) if summary else text.strip().splitlines()[0]
        frames = re.findall(r"^  \S.*\n    #0 (.*?)(?: \(.*)?$", text, re.M)
        self.kind = (self.summary, *frames[:2])


def reports(folder):
    """What processes with this `log_path` have reported, by kind: the first of each, and how many
    there are."""
    found = collections.OrderedDict()
    for path in sorted(glob.glob(os.path.join(folder, "report.*"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            for text in file.read().split(RULE):
                if not FOUND.search(text):
                    continue
                report = Report(text)
                first, count = found.get(report.kind, (report, 0))
                found[report.kind] = (first, count + 1)
    return list(found.values())


def environment(folder):
    """For the programs that are run: reports go to files of their own, and the exit status stays
    what it is, since tests look at it."""
    options = {
        "log_path": os.path.join(folder, "report"),
        "suppressions": os.path.join(FOLDER, "suppressions"),
        "halt_on_error": 0,
        "exitcode": 0,
        "history_size": 4,
        # The runtime's libraries are not instrumented: what they touch by themselves is theirs.
        "ignore_noninstrumented_modules": 1,
        # Crashes are looked at by tests, which want the system's way of dying.
        **{f"handle_{signal}": 0 for signal in ("segv", "abort", "sigill", "sigbus", "sigtrap")},
        "disable_coredump": 0,
        # Ended processes have threads that nobody waits for.
        "report_thread_leaks": 0,
    }
    return os.environ | {
        "TSAN_OPTIONS": ":".join(f"{name}={value}" for name, value in options.items()),
        "ROOST_SLOWNESS": str(SLOWNESS),
        "ROOST_SANITIZER": "thread",
    }


def runtime_object():
    """What tells the sanitizer of Swift's runtime, which it does not see; to be linked in."""
    made = os.path.join(ROOT, ".build", "sanitizer", "runtime.o")
    os.makedirs(os.path.dirname(made), exist_ok=True)
    subprocess.run(
        ["clang", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC", "-c",
         os.path.join(FOLDER, "runtime.c"), "-o", made], check=True)
    return made


def build_flags(scratch):
    return ["--sanitize=thread", "--scratch-path", scratch, "-Xswiftc", "-g",
            "-Xlinker", runtime_object()]


def build():
    flags = ["-c", "release", "--product", "roost", "-q"] + build_flags(SCRATCH)
    subprocess.run(["swift", "build", *flags], cwd=ROOT, check=True)
    return os.path.join(SCRATCH, "release", "roost")


def run_system_tests(folder, arguments):
    binary = build()
    if not any(os.path.exists(os.path.join(SYSTEM_TESTS, word.split("::")[0]))
               for word in arguments):
        arguments = [SYSTEM_TESTS, *arguments]
    left_out = [f"--ignore={os.path.join(SYSTEM_TESTS, name)}" for name in LEFT_OUT]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *left_out, *arguments],
        cwd=SYSTEM_TESTS, env=environment(folder) | {"ROOST_BINARY": binary}).returncode


def run_swift_tests(folder, filters):
    chosen = "|".join(filters) or SWIFT_TESTS
    return subprocess.run(
        ["swift", "test", *build_flags(SCRATCH_TESTS), "--filter", chosen], cwd=ROOT,
        env=environment(folder)).returncode


def run_planted():
    """Whether races are found, and only races."""
    right = True
    with tempfile.TemporaryDirectory(prefix="roost-sanitizer-") as folder:
        program = os.path.join(folder, "planted")
        subprocess.run(
            ["swiftc", "-O", "-g", "-swift-version", "6", "-sanitize=thread",
             os.path.join(FOLDER, "planted.swift"), runtime_object(), "-o", program], check=True)
        for name, wanted in PLANTED.items():
            logs = os.path.join(folder, name)
            os.makedirs(logs)
            status = subprocess.run([program, name], env=environment(logs)).returncode
            found = reports(logs)
            as_wanted = status == 0 and len(found) >= wanted and (wanted or not found)
            right = right and as_wanted
            print(f"{name}: {len(found)} reported, {'as it is to be' if as_wanted else 'WRONG'}")
    return 0 if right else 1


def main():
    parser = argparse.ArgumentParser(prog="tools/thread-sanitizer")
    parser.add_argument("--swift", action="store_true", help="the Swift tests")
    parser.add_argument("--planted", action="store_true", help="a program with a race")
    options, arguments = parser.parse_known_args()
    if options.planted:
        return run_planted()
    with tempfile.TemporaryDirectory(prefix="roost-sanitizer-") as folder:
        run = run_swift_tests if options.swift else run_system_tests
        status = run(folder, arguments)
        found = reports(folder)
    for report, count in found:
        print(f"{RULE}{report.text.strip()}\n({count} times)")
    print(f"thread sanitizer: {len(found)} kinds of reports, "
          f"{sum(count for _, count in found)} in all; the tests "
          f"{'passed' if status == 0 else f'ended with status {status}'}")
    return 1 if found or status != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
