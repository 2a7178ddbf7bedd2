"""What the figures were measured on: processor, memory, kernel, file system, versions."""

from __future__ import annotations

import os
import platform
import re
import subprocess

from benchmarks.peers.postgres_server import POSTGRES_BIN
from benchmarks.workplace import Workplace
from harness.server import ROOT


def _revision() -> str:
    """The commit, and whether anything but what the benchmarks record differs from it."""
    commit = _first_line("git", "-C", ROOT, "describe", "--always")
    changed = _first_line(
        "git", "-C", ROOT, "status", "--porcelain", "--", ".", ":!docs/benchmarks*")
    return f"{commit}-dirty" if changed else commit


def _first_line(*command: str) -> str:
    """Of what a program prints, or "unknown" where it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return "unknown"
    return (done.stdout or done.stderr).strip().split("\n")[0]


def _field(path: str, pattern: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        match = re.search(pattern, file.read(), re.M)
    return match.group(1).strip() if match else "unknown"


def file_system(directory: str) -> str:
    """The type of the file system that holds a directory, as ext4."""
    return _first_line("findmnt", "-n", "-o", "FSTYPE", "-T", directory)


def describe(workplace: Workplace) -> dict[str, str]:
    """Names and values, in the order in which they are shown."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _field("/proc/cpuinfo", r"^model name\s*: (.*)$"),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gib:.1f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": file_system(workplace.directory),
        "Roost": _revision(),
        "Swift": _field_of(_first_line("swift", "--version"), r"version (\S+)"),
        "Redis": _field_of(_first_line("redis-server", "--version"), r"v=(\S+)"),
        "PostgreSQL": _field_of(
            _first_line(os.path.join(POSTGRES_BIN, "postgres"), "--version"), r"\) (\S+)"),
        "LMDB": _first_line("pkg-config", "--modversion", "lmdb"),
        "C compiler": _first_line("cc", "--version"),
        "Python": platform.python_version(),
    }


def _field_of(text: str, pattern: str) -> str:
    match = re.search(pattern, text)
    return match.group(1) if match else text


# What must be the same for absolute figures of two runs to be compared.
COMPARABLE = ["processor", "cores", "memory"]
